//! What `serve` is told about access: refused before anything is served when it cannot be used.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::json;

use super::{ADA, READER};
use crate::support::http_process::{HttpProcess, Site};
use crate::support::http_served::{modern, told};
use crate::support::patience::PATIENCE;

fn token_file(site: &Site, text: &str, mode: u32) -> PathBuf {
    let file = site.path().join("tokens");
    std::fs::write(&file, text).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("a mode");
    file
}

async fn refused(mut command: tokio::process::Command) -> String {
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("an end in time").expect("it ran");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(output.stdout.is_empty());
    told
}

async fn status(server: &HttpProcess, token: &str) -> u16 {
    told(modern(&server.url, "tools/list", json!({})).bearer_auth(token)).await.status
}

#[tokio::test]
async fn the_tokens_of_a_private_file_are_good_and_appear_nowhere() {
    let site = Site::new().await;
    let file = token_file(&site, &format!("# us\nada read,validate {ADA}\nreader read {READER} it\n"), 0o600);
    let words = ["--bind", "127.0.0.1:0", "--token-file", file.to_str().expect("text")];
    let mut command = site.command("serve", &words);
    command.env("RUST_LOG", "trace");
    let server = HttpProcess::started(command).await;
    assert_eq!((status(&server, ADA).await, status(&server, READER).await), (200, 200));
    assert_eq!(status(&server, "planted-token-of-nobody").await, 401);
    assert!(!server.told().contains("planted-token"), "{}", server.told());
    let arguments = std::fs::read(format!("/proc/{}/cmdline", server.id())).expect("its words");
    assert!(!String::from_utf8_lossy(&arguments).contains("planted-token"));
}

#[tokio::test]
async fn a_token_file_that_cannot_be_used_is_refused_with_the_fix_and_without_a_token() {
    let site = Site::new().await;
    for (text, mode, said) in [
        (format!("ada read {ADA}"), 0o644, "chmod 600"),
        (format!("ada read {ADA}"), 0o660, "chmod 600"),
        (format!("ada read {ADA}\nbob {ADA}"), 0o600, "line 2: it has 2 words"),
        (String::new(), 0o600, "it holds no token"),
    ] {
        let file = token_file(&site, &text, mode);
        let words = ["--bind", "127.0.0.1:0", "--token-file", file.to_str().expect("text")];
        let told = refused(site.command("serve", &words)).await;
        assert!(told.contains(said) && told.contains("tokens") && !told.contains("planted"), "{told}");
    }
    let told = refused(site.command("serve", &["--bind", "127.0.0.1:0", "--token-file", "/nowhere/tokens"])).await;
    assert!(told.contains("/nowhere/tokens") && told.contains("no such file"), "{told}");
}

#[tokio::test]
async fn the_variable_s_token_is_good_and_a_short_one_does_not_open_the_door() {
    let site = Site::new().await;
    let mut command = site.command("serve", &["--bind", "127.0.0.1:0"]);
    command.env("SNIPARA_ORCHESTRATOR_TOKEN", ADA);
    let server = HttpProcess::started(command).await;
    assert_eq!((status(&server, ADA).await, status(&server, READER).await), (200, 401));
    let call = json!({"name": "run_task", "arguments": {"title": "x", "local_tests": ["env"], "live_checks": []}});
    let answer = told(modern(&server.url, "tools/call", call).bearer_auth(ADA)).await;
    assert!(!answer.body.contains("planted"), "{answer:?}");
    let mut short = site.command("serve", &["--bind", "127.0.0.1:0"]);
    short.env("SNIPARA_ORCHESTRATOR_TOKEN", "planted");
    let told = refused(short).await;
    assert!(told.contains("SNIPARA_ORCHESTRATOR_TOKEN") && !told.contains("planted"), "{told}");
}

#[tokio::test]
async fn issuer_flags_that_cannot_be_safe_or_stand_alone_are_refused() {
    let site = Site::new().await;
    for (words, named) in [
        (&["--jwt-issuer", "https://id.example.com"][..], "--jwt-audience"),
        (&["--jwt-audience", "https://mcp.example.com/mcp"], "--jwt-issuer"),
        (&["--jwt-issuer", "http://id.example.com", "--jwt-audience", "https://x.example/mcp"], "--jwt-issuer"),
        (&["--jwt-issuer", "https://id.example.com", "--jwt-audience", "orchestrator"], "--jwt-audience"),
        (&["--rate-per-minute", "0"], "--rate-per-minute"),
    ] {
        let words: Vec<&str> = ["--bind", "127.0.0.1:0"].iter().chain(words).copied().collect();
        let told = refused(site.command("serve", &words)).await;
        assert!(told.contains(named), "{words:?}: {told}");
    }
}

/// Whether others have an account on this machine, found by other means than ours.
fn others_log_in() -> bool {
    let script = "awk -F: -v own=\"$(id -u)\" '$3 >= 1000 && $3 < 65534 && $3 != own && $7 !~ /(nologin|false|true|sync)$/' /etc/passwd";
    let listed = std::process::Command::new("sh").args(["-c", script]).output().expect("sh is installed");
    !listed.stdout.is_empty()
}

#[tokio::test]
async fn where_others_have_an_account_callers_on_loopback_need_the_token_that_is_made_for_them() {
    let site = Site::new().await;
    let file = site.home().join("serve.tokens");
    let server = HttpProcess::started(site.command("serve", &["--bind", "127.0.0.1:0"])).await;
    if !others_log_in() {
        assert_eq!(told(modern(&server.url, "tools/list", json!({}))).await.status, 200);
        assert!(!file.exists());
        return;
    }
    let named = file.display().to_string();
    assert_eq!(server.told().matches(&named).count(), 1, "{}", server.told());
    let text = std::fs::read_to_string(&file).expect("the token");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let token = text.split_whitespace().last().expect("a token");
    assert!(!server.told().contains(token));
    assert_eq!(told(modern(&server.url, "tools/list", json!({}))).await.status, 401);
    assert_eq!(status(&server, token).await, 200);
    let again = HttpProcess::started(site.command("serve", &["--bind", "127.0.0.1:0"])).await;
    assert_eq!(status(&again, token).await, 200, "the token stays the same");
    let open = HttpProcess::started(site.command("serve", &["--bind", "127.0.0.1:0", "--no-token"])).await;
    assert_eq!(told(modern(&open.url, "tools/list", json!({}))).await.status, 200);
}
