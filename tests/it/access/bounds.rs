//! What one caller asks for leaves room for others.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use snipara_orchestrator::mcp::{CallLimits, Opener, Server};

use super::{ADA, BOB, settings};
use crate::support::http_process::task;
use crate::support::http_served::{HttpServed, initialize, modern, posting, told};
use crate::support::mcp_client::every_tool;
use crate::support::patience::{PATIENCE, until};
use crate::support::world::World;

async fn serving(world: &World, limits: CallLimits) -> HttpServed {
    let orchestrator = world.orchestrator.clone();
    let opener: Opener = Arc::new(move || {
        let orchestrator = orchestrator.clone();
        Box::pin(async move { Ok(orchestrator) })
    });
    let server = Server::with_limits(&every_tool(), opener, limits).expect("a server");
    HttpServed::start(settings(None), server).await
}

async fn called(server: &HttpServed, token: &str, tool: &str, arguments: Value) -> Value {
    let params = json!({"name": tool, "arguments": arguments});
    told(modern(&server.url("/mcp"), "tools/call", params).bearer_auth(token)).await.json()["result"].clone()
}

/// Opens a stream and reads its first event; returns it with the address for messages.
async fn streaming(server: &HttpServed, token: &str) -> (reqwest::Response, String) {
    let mut stream = reqwest::Client::new().get(server.url("/sse")).bearer_auth(token).send().await.expect("a stream");
    let first =
        tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("in time").expect("read").expect("an event");
    let first = String::from_utf8_lossy(&first).into_owned();
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint").to_owned();
    (stream, server.url(&path))
}

fn running(world: &World) -> usize {
    world.sqlite3("SELECT count(*) FROM runs WHERE state = 'running'").trim().parse().expect("a number")
}

fn long(wait_seconds: u32) -> Value {
    let mut arguments = task(&["sleep 300"]);
    arguments["wait_seconds"] = json!(wait_seconds);
    arguments
}

#[tokio::test]
async fn calls_of_one_caller_that_wait_keep_nobody_else_from_working_or_looking() {
    let world = World::new().await;
    let limits = CallLimits { at_once: 4, turn: Duration::from_millis(300), ..CallLimits::default() };
    let server = serving(&world, limits).await;
    let (_stream, messages) = streaming(&server, ADA).await;
    let say = |message: Value| told(posting(&messages, &message).bearer_auth(ADA));
    assert_eq!(say(initialize()).await.status, 202);
    say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    for id in 2..10 {
        let params = json!({"name": "run_task", "arguments": long(600)});
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        assert_eq!(say(call).await.status, 202);
    }
    until("her share is taken", || running(&world) >= 2).await;
    for _ in 0..4 {
        let recalled = called(&server, BOB, "recall", json!({"query": "anything"})).await;
        assert_ne!(recalled["isError"], true, "{recalled}");
    }
    assert_eq!(running(&world), 2, "half of the turns are hers");
    let own = called(&server, ADA, "recall", json!({"query": "anything"})).await;
    assert!(own["isError"] == true && own.to_string().contains("2 calls of this caller"), "{own}");
    // Her runs, and what became of them, she can always look at.
    let id = world.sqlite3("SELECT task_id FROM runs WHERE state = 'running' LIMIT 1").trim().to_owned();
    let status = called(&server, ADA, "task_status", json!({"task_id": id, "wait_seconds": 0})).await;
    assert_eq!(status["structuredContent"]["running"], true, "{status}");
    let params = json!({"taskId": format!("{id}.1"), "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
    }});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tasks/get", "params": params});
    let looked = posting(&server.url("/mcp"), &message).header("mcp-protocol-version", "2026-07-28");
    let looked = looked.header("mcp-method", "tasks/get").header("mcp-name", format!("{id}.1")).bearer_auth(ADA);
    let looked = told(looked).await.json();
    assert_eq!(looked["result"]["status"], "working", "{looked}");
    world.orchestrator.shut_down().await;
}

#[tokio::test]
async fn runs_that_nobody_waits_for_are_bounded_and_one_caller_leaves_room_for_another_s() {
    let world = World::new().await;
    let server = serving(&world, CallLimits::default()).await;
    let mut last = json!(null);
    for _ in 0..32 {
        last = called(&server, ADA, "run_task", long(0)).await;
        assert_eq!(last["structuredContent"]["running"], true, "{last}");
    }
    let refused = called(&server, ADA, "run_task", long(0)).await;
    assert!(refused["isError"] == true && refused.to_string().contains("32 runs of this caller go on"), "{refused}");
    let tasks = world.sqlite3("SELECT count(*) FROM tasks");
    assert_eq!(tasks.trim(), "32", "the refused one was not written");
    let proven = called(&server, BOB, "run_task", task(&["true"])).await;
    assert_eq!(proven["structuredContent"]["status"], "done", "{proven}");
    called(&server, ADA, "task_cancel", json!({"task_id": last["structuredContent"]["task_id"]})).await;
    let again = called(&server, ADA, "run_task", long(0)).await;
    assert_eq!(again["structuredContent"]["running"], true, "{again}");
    world.orchestrator.shut_down().await;
}
