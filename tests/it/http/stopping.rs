//! Signals, and clients that vanish.

use serde_json::json;

use snipara_orchestrator::http::HttpSettings;
use snipara_orchestrator::mcp::Server;

use crate::support::http_process::{Site, endless, task};
use crate::support::http_served::{HttpServed, initialize, modern, posting, told};
use crate::support::mcp_client::{every_tool, failing_opener};
use crate::support::mcp_process::runs;
use crate::support::patience::until;

#[tokio::test]
async fn a_signal_ends_the_run_records_it_answers_its_caller_and_exits_0() {
    for (signal, seconds) in [("TERM", 86_411), ("INT", 86_412)] {
        let site = Site::new().await;
        let mut server = site.serve(&["--allow-any-command"]).await;
        let (command, marker) = endless(seconds);
        let call = json!({"name": "run_task", "arguments": task(&[&command])});
        let answering = tokio::spawn(told(modern(&server.url, "tools/call", call)));
        until("the local test runs", || runs(&marker)).await;
        server.signal(signal);
        let answer = answering.await.expect("no panic");
        let report = answer.json()["result"]["structuredContent"].clone();
        assert_eq!(report["cause"], "cancelled", "{answer:?}");
        assert_eq!(server.ended().await.code(), Some(0), "{}", server.told());
        assert!(!runs(&marker), "the child outlived its server");
        let shown = site.asked("task", &["show", report["task_id"].as_str().expect("an id")]).await;
        assert!(shown.to_string().contains("cancelled"), "{shown}");
    }
}

#[tokio::test]
async fn a_server_that_a_program_stops_closes_its_address() {
    let server = HttpServed::start(HttpSettings::default(), Server::new(&every_tool(), failing_opener()).expect("one"));
    let server = server.await;
    let address = server.address;
    server.stopped().await;
    assert!(std::net::TcpListener::bind(address).is_ok(), "the address is free");
}

#[tokio::test]
async fn open_streams_and_idle_connections_do_not_hold_a_stop_back() {
    let site = Site::new().await;
    let mut server = site.serve(&[]).await;
    let client = reqwest::Client::new();
    let opened = told(posting(&server.url, &initialize())).await;
    let session = opened.header("mcp-session-id").expect("a session").to_owned();
    let listening = client.get(&server.url).header("accept", "text/event-stream").header("mcp-session-id", session);
    let listening = listening.send().await.expect("a stream");
    assert_eq!(listening.status(), 200);
    let sse = client.get(format!("http://{}/sse", server.authority())).send().await.expect("a stream");
    let idle = std::net::TcpStream::connect(server.authority()).expect("a connection");
    server.signal("TERM");
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.told());
    drop((listening, sse, idle));
}

#[tokio::test]
async fn a_client_of_2026_07_28_that_vanishes_ends_its_run_and_nothing_is_lost() {
    let site = Site::new().await;
    let server = site.serve(&["--allow-any-command"]).await;
    let (command, marker) = endless(86_413);
    let call = json!({"name": "run_task", "arguments": task(&[&command])});
    let vanishing = tokio::spawn(told(modern(&server.url, "tools/call", call)));
    until("the local test runs", || runs(&marker)).await;
    vanishing.abort();
    until("the child is gone", || !runs(&marker)).await;
    let verified = site.asked("proofs", &["verify"]).await;
    assert!(verified["problems"].as_array().is_none_or(Vec::is_empty), "{verified}");
    let listed = site.asked("task", &["list"]).await;
    assert!(listed.to_string().contains("Deploy"), "the run is recorded: {listed}");
}

#[tokio::test]
async fn a_client_with_a_session_that_vanishes_finds_its_run_again() {
    let site = Site::new().await;
    let server = site.serve(&["--allow-any-command"]).await;
    let opened = told(posting(&server.url, &initialize())).await;
    let session = opened.header("mcp-session-id").expect("a session").to_owned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    told(posting(&server.url, &ready).header("mcp-session-id", &session)).await;
    let gate = site.path().join("gate");
    let command = format!("sh -c 'while ! test -e {}; do sleep 0.05; done'", gate.display());
    let arguments = json!({"name": "run_task", "arguments": task(&[&command])});
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": arguments});
    let vanishing = tokio::spawn(told(posting(&server.url, &call).header("mcp-session-id", &session)));
    let marker = format!("while ! test -e {}; do sleep 0.05; done", gate.display());
    until("the local test runs", || runs(&marker)).await;
    vanishing.abort();
    std::fs::write(&gate, "").expect("written");
    let mut tasks = json!(null);
    let end = tokio::time::Instant::now() + crate::support::patience::PATIENCE;
    while !tasks.to_string().contains("\"done\"") {
        assert!(tokio::time::Instant::now() < end, "{tasks}");
        tasks = site.asked("task", &["list"]).await;
    }
}
