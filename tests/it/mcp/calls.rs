//! Calls that go wrong are answered, each in one form, and say what to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rmcp::ServiceError;
use rmcp::model::{ErrorCode, ReadResourceRequestParams};
use serde_json::{Value, json};
use snipara_orchestrator::mcp::{CallLimits, Opener, ServerOptions};

use crate::support::mcp_client::{
    Client, Era, failing_opener, hanging_opener, panicking_opener, some_check, store_unavailable,
};

fn all() -> ServerOptions {
    ServerOptions { toolsets: Some(vec!["all".to_owned()]), ..ServerOptions::default() }
}

async fn refused(client: &Client, tool: &str, arguments: Value) -> String {
    let document = client.failure(tool, arguments).await;
    assert_eq!(document["code"], "invalid_input", "{document}");
    assert!(!document["hint"].as_str().expect("a hint").is_empty());
    document["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn unknown_fields_are_refused_with_the_nearest_name_before_anything_is_opened() {
    let client = Client::open(Era::Initialize, all(), panicking_opener()).await;
    for (tool, arguments, message) in [
        ("run_task", json!({"live_check": []}), "unknown field `live_check` in run_task: did you mean `live_checks`?"),
        (
            "run_task",
            json!({"title": "t", "live_checks": [{"url": "/"}, {"url": "/", "expected_code": 200}]}),
            "unknown field `expected_code` in run_task live_checks[1]: did you mean `expected_status`?",
        ),
        (
            "task_status",
            json!({"task_id": "x", "wait": 1}),
            "unknown field `wait` in task_status: did you mean `wait_seconds`?",
        ),
        ("validate_endpoint", json!({"uri": "/"}), "unknown field `uri` in validate_endpoint: did you mean `url`?"),
        ("check_drift", json!({"route": []}), "unknown field `route` in check_drift: did you mean `routes`?"),
        ("verify_proofs", json!({"all": true}), "unknown field `all` in verify_proofs"),
    ] {
        assert_eq!(refused(&client, tool, arguments).await, message);
    }
}

#[tokio::test]
async fn wrong_types_and_missing_fields_are_named() {
    let client = Client::open(Era::Discover, all(), panicking_opener()).await;
    for (tool, arguments, message) in [
        (
            "run_task",
            json!({"local_tests": "npm test"}),
            "local_tests in run_task must be a list, not the text \"npm test\"",
        ),
        ("run_task", json!({"live_checks": [["/health"]]}), "live_checks[0] in run_task must be an object, not a list"),
        ("run_task", json!({"live_checks": "[]"}), "live_checks in run_task must be a list, not the text \"[]\""),
        (
            "run_task",
            json!({"keep_going": "yes"}),
            "keep_going in run_task must be true or false, not the text \"yes\"",
        ),
        ("task_status", json!({}), "missing field `task_id` in task_status"),
        ("validate_endpoint", json!({"url": 5}), "url in validate_endpoint must be text, not 5"),
        (
            "validate_endpoint",
            json!({"url": "/", "headers": {"x": 1}}),
            "headers.x in validate_endpoint must be text, not 1",
        ),
        (
            "validate_endpoint",
            json!({"url": "/", "expected_status": {"is": 200}}),
            "expected_status in validate_endpoint must be a whole number or text or a list, not an object",
        ),
    ] {
        assert_eq!(refused(&client, tool, arguments).await, message);
    }
}

#[tokio::test]
async fn values_that_a_schema_cannot_hold_back_are_refused() {
    let client = Client::open(Era::Initialize, all(), panicking_opener()).await;
    for (tool, arguments, part) in [
        ("run_task", json!({"wait_seconds": 601}), "wait_seconds: is 601: it must lie between 0 and 600"),
        ("run_task", json!({"wait_seconds": -1}), "wait_seconds: is -1"),
        ("task_status", json!({"task_id": "x", "wait_seconds": 100_000}), "wait_seconds: is 100000"),
        ("run_task", json!({"settle_seconds": -5}), "settle_seconds: is -5"),
        ("run_task", json!({"converge": {"interval_ms": 5}}), "converge.interval_ms: is 5"),
        ("run_task", json!({"converge": "{\"interval_ms\": 5}"}), "converge.interval_ms: is 5"),
        ("run_task", json!({"live_checks": [{"url": "/", "timeout_s": 0}]}), "live_checks[0].timeout_s is 0"),
        ("validate_endpoint", json!({"url": "/", "method": "FETCH"}), "method `FETCH` is not supported"),
        ("validate_endpoint", json!({"url": "/", "expected_status": 99}), "expected_status `99` is not a status"),
        ("export_receipt", json!({"task_id": "a deploy"}), "`a deploy` is not a task id"),
    ] {
        let message = refused(&client, tool, arguments).await;
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn an_unknown_tool_is_a_protocol_error_with_the_nearest_name() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), panicking_opener()).await;
    let error = client.call("run_tsak", json!({})).await.expect_err("refused");
    let ServiceError::McpError(error) = error else { panic!("{error}") };
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert_eq!(error.message, "unknown tool `run_tsak`: did you mean `run_task`?");
}

#[tokio::test]
async fn a_failing_opener_is_answered_and_tried_again_at_the_next_call() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let opener: Opener = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(store_unavailable()) })
    });
    for era in Era::BOTH {
        let client = Client::open(era, ServerOptions::default(), opener.clone()).await;
        let before = count.load(Ordering::SeqCst);
        for _ in 0..2 {
            let document = client.failure("task_status", json!({"task_id": "x"})).await;
            let told = json!({
                "code": "store_unavailable",
                "message": "/state/store.sqlite3 is read-only: make it and its folder writable for this user, or set \
                            SNIPARA_ORCHESTRATOR_HOME to another folder",
                "hint": "make the state folder writable and try again; nothing of this request was written",
            });
            assert_eq!(document, told);
        }
        assert_eq!(count.load(Ordering::SeqCst), before + 2);
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_the_server_goes_on() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), panicking_opener()).await;
    for _ in 0..2 {
        let document = client.failure("validate_endpoint", some_check()).await;
        assert_eq!(document["code"], "internal_error");
        assert!(document["message"].as_str().expect("text").contains("the opener broke"), "{document}");
    }
    assert_eq!(client.session.list_all_tools().await.expect("a list").len(), 11);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered() {
    let limits = CallLimits { whole: Duration::from_millis(20), ..CallLimits::default() };
    let client = Client::with_limits(Era::Initialize, ServerOptions::default(), hanging_opener(), limits).await;
    assert_eq!(client.failure("check_drift", json!({})).await["code"], "timed_out");
}

#[tokio::test]
async fn more_calls_than_allowed_are_told_to_wait_but_a_run_can_always_be_cancelled() {
    let limits = CallLimits { at_once: 1, turn: Duration::from_millis(20), whole: Duration::from_secs(2) };
    let client = Client::with_limits(Era::Initialize, all(), hanging_opener(), limits).await;
    let (first, second, cancel) = tokio::join!(
        client.failure("check_drift", json!({})),
        client.failure("check_drift", json!({})),
        client.failure("task_cancel", json!({"task_id": "x"})),
    );
    let mut codes = [first["code"].as_str(), second["code"].as_str()];
    codes.sort_unstable();
    assert_eq!(codes, [Some("busy"), Some("timed_out")]);
    assert_eq!(cancel["code"], "timed_out", "it had its turn at once");
}

#[tokio::test]
async fn resources_that_do_not_exist_or_cannot_be_read_are_answered() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), failing_opener()).await;
    for (uri, code) in [
        ("file:///etc/passwd", ErrorCode::RESOURCE_NOT_FOUND),
        ("proof://first", ErrorCode::RESOURCE_NOT_FOUND),
        ("ledger://head", ErrorCode::INTERNAL_ERROR),
    ] {
        let error = client.session.read_resource(ReadResourceRequestParams::new(uri)).await.expect_err("refused");
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert_eq!(error.code, code, "{uri}: {error}");
    }
}
