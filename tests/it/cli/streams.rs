//! Standard output, standard error, closed pipes.

use std::process::Stdio;

use super::place::{Place, ended};
use crate::support::production::{Answer, Production};

#[tokio::test]
async fn e22_the_version_is_told() {
    let ended = Place::new().run(&["--version"]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(ended.stdout, concat!("snipara-orchestrator ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(ended.stderr, "");
}

#[tokio::test]
async fn help_is_a_result_and_a_wrong_word_is_an_error_of_usage() {
    let place = Place::new();
    let help = place.run(&["--help"]).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{help:#?}");
    assert!(help.stdout.contains("check-drift") && help.stdout.contains("Exit codes:"), "{help:#?}");
    let wrong = place.run(&["chek-drift", "--json"]).await;
    assert_eq!(wrong.code, Some(2), "{wrong:#?}");
    assert_eq!(wrong.json()["error"]["code"], "invalid_input");
    assert!(wrong.stderr.contains("chek-drift"), "{wrong:#?}");
}

#[tokio::test]
async fn a_control_sequence_in_an_argument_is_shown_as_text() {
    let ended = Place::new().run(&["run\u{1b}[2J\u{202e}"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(!ended.stderr.contains('\u{1b}') && !ended.stderr.contains('\u{202e}'), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_stdout_is_one_document_whatever_happens() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    for (words, code) in [
        (&["run", "T", "-e", "/api/users", "-r", "2", "--test", "echo noise; echo more >&2"][..], 0),
        (&["run", "T", "-e", "/api/users", "-r", "2", "--test", "exit 1"], 4),
        (&["run", "", "-e", "/api/users"], 2),
        (&["check-drift", "--route", "/api/users"], 0),
        (&["check-drift", "--route", "/nowhere"], 6),
        (&["validate", "/api/users"], 0),
        (&["validate", "/nowhere"], 5),
        (&["task", "show", "nonsense"], 2),
        (&["task", "list"], 0),
        (&["proofs", "list"], 0),
        (&["proofs", "verify"], 0),
        (&["status"], 0),
        (&["completions", "bash"], 0),
    ] {
        let ended = place.run(&[words, &["--json", "--prod-url", &url]].concat()).await;
        assert_eq!(ended.code, Some(code), "{words:?} {ended:#?}");
        assert!(ended.json().is_object(), "{words:?} {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a28_markup_and_control_sequences_in_titles_and_outputs_stay_text() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    production.answer("/api/evil", Answer::text(500, "[/red]\u{1b}]0;owned\u{7}"));
    let title = "Deploy [/bold] <b>x</b> \u{1b}[31m";
    let test = "printf '[/nonsense] \\033[2J\\033]0;owned\\007'; exit 1";
    for words in [
        &["run", title, "-e", "/api/users", "-r", "2", "--test", test][..],
        &["validate", "/api/evil"],
        &["task", "list"],
        &["proofs", "list"],
    ] {
        let ended = place.run(&[words, &["--prod-url", &url]].concat()).await;
        assert!(ended.code.is_some_and(|code| code < 70), "{ended:#?}");
        assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{ended:#?}");
        assert!(!ended.stdout.contains('\u{7}'), "{ended:#?}");
    }
    let listed = place.run(&["task", "list", "--json", "--prod-url", &url]).await.json();
    assert_eq!(listed["tasks"][0]["status"], "local_fail", "the run went to its end");
}

#[tokio::test]
async fn a_broken_pipe_is_success() {
    let place = Place::new();
    for words in [&["--help"][..], &["--version"], &["completions", "zsh"]] {
        let mut child = place.command(words).stdout(Stdio::piped()).spawn().expect("starts");
        drop(child.stdout.take());
        let ended = ended(child).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pipe_does_not_change_a_verdict() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let mut child = place.command(&["validate", "/nowhere", "--prod-url", &url]).spawn().expect("starts");
    drop(child.stdout.take());
    assert_eq!(ended(child).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn b04_the_terminals_input_is_not_eaten_by_a_test() {
    use tokio::io::AsyncWriteExt;
    let (place, production) = (Place::new(), Production::healthy().await);
    let words = ["run", "T", "-e", "/api/users", "-r", "2", "--test", "cat", "--prod-url", &production.url()];
    let mut child = place.command(&words).stdin(Stdio::piped()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"for the terminal only\n").await.expect("written");
    let ended = ended(child).await;
    drop(stdin);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(!ended.stdout.contains("for the terminal only"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_log_begins_with_its_settings() {
    let place = Place::new();
    let mut command = place.command(&["mcp", "--prod-url", "http://127.0.0.1:9"]);
    let server = ended(command.env("RUST_LOG", "a=b=c").spawn().expect("starts")).await;
    assert_eq!((server.code, server.stdout.as_str()), (Some(0), ""), "{server:#?}");
    assert!(server.stderr.contains("RUST_LOG is ignored"), "{server:#?}");
}
