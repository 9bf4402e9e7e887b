//! What a token does not allow is refused, in every form in which it can be asked for.

use serde_json::{Value, json};
use snipara_orchestrator::http::HttpSettings;
use snipara_orchestrator::http::auth::Tokens;
use snipara_orchestrator::mcp::Server;

use super::{ADA, ADMIN, READER, access, settings};
use crate::support::http_served::{HttpServed, Told, initialize, modern, posting, told};
use crate::support::mcp_client::{every_tool, failing_opener};
use crate::support::patience::PATIENCE;

async fn server() -> HttpServed {
    HttpServed::start(settings(None), Server::new(&every_tool(), failing_opener()).expect("a server")).await
}

fn call(tool: &str) -> Value {
    let params = json!({"name": tool, "arguments": {}});
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
}

fn assert_insufficient(answer: &Told, scope: &str) {
    assert_eq!(answer.status, 403, "{answer:?}");
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()), "{answer:?}");
    assert_eq!(answer.json()["error"], "insufficient_scope");
}

#[tokio::test]
async fn a_tool_that_needs_more_is_refused_in_the_era_without_sessions() {
    let server = server().await;
    let calling = |tool: &str, token: &str| {
        let params = json!({"name": tool, "arguments": {}});
        told(modern(&server.url("/mcp"), "tools/call", params).bearer_auth(token))
    };
    assert_insufficient(&calling("run_task", READER).await, "validate");
    assert_insufficient(&calling("remember", READER).await, "write");
    assert_insufficient(&calling("snipara_call", ADA).await, "admin");
    for (tool, token) in [("recall", READER), ("run_task", ADA), ("remember", ADA), ("snipara_call", ADMIN)] {
        assert_eq!(calling(tool, token).await.status, 200, "{tool}");
    }
}

/// Found by a stranger: a reader's model was offered every tool, and saw of each refusal only that it was one.
#[tokio::test]
async fn a_caller_is_offered_what_its_token_allows() {
    let server = server().await;
    for (token, offered, refused) in
        [(READER, "recall", "run_task"), (ADA, "run_task", "snipara_call"), (ADMIN, "snipara_call", "no_such_tool")]
    {
        let listed = told(modern(&server.url("/mcp"), "tools/list", json!({})).bearer_auth(token)).await.json();
        let tools = listed["result"]["tools"].as_array().expect("tools");
        let holds = |name: &str| tools.iter().any(|tool| tool["name"] == name);
        assert!(holds(offered) && !holds(refused), "{token}: {listed}");
    }
}

#[tokio::test]
async fn a_tool_that_needs_more_is_refused_inside_of_a_session() {
    let server = server().await;
    let url = server.url("/mcp");
    let opened = told(posting(&url, &initialize()).bearer_auth(READER)).await;
    let session = opened.header("mcp-session-id").expect("a session").to_owned();
    let ask = |message: &Value| told(posting(&url, message).header("mcp-session-id", &session).bearer_auth(READER));
    ask(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    assert_insufficient(&ask(&call("run_task")).await, "validate");
    assert_insufficient(&ask(&json!([call("recall"), call("forget")])).await, "write");
    assert_eq!(ask(&call("recall")).await.status, 200);
}

#[tokio::test]
async fn a_tool_that_needs_more_is_refused_over_sse() {
    let server = server().await;
    let opened = reqwest::Client::new().get(server.url("/sse")).bearer_auth(READER).send();
    let mut stream = opened.await.expect("a stream");
    let first =
        tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("in time").expect("read").expect("an event");
    let first = String::from_utf8_lossy(&first).into_owned();
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint");
    let refused = told(posting(&server.url(path), &call("run_task")).bearer_auth(READER)).await;
    assert_insufficient(&refused, "validate");
}

#[tokio::test]
async fn headers_that_say_less_than_the_body_do_not_help() {
    let server = server().await;
    let url = server.url("/mcp");
    for (method, name) in [("tools/call", "recall"), ("tools/list", "recall")] {
        let smuggling = posting(&url, &call("run_task"))
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method)
            .header("mcp-name", name);
        assert_insufficient(&told(smuggling.bearer_auth(READER)).await, "validate");
    }
}

#[tokio::test]
async fn evidence_of_a_run_needs_the_scope_that_changes_htasks() {
    let tokens = Tokens::read(&format!("val validate {READER}\nada validate,write {ADA}")).expect("tokens");
    let bounds = HttpSettings { access: access(tokens, None), ..HttpSettings::default() };
    let server = HttpServed::start(bounds, Server::new(&every_tool(), failing_opener()).expect("a server")).await;
    let arguments = json!({"title": "Deploy", "local_tests": [], "live_checks": [], "htask_id": "h1"});
    let running = |token: &str| {
        let params = json!({"name": "run_task", "arguments": arguments});
        told(modern(&server.url("/mcp"), "tools/call", params).bearer_auth(token))
    };
    let refused = running(READER).await;
    assert!(refused.body.contains("insufficient_scope") && refused.body.contains("write"), "{refused:?}");
    let allowed = running(ADA).await;
    assert!(!allowed.body.contains("insufficient_scope"), "{allowed:?}");
}

#[tokio::test]
async fn what_is_refused_for_its_scope_is_counted_like_any_request() {
    let bounds = settings(std::num::NonZeroU32::new(3));
    let server = HttpServed::start(bounds, Server::new(&every_tool(), failing_opener()).expect("a server")).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let params = json!({"name": "run_task", "arguments": {}});
        statuses.push(told(modern(&server.url("/mcp"), "tools/call", params).bearer_auth(READER)).await.status);
    }
    assert_eq!(statuses, [403, 403, 403, 429]);
}
