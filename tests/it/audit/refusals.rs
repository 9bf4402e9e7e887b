//! Refusals, and what lets callers do more.

use serde_json::json;

use super::{ADA, READER, about, mcp, tokens, trail};
use crate::support::http_process::Site;
use crate::support::http_served::{modern, told};

#[tokio::test]
async fn what_the_policies_refuse_over_pipes_is_written_with_its_reason() {
    let site = Site::new().await;
    let mut server = mcp(&site, &[]).await;
    let forbidden = json!({
        "title": "Deploy", "local_tests": ["rm -rf planted"], "live_checks": [{"url": "/api/users"}],
        "required_proofs": 1,
    });
    assert_eq!(server.call("run_task", forbidden).await["isError"], true);
    server.call("validate_endpoint", json!({"url": "https://planted.example/x"})).await;
    server.ask("tools/call", json!({"name": "planted_tool", "arguments": {}})).await;
    assert!(server.hang_up().await);
    let lines = trail(&site);
    assert_eq!(about(&lines, "run_task")[0]["outcome"], "command_not_allowed");
    let [egress] = about(&lines, "egress")[..] else { panic!("{lines:?}") };
    assert_eq!((&egress["who"], &egress["outcome"]), (&json!("caller"), &json!("blocked_by_policy")));
    assert!(egress["digest"].is_string());
    assert_eq!(about(&lines, "unknown")[0]["outcome"], "unknown_tool");
    assert!(!format!("{lines:?}").contains("planted"));
}

#[tokio::test]
async fn what_is_refused_over_http_is_written_with_its_reason() {
    let site = Site::new().await;
    let server = site.serve(&["--token-file", &tokens(&site), "--rate-per-minute", "2"]).await;
    let list = |token: &'static str| told(modern(&server.url, "tools/list", json!({})).bearer_auth(token));
    assert_eq!(list("planted-token-of-nobody").await.status, 401);
    assert_eq!(told(modern(&server.url, "tools/list", json!({}))).await.status, 401);
    let run = json!({"name": "run_task", "arguments": {"title": "planted-title"}});
    assert_eq!(told(modern(&server.url, "tools/call", run).bearer_auth(READER)).await.status, 403);
    for status in [200, 200, 429] {
        assert_eq!(list(ADA).await.status, status);
    }
    let lines = trail(&site);
    let of = |what: &str| -> Vec<_> {
        about(&lines, what).iter().map(|line| (line["who"].clone(), line["outcome"].clone())).collect()
    };
    let logins = of("login");
    assert!(logins.contains(&(json!("127.0.0.1"), json!("invalid_token"))), "{lines:?}");
    assert!(logins.contains(&(json!("127.0.0.1"), json!("unauthorized"))), "{lines:?}");
    assert_eq!(of("run_task"), [(json!("reader"), json!("insufficient_scope"))]);
    assert_eq!(of("request"), [(json!("ada"), json!("too_many_requests"))]);
    assert!(!format!("{lines:?}").contains("planted"), "{lines:?}");
}

#[tokio::test]
async fn flags_that_let_callers_do_more_and_a_repository_that_joins_are_written() {
    let site = Site::new().await;
    let words = ["--allow-any-command", "--allow-public", "--allow-host", "planted.example"];
    assert!(mcp(&site, &words).await.hang_up().await);
    site.asked("init", &["--join", "it"]).await;
    let lines = trail(&site);
    let permissions: Vec<_> =
        about(&lines, "permission").iter().map(|line| line["detail"].as_str().expect("which")).collect();
    assert_eq!(permissions, ["--allow-any-command", "--allow-public", "--allow-host", "join"], "{lines:?}");
    assert!(!format!("{lines:?}").contains("planted"), "{lines:?}");
}
