//! Sessions: whose they are, how many there may be, how they end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use snipara_orchestrator::domain::SystemClock;
use snipara_orchestrator::http::auth::{Access, AccessSettings, Tokens};
use snipara_orchestrator::http::{HttpLimits, HttpSettings};
use snipara_orchestrator::mcp::Server;

use crate::support::http_served::{HttpServed, Told, initialize, posting, told};
use crate::support::mcp_client::{every_tool, failing_opener};
use crate::support::patience::PATIENCE;

const ADA: &str = "planted-token-of-ada-0001";
const BOB: &str = "planted-token-of-bob-0001";

async fn server(settings: HttpSettings) -> HttpServed {
    HttpServed::start(settings, Server::new(&every_tool(), failing_opener()).expect("a server")).await
}

fn two_principals() -> HttpSettings {
    let tokens = Tokens::read(&format!("ada read {ADA}\nbob read {BOB}")).expect("tokens");
    let settings = AccessSettings { tokens, ..AccessSettings::default() };
    let fetch =
        Arc::new(|_| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> { Box::pin(async { Err(String::new()) }) });
    let access = Access::new(settings, fetch, Arc::new(SystemClock)).expect("access");
    HttpSettings { access: Arc::new(access), ..HttpSettings::default() }
}

fn list() -> serde_json::Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
}

async fn opened(server: &HttpServed) -> Told {
    told(posting(&server.url("/mcp"), &initialize())).await
}

fn session(told: &Told) -> String {
    told.header("mcp-session-id").unwrap_or_else(|| panic!("a session in {told:?}")).to_owned()
}

async fn ended(server: &HttpServed, id: &str) -> u16 {
    told(reqwest::Client::new().delete(server.url("/mcp")).header("mcp-session-id", id)).await.status
}

#[tokio::test]
async fn another_s_session_is_not_found_whatever_is_asked_of_it() {
    let server = server(two_principals()).await;
    let url = server.url("/mcp");
    let id = session(&told(posting(&url, &initialize()).bearer_auth(ADA)).await);
    let client = reqwest::Client::new();
    let ask = |token: &'static str| posting(&url, &list()).header("mcp-session-id", &id).bearer_auth(token);
    let listen = client.get(&url).header("accept", "text/event-stream");
    let end = client.delete(&url);
    for request in [
        ask(BOB),
        listen.header("mcp-session-id", &id).bearer_auth(BOB),
        end.header("mcp-session-id", &id).bearer_auth(BOB),
    ] {
        assert_eq!(told(request).await.status, 404);
    }
    assert_eq!(told(ask(ADA)).await.status, 200, "bob did not end it");
}

#[tokio::test]
async fn another_s_sse_session_is_not_found() {
    let server = server(two_principals()).await;
    let mut stream = reqwest::Client::new().get(server.url("/sse")).bearer_auth(ADA).send().await.expect("a stream");
    let first =
        tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("in time").expect("read").expect("an event");
    let first = String::from_utf8_lossy(&first).into_owned();
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint").to_owned();
    let post = |token: &'static str| told(posting(&server.url(&path), &initialize()).bearer_auth(token));
    assert_eq!(post(BOB).await.status, 404);
    assert_eq!(post(ADA).await.status, 202);
}

#[tokio::test]
async fn sessions_beyond_the_cap_are_told_to_come_later_and_an_ended_one_makes_room() {
    let limits = HttpLimits { sessions: 2, ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..HttpSettings::default() }).await;
    let (first, second) = (opened(&server).await, opened(&server).await);
    let third = opened(&server).await;
    assert_eq!((third.status, third.header("retry-after")), (503, Some("5")), "{third:?}");
    let stream = told(reqwest::Client::new().get(server.url("/sse"))).await;
    assert_eq!(stream.status, 503, "both transports share the room");
    assert_eq!(ended(&server, &session(&first)).await, 204);
    assert_eq!(opened(&server).await.status, 200);
    let ask = posting(&server.url("/mcp"), &list()).header("mcp-session-id", session(&second));
    assert_eq!(told(ask).await.status, 200, "the others go on");
    let gone = posting(&server.url("/mcp"), &list()).header("mcp-session-id", session(&first));
    assert_eq!(told(gone).await.status, 404);
}

#[tokio::test]
async fn ending_a_session_that_is_not_there_says_so() {
    let server = server(HttpSettings::default()).await;
    let id = session(&opened(&server).await);
    assert_eq!(ended(&server, "never-was").await, 404);
    assert_eq!((ended(&server, &id).await, ended(&server, &id).await), (204, 404));
}

#[tokio::test]
async fn one_owner_gets_a_quarter_of_the_sessions_and_another_still_has_room() {
    let limits = HttpLimits { sessions: 8, ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..two_principals() }).await;
    let open = |token: &'static str| told(posting(&server.url("/mcp"), &initialize()).bearer_auth(token));
    let first = session(&open(ADA).await);
    let _stream = reqwest::Client::new().get(server.url("/sse")).bearer_auth(ADA).send().await.expect("a stream");
    let third = open(ADA).await;
    assert_eq!((third.status, third.header("retry-after")), (503, Some("5")), "{third:?}");
    assert!(third.body.contains("2 sessions of this token's holder"), "{third:?}");
    let stream = told(reqwest::Client::new().get(server.url("/sse")).bearer_auth(ADA)).await;
    assert_eq!(stream.status, 503, "both transports share the quarter");
    assert_eq!(open(BOB).await.status, 200);
    let end = reqwest::Client::new().delete(server.url("/mcp")).header("mcp-session-id", first).bearer_auth(ADA);
    assert_eq!(told(end).await.status, 204);
    assert_eq!(open(ADA).await.status, 200, "an ended one makes room");
}

/// Opens a stream and reads its first event; returns it with the address for messages.
async fn streaming(server: &HttpServed) -> (reqwest::Response, String) {
    let mut stream = reqwest::Client::new().get(server.url("/sse")).send().await.expect("a stream");
    let first =
        tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("in time").expect("read").expect("an event");
    let first = String::from_utf8_lossy(&first).into_owned();
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint").to_owned();
    (stream, server.url(&path))
}

async fn until_it_ends(mut stream: reqwest::Response) -> String {
    let reading = async {
        let mut read = String::new();
        while let Some(chunk) = stream.chunk().await.expect("read") {
            read.push_str(&String::from_utf8_lossy(&chunk));
        }
        read
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an end in time")
}

#[tokio::test]
async fn an_sse_session_that_never_begins_is_ended_and_makes_room() {
    let limits = HttpLimits { sessions: 1, initialize: Duration::from_millis(50), ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..HttpSettings::default() }).await;
    let (stream, messages) = streaming(&server).await;
    until_it_ends(stream).await;
    assert_eq!(told(posting(&messages, &initialize())).await.status, 404);
    let again = reqwest::Client::new().get(server.url("/sse")).send().await.expect("an answer");
    assert_eq!(again.status(), 200);
}

#[tokio::test]
async fn a_silent_sse_session_is_ended_after_its_last_answer() {
    let limits = HttpLimits { sessions: 1, session_idle: Duration::from_millis(400), ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..HttpSettings::default() }).await;
    let (stream, messages) = streaming(&server).await;
    assert_eq!(told(posting(&messages, &initialize())).await.status, 202);
    let heard = until_it_ends(stream).await;
    assert!(heard.contains("snipara-orchestrator"), "{heard}");
    assert_eq!(told(posting(&messages, &list())).await.status, 404);
}

#[tokio::test]
async fn a_silent_session_is_forgotten_and_makes_room() {
    let limits = HttpLimits { sessions: 1, session_idle: Duration::from_millis(50), ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..HttpSettings::default() }).await;
    let id = session(&opened(&server).await);
    let end = tokio::time::Instant::now() + PATIENCE;
    while opened(&server).await.status != 200 {
        assert!(tokio::time::Instant::now() < end, "the session keeps its room");
    }
    let gone = posting(&server.url("/mcp"), &list()).header("mcp-session-id", id);
    assert_eq!(told(gone).await.status, 404);
}

#[tokio::test]
async fn a_refused_initialize_takes_no_room() {
    let limits = HttpLimits { sessions: 1, ..HttpLimits::default() };
    let server = server(HttpSettings { limits, ..HttpSettings::default() }).await;
    let broken = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}});
    assert_ne!(told(posting(&server.url("/mcp"), &broken)).await.status, 503);
    assert_eq!(opened(&server).await.status, 200);
}

#[tokio::test]
async fn a_stateless_server_opens_no_session() {
    let server = server(HttpSettings { stateless: true, ..HttpSettings::default() }).await;
    let stream = told(reqwest::Client::new().get(server.url("/sse"))).await;
    let message = told(posting(&server.url("/messages?sessionId=x"), &initialize())).await;
    for refused in [stream, message] {
        assert!(refused.status == 404 && refused.body.contains("--stateless has no HTTP+SSE"), "{refused:?}");
    }
    let answer = opened(&server).await;
    assert_eq!((answer.status, answer.header("mcp-session-id")), (200, None));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let listed = told(posting(&server.url("/mcp"), &list())).await;
    assert_eq!(listed.json()["result"]["tools"][0]["name"], "run_task", "{listed:?}");
}
