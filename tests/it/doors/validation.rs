//! Tasks, checks, drift, proofs and documents.

use serde_json::{Value, json};

use super::project::Door::CommandLine;
use super::verb::{Verb, verb};

const WHO: &str = "it names who asked";

fn checks() -> Value {
    json!([{ "url": "/api/users" }, { "url": "/api/orders", "method": "POST", "body": { "number": 9_007_199_254_740_993_i64 } },
           { "url": "/api/cart", "expected_status": ["2xx"], "timeout_s": 2.5, "headers": { "X-Trace": "1" } }])
}

const ENDPOINTS: [&str; 6] = [
    "--endpoint",
    "/api/users",
    "--check",
    r#"{"url": "/api/orders", "method": "POST", "body": {"number": 9007199254740993}}"#,
    "--check",
    r#"{"url": "/api/cart", "expected_status": ["2xx"], "timeout_s": 2.5, "headers": {"X-Trace": "1"}}"#,
];

fn a_task() -> Value {
    json!({ "title": "Deploy", "local_tests": [], "live_checks": [{ "url": "/api/users" }, { "url": "/api/orders" }, { "url": "/api/cart" }] })
}

pub(super) fn verbs() -> Vec<Verb> {
    let whole =
        ["run", "Deploy", "--description", "The shop", "--test", "true", "--required-proofs", "3", "--keep-going"];
    let whole: Vec<&'static str> = whole.into_iter().chain(ENDPOINTS).collect();
    let checklist: Vec<&'static str> = ["checklist", "--test", "true"].into_iter().chain(ENDPOINTS).collect();
    vec![
        verb("run_task")
            .mcp(
                "run_task",
                json!({ "title": "Deploy", "description": "The shop", "local_tests": ["true"], "live_checks": checks(),
                        "required_proofs": 3, "keep_going": true }),
            )
            .cli(&whole)
            .differs(&[CommandLine], "runs.holder_label", WHO)
            .differs(&[CommandLine], "ledger_entries.canonical/payload/holder/label", WHO),
        verb("run_task by default")
            .mcp("run_task", a_task())
            .cli(&["run", "Deploy", "-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart"])
            .differs(&[CommandLine], "runs.holder_label", WHO)
            .differs(&[CommandLine], "ledger_entries.canonical/payload/holder/label", WHO),
        verb("run_task again")
            .after("run_task", json!({ "title": "Deploy", "local_tests": ["false"], "live_checks": checks() }))
            .mcp("run_task", json!({ "task_id": "$task" }))
            .cli(&["run", "--task", "$task"])
            .differs(&[CommandLine], "runs.holder_label", WHO)
            .differs(&[CommandLine], "ledger_entries.canonical/payload/holder/label", WHO),
        verb("validate_endpoint")
            .mcp("validate_endpoint", json!({ "url": "/api/users" }))
            .cli(&["validate", "/api/users"]),
        verb("validate_endpoint with everything")
            .mcp(
                "validate_endpoint",
                json!({ "url": "/api/users", "method": "POST", "expected_status": ["2xx"], "headers": { "X-Trace": "1" },
                        "body": { "a": [1, null] }, "timeout_s": 2.5, "follow_redirects": true }),
            )
            .cli(&[
                "validate", "/api/users", "-m", "POST", "-e", "2xx", "-H", "X-Trace: 1", "-b", r#"{"a": [1, null]}"#,
                "--timeout", "2.5", "--follow-redirects",
            ]),
        verb("check_drift")
            .mcp("check_drift", json!({ "routes": ["/api/users", "/api/gone"], "check_schema": false, "check_health": true, "check_version": true }))
            .cli(&["check-drift", "-r", "/api/users", "-r", "/api/gone", "--no-schema", "--health", "--version-check"]),
        verb("cutover_checklist")
            .after("remember", json!({ "content": "the store is there" }))
            .mcp("cutover_checklist", json!({ "local_tests": ["true"], "live_checks": checks() }))
            .cli(&checklist),
        verb("task_status")
            .after("run_task", a_task())
            .mcp("task_status", json!({ "task_id": "$task" }))
            .cli(&["task", "show", "$task"]),
        verb("task_cancel of what does not run")
            .after("run_task", a_task())
            .mcp("task_cancel", json!({ "task_id": "$task" }))
            .cli(&["task", "cancel", "$task"])
            .refused(),
        verb("verify_proofs").after("run_task", a_task()).mcp("verify_proofs", json!({})).cli(&["proofs", "verify"]),
        verb("export_receipt")
            .after("run_task", a_task())
            .mcp("export_receipt", json!({ "task_id": "$task", "attempt": 1 }))
            .cli(&["proofs", "export", "--task", "$task", "--attempt", "1"]),
        verb("query_context")
            .mcp("query_context", json!({ "query": "How many items does a cart hold?" }))
            .cli(&["context", "How many items does a cart hold?"])
            .snipara("context_query", json!({ "query": "How many items does a cart hold?" })),
    ]
}
