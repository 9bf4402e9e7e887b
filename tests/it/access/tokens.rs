//! Without a good token nothing is answered but what tells whether the server lives.

use serde_json::json;
use snipara_orchestrator::mcp::Server;

use super::{ADA, READER, settings};
use crate::support::http_served::{HttpServed, initialize, modern, posting, told};
use crate::support::mcp_client::{every_tool, failing_opener};

async fn server() -> HttpServed {
    HttpServed::start(settings(None), Server::new(&every_tool(), failing_opener()).expect("a server")).await
}

#[tokio::test]
async fn every_route_of_the_protocol_asks_for_a_token() {
    let server = server().await;
    let client = reqwest::Client::new();
    for request in [
        posting(&server.url("/mcp"), &initialize()),
        modern(&server.url("/mcp"), "tools/list", json!({})),
        client.get(server.url("/mcp")).header("accept", "text/event-stream"),
        client.delete(server.url("/mcp")).header("mcp-session-id", "x"),
        client.get(server.url("/sse")),
        posting(&server.url("/messages?sessionId=x"), &initialize()),
        client.get(server.url("/metrics")),
    ] {
        let shown = format!("{request:?}");
        let without = told(request.try_clone().expect("a request")).await;
        assert_eq!(without.status, 401, "{shown}: {without:?}");
        assert_eq!(without.header("www-authenticate"), Some("Bearer"), "{shown}");
        let wrong = told(request.bearer_auth("planted-token-of-nobody")).await;
        assert_eq!(wrong.status, 401, "{shown}: {wrong:?}");
        assert_eq!(wrong.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{shown}");
        assert!(!wrong.body.contains("planted"), "{wrong:?}");
    }
    for open in ["/healthz", "/readyz"] {
        assert_eq!(told(client.get(server.url(open))).await.status, 200, "{open}");
    }
}

#[tokio::test]
async fn a_good_token_is_let_in_by_its_header_only() {
    let server = server().await;
    let list = || modern(&server.url("/mcp"), "tools/list", json!({}));
    assert_eq!(told(list().bearer_auth(ADA)).await.status, 200);
    assert_eq!(told(list().header("authorization", format!("bearer {ADA}"))).await.status, 200);
    assert_eq!(told(list().header("x-api-key", ADA)).await.status, 401);
    assert_eq!(told(list().header("cookie", format!("token={ADA}"))).await.status, 401);
    assert_eq!(told(list().basic_auth("ada", Some(ADA))).await.status, 401);
    let in_the_url = modern(&server.url(&format!("/mcp?token={ADA}")), "tools/list", json!({}));
    assert_eq!(told(in_the_url).await.status, 400);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_others_are_answered() {
    let bounds = settings(std::num::NonZeroU32::new(3));
    let server = HttpServed::start(bounds, Server::new(&every_tool(), failing_opener()).expect("a server")).await;
    let list = |token: &'static str| told(modern(&server.url("/mcp"), "tools/list", json!({})).bearer_auth(token));
    for _ in 0..3 {
        assert_eq!(list(ADA).await.status, 200);
    }
    let refused = list(ADA).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    let wait: u64 = refused.header("retry-after").expect("when").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(list(READER).await.status, 200);
}

#[tokio::test]
async fn those_that_only_listen_take_no_turn_from_those_that_ask() {
    let server = server().await;
    let client = reqwest::Client::new();
    let mut listening = Vec::new();
    for _ in 0..70 {
        let filter = json!({"notifications": {"toolsListChanged": true}});
        let listen = modern(&server.url("/mcp"), "subscriptions/listen", filter).bearer_auth(ADA);
        listening.push(client.execute(listen.build().expect("a request")).await.expect("a stream"));
    }
    assert!(listening.iter().all(|stream| stream.status() == 200), "{:?}", listening.last());
    assert_eq!(told(modern(&server.url("/mcp"), "tools/list", json!({})).bearer_auth(ADA)).await.status, 200);
}
