//! How `serve` starts, and what it tells about itself.

use serde_json::json;

use crate::support::http_process::{Site, task};
use crate::support::http_served::{modern, told};
use crate::support::patience::PATIENCE;

/// Runs `serve` to its end; returns its exit code and what it said.
async fn refused(site: &Site, words: &[&str]) -> (Option<i32>, String) {
    let output = tokio::time::timeout(PATIENCE, site.command("serve", words).output());
    let output = output.await.expect("an end in time").expect("it ran");
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn an_address_in_use_is_exit_3_with_the_fix() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let (code, told) = refused(&site, &["--bind", &server.authority()]).await;
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("is in use") && told.contains("--bind"), "{told}");
}

#[tokio::test]
async fn listening_off_loopback_without_a_token_is_refused() {
    let site = Site::new().await;
    for address in ["0.0.0.0:0", "[::]:0"] {
        let (code, told) = refused(&site, &["--bind", address]).await;
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("not on loopback") && told.contains("--token-file"), "{told}");
    }
}

#[tokio::test]
async fn words_that_cannot_be_used_are_named() {
    let site = Site::new().await;
    for (words, named) in [
        (&["--bind", "example.com:80"][..], "--bind"),
        (&["--bind", "127.0.0.1:0", "--allow-origin", "app.example.com"], "--allow-origin"),
        (&["--bind", "127.0.0.1:0", "--allow-host-header", "https://x"], "--allow-host-header"),
        (&["--bind", "127.0.0.1:0", "--tls-cert", "/nowhere/a.pem"], "--tls-key"),
        (&["--bind", "127.0.0.1:0", "--tls-cert", "/nowhere/a.pem", "--tls-key", "/nowhere/k.pem"], "/nowhere/a.pem"),
        (&["--bind", "127.0.0.1:0", "--max-sessions", "0"], "--max-sessions"),
        (&["--bind", "127.0.0.1:0", "--toolsets", "validat"], "validate"),
    ] {
        let (code, told) = refused(&site, words).await;
        assert_eq!(code, Some(2), "{words:?}: {told}");
        assert!(told.contains(named), "{words:?}: {told}");
    }
}

#[tokio::test]
async fn health_readiness_and_numbers_are_told() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let get = |path: &str| told(reqwest::Client::new().get(format!("http://{}{path}", server.authority())));
    assert_eq!(get("/healthz").await.status, 200);
    assert_eq!(get("/readyz").await.status, 200);
    let nowhere = get("/nothing").await;
    assert_eq!(nowhere.status, 404);
    let done = told(modern(&server.url, "tools/call", json!({"name": "run_task", "arguments": task(&[])}))).await;
    assert_eq!(done.json()["result"]["structuredContent"]["status"], "done", "{done:?}");
    told(modern(&server.url, "tools/call", json!({"name": "recall", "arguments": {"query": ""}}))).await;
    let numbers = get("/metrics").await;
    assert!(numbers.header("content-type").expect("a type").starts_with("application/openmetrics-text"));
    for line in [
        "snipara_orchestrator_calls_total{tool=\"run_task\",outcome=\"ok\"} 1",
        "snipara_orchestrator_calls_total{tool=\"recall\",outcome=\"failed\"} 1",
        "snipara_orchestrator_http_requests_total{route=\"/healthz\",status=\"200\"} 1",
        "snipara_orchestrator_http_requests_total{route=\"other\",status=\"404\"} 1",
        "snipara_orchestrator_connections ",
    ] {
        assert!(numbers.body.contains(line), "{line} in {}", numbers.body);
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_not_ready_and_shows_no_path() {
    let site = Site::new().await;
    // A file where the state's folder should be.
    let blocked = site.path().join("blocked");
    std::fs::write(&blocked, "x").expect("written");
    let mut command = site.command("serve", &["--bind", "127.0.0.1:0", "--no-token"]);
    command.env("SNIPARA_ORCHESTRATOR_HOME", &blocked);
    let server = crate::support::http_process::HttpProcess::started(command).await;
    let get = |path: &str| told(reqwest::Client::new().get(format!("http://{}{path}", server.authority())));
    assert_eq!(get("/healthz").await.status, 200);
    let answer = get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.starts_with("not ready: ") && !answer.body.contains('/'), "{}", answer.body);
}
