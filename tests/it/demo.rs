//! The demo tells its whole story through the real binary, and tells nothing that did not happen.

use std::path::PathBuf;
use std::process::Command;

use snipara_orchestrator::demo::{DemoError, DemoOptions, run};

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_snipara-orchestrator"))
}

/// Runs the command as a person would, away from any configuration; returns what it printed.
fn demo(arguments: &[&str]) -> String {
    let empty = tempfile::tempdir().expect("a folder");
    let output = Command::new(binary())
        .arg("demo")
        .args(arguments)
        .current_dir(empty.path())
        // What a person may have set must not lead the demo anywhere else.
        .env("PROD_URL", "http://127.0.0.1:9")
        .env("SNIPARA_API_KEY", "snp-not-for-the-demo")
        .env("TMPDIR", empty.path())
        .output()
        .expect("the demo starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<_> = std::fs::read_dir(empty.path()).expect("the folder").collect();
    assert!(left.is_empty(), "the demo left {left:?} behind");
    text
}

#[test]
fn the_story_is_told_in_order_and_leaves_nothing_behind() {
    let text = demo(&[]);
    let acts = ["PROD_FAIL", "/api/auth/session: expected 2xx, got 401", "DONE", "VERIFIED", "CAUGHT"];
    let places: Vec<_> =
        acts.iter().map(|act| text.find(act).unwrap_or_else(|| panic!("no {act} in:\n{text}"))).collect();
    assert!(places.is_sorted(), "{places:?} in:\n{text}");
}

#[test]
fn it_ends_with_how_to_plug_the_server_into_clients() {
    let text = demo(&[]);
    assert!(text.contains("claude mcp add snipara-orchestrator -- snipara-orchestrator mcp"), "{text}");
    assert!(text.contains("codex mcp add snipara-orchestrator -- snipara-orchestrator mcp"), "{text}");
}

#[test]
fn a_pipe_gets_no_colour_codes() {
    assert!(!demo(&[]).contains('\u{1b}'));
}

#[tokio::test]
async fn colours_change_nothing_but_the_looks() {
    let mut out = Vec::new();
    run(&mut out, DemoOptions { executable: binary(), color: true }).await.expect("the story");
    let text = String::from_utf8(out).expect("text");
    assert!(
        text.contains("\u{1b}[1;31m✗ PROD_FAIL\u{1b}[0m") && text.contains("\u{1b}[1;32m✓ DONE\u{1b}[0m"),
        "{text}"
    );
}

#[tokio::test]
async fn a_program_that_is_no_mcp_server_is_told_as_such() {
    let options = DemoOptions { executable: PathBuf::from("/bin/false"), color: false };
    let error = run(&mut Vec::new(), options).await.expect_err("no server");
    assert!(matches!(error, DemoError::Handshake { .. }), "{error}");
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named() {
    let options = DemoOptions { executable: PathBuf::from("/nowhere/snipara-orchestrator"), color: false };
    let error = run(&mut Vec::new(), options).await.expect_err("no program");
    assert!(error.to_string().contains("/nowhere/snipara-orchestrator"), "{error}");
}

#[tokio::test]
async fn a_closed_pipe_is_told_apart() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let options = DemoOptions { executable: binary(), color: false };
    assert!(run(&mut Closed, options).await.expect_err("a closed pipe").is_closed_pipe());
}
