//! The setting, and what happens where the trail cannot be kept.

use serde_json::json;

use super::{about, lines, mcp, trail};
use crate::support::http_process::Site;
use crate::support::patience::PATIENCE;

/// Runs `remember` to its end; returns what it said on standard error.
async fn remember(site: &Site, words: &[&str]) -> String {
    let words: Vec<&str> = ["kept"].iter().chain(words).copied().collect();
    let output = tokio::time::timeout(PATIENCE, site.command("remember", &words).output());
    let output = output.await.expect("an end in time").expect("it ran");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    told
}

#[tokio::test]
async fn the_trail_is_where_the_flag_says_and_verbose_shows_it() {
    let site = Site::new().await;
    let elsewhere = site.path().join("log/lines.jsonl");
    let flag = json!({"file": elsewhere}).to_string();
    let told = remember(&site, &["--audit", &flag, "-v"]).await;
    let [line] = &lines(&elsewhere)[..] else { panic!("{told}") };
    assert_eq!(line["what"], "remember");
    assert!(told.contains(line["digest"].as_str().expect("a digest")), "{told}");
    assert!(trail(&site).is_empty());
    assert!(!remember(&site, &[]).await.contains("hmac-sha256"), "nobody asked for it");
    assert_eq!(trail(&site).len(), 1);
}

#[tokio::test]
async fn no_trail_is_kept_when_it_shall_have_no_room_and_another_value_is_refused() {
    let site = Site::new().await;
    remember(&site, &["--audit", r#"{"max_mb": 0}"#]).await;
    assert!(!site.home().join("projects/it/audit.jsonl").exists());
    for wrong in ["off", r#"{"max": 1}"#, r#"{"max_mb": 10001}"#, "@/nowhere/at/all"] {
        let output = site.command("remember", &["x", "--audit", wrong]).output().await.expect("it ran");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {told}");
        assert!(told.contains("--audit"), "{wrong}: {told}");
    }
}

#[tokio::test]
async fn a_trail_that_cannot_be_written_is_told_once_and_fails_no_call() {
    let site = Site::new().await;
    let blocked = site.path().join("blocked");
    std::fs::create_dir(&blocked).expect("a folder in its place");
    let flag = json!({"file": blocked}).to_string();
    let mut server = site.command("serve", &["--bind", "127.0.0.1:0", "--no-token", "--audit", &flag]);
    server.env("NO_COLOR", "1");
    let server = crate::support::http_process::HttpProcess::started(server).await;
    for _ in 0..3 {
        let call = json!({"name": "remember", "arguments": {"content": "kept"}});
        let answer = crate::support::http_served::modern(&server.url, "tools/call", call);
        let answer = crate::support::http_served::told(answer).await;
        assert_eq!(answer.json()["result"]["isError"], false, "{answer:?}");
    }
    let told = server.told();
    assert_eq!(told.matches("the audit trail cannot be written").count(), 1, "{told}");
}

#[tokio::test]
async fn settings_that_cannot_be_read_end_no_trail() {
    let site = Site::new().await;
    std::fs::write(site.path().join("repository/.snipara-orchestrator.json"), r#"{"audit": {"max_mb": -1}}"#)
        .expect("written");
    let mut server = mcp(&site, &[]).await;
    let refused = server.call("remember", json!({"content": "x"})).await;
    assert!(refused.to_string().contains("invalid_configuration"), "{refused}");
    assert!(server.hang_up().await);
    let lines = lines(&site.home().join("audit.jsonl"));
    assert_eq!(about(&lines, "remember")[0]["outcome"], "invalid_configuration", "{lines:?}");
}
