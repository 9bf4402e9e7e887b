//! Whole tasks through the real binary over HTTP, by rmcp's own client.

use rmcp::model::CallToolRequestParams;
use rmcp::service::{ClientServiceExt, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{RoleClient, ServiceError};
use serde_json::{Value, json};

use crate::support::http_process::{Site, task};
use crate::support::http_served::{modern, told};
use crate::support::mcp_client::Era;
use crate::support::patience::PATIENCE;

async fn connected(url: &str, era: Era) -> RunningService<RoleClient, ()> {
    let transport = StreamableHttpClientTransport::from_uri(url);
    let opened = ().serve_with_lifecycle(transport, era.lifecycle());
    tokio::time::timeout(PATIENCE, opened).await.expect("in time").expect("a session")
}

async fn called(client: &RunningService<RoleClient, ()>, tool: &str, arguments: Value) -> Result<Value, ServiceError> {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
    let result = tokio::time::timeout(PATIENCE, client.call_tool(call)).await.expect("in time")?;
    assert_ne!(result.is_error, Some(true), "{result:?}");
    Ok(result.structured_content.expect("structured content"))
}

#[tokio::test]
async fn a_whole_task_is_proven_and_refused_in_both_eras_with_sessions_and_without() {
    for mode in [&[][..], &["--stateless"]] {
        let site = Site::new().await;
        let words: Vec<&str> = mode.iter().chain(&["--toolsets", "all", "--allow-any-command"]).copied().collect();
        let server = site.serve(&words).await;
        for era in Era::BOTH {
            let client = connected(&server.url, era).await;
            let tools = client.list_all_tools().await.expect("tools");
            assert!(tools.iter().any(|tool| tool.name == "run_task"), "{mode:?} {era:?}");
            let report = called(&client, "run_task", task(&["true"])).await.expect("a report");
            assert_eq!(report["status"], "done", "{mode:?} {era:?}: {report}");
            // By another path: the command line reads the store.
            let id = report["task_id"].as_str().expect("an id");
            let shown = site.asked("task", &["show", id]).await;
            assert!(shown.to_string().contains("\"done\""), "{shown}");
            let failed = called(&client, "run_task", task(&["false"])).await.expect("a report");
            assert_eq!(failed["status"], "local_fail", "{failed}");
            client.cancel().await.expect("closed");
        }
        let verified = site.asked("proofs", &["verify"]).await;
        assert!(verified["problems"].as_array().is_none_or(Vec::is_empty), "{verified}");
    }
}

#[tokio::test]
async fn what_a_session_began_another_one_sees() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let first = connected(&server.url, Era::Initialize).await;
    let report = called(&first, "run_task", task(&[])).await.expect("a report");
    let second = connected(&server.url, Era::Discover).await;
    let status = called(&second, "task_status", json!({"task_id": report["task_id"]})).await.expect("a status");
    assert_eq!(status["status"], "done", "{status}");
}

#[tokio::test]
async fn a_request_of_2026_07_28_needs_no_session_and_opens_none() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let answer = told(modern(&server.url, "tools/list", json!({}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["result"]["tools"][0]["name"], "run_task", "{answer:?}");
    assert_eq!(answer.header("mcp-session-id"), None);
    let unknown = told(modern(&server.url, "ping", json!({}))).await;
    assert_eq!(unknown.status, 404, "the protocol has removed it: {unknown:?}");
}
