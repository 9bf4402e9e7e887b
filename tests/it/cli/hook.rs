//! `hook stop`: the question on standard input, the answer on standard output.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::place::{Ended, Place, ended};
use crate::support::production::{Answer, Production};

async fn ask(place: &Place, question: &str) -> Ended {
    ask_hook(place, &["hook", "stop"], question).await
}

async fn ask_hook(place: &Place, words: &[&str], question: &str) -> Ended {
    let mut command = place.command(words);
    command.stdin(std::process::Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(question.as_bytes()).await.expect("asked");
    drop(stdin);
    ended(child).await
}

/// Runs a task and returns its id.
async fn task(place: &Place, production: &Production) -> String {
    let url = production.url();
    let words =
        ["run", "Deploy", "--prod-url", &url, "-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart", "--json"];
    place.run(&words).await.json()["task_id"].as_str().expect("an id").to_owned()
}

/// Writes a session's record in which `run_task` answered with this task.
fn record(place: &Place, task: &str) -> PathBuf {
    let call = json!({ "type": "assistant", "message": { "role": "assistant", "content": [
        { "type": "tool_use", "id": "toolu_1", "name": "mcp__snipara-orchestrator__run_task", "input": {} }] } });
    let result = json!({ "type": "user", "message": { "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": "toolu_1",
          "content": [{ "type": "text", "text": json!({ "task_id": task }).to_string() }] }] } });
    let file = place.path().join("session.jsonl");
    std::fs::write(&file, format!("{call}\n{result}\n")).expect("written");
    file
}

fn question(place: &Place, record: &std::path::Path, active: bool) -> String {
    json!({ "session_id": "s", "transcript_path": record, "cwd": place.repository(), "hook_event_name": "Stop",
            "stop_hook_active": active, "something_new": 1 })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_goes_on_once_while_its_last_task_is_not_done() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/api/cart", Answer::json(401, &json!({})));
    let refused = task(&place, &production).await;
    let file = record(&place, &refused);
    let answered = ask(&place, &question(&place, &file, false)).await;
    assert_eq!(answered.code, Some(0), "{answered:#?}");
    let answer = answered.json();
    assert_eq!(answer["decision"], "block", "{answer}");
    let reason = answer["reason"].as_str().expect("a reason");
    assert!(reason.contains(&refused) && reason.contains("prod_fail") && reason.contains("not done"), "{reason}");

    // Once a task: the second time it may end, whether it was sent back in between or a person asked for more.
    for active in [true, false] {
        assert_eq!(ask(&place, &question(&place, &file, active)).await.json(), json!({}));
    }
    // Another task is another matter, also while the agent goes on because it was sent back.
    let other = task(&place, &production).await;
    let answer = ask(&place, &question(&place, &record(&place, &other), true)).await.json();
    assert!(answer["reason"].as_str().is_some_and(|reason| reason.contains(&other)), "{answer}");
}

/// A quick answer: the client did not write it down yet when it asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_the_record_does_not_name_yet_is_found_in_the_store() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/api/cart", Answer::json(401, &json!({})));
    let file = place.path().join("session.jsonl");
    let said = |time: &str| json!({ "type": "user", "timestamp": time, "message": { "content": "Ship it." } });
    std::fs::write(&file, format!("{}\n", said("2001-01-01T00:00:00.000Z"))).expect("written");
    assert_eq!(ask(&place, &question(&place, &file, false)).await.json(), json!({}), "nothing was run here");
    let refused = task(&place, &production).await;
    // What was run before the session began is not the session's.
    let later = place.path().join("later.jsonl");
    std::fs::write(&later, format!("{}\n", said("2200-01-01T00:00:00.000Z"))).expect("written");
    assert_eq!(ask(&place, &question(&place, &later, false)).await.json(), json!({}));
    for words in [&["hook", "stop"][..], &["hook", "stop", "codex"]] {
        let answer = ask_hook(&place, words, &question(&place, &file, false)).await.json();
        let told = answer["reason"].as_str().is_some_and(|reason| reason.contains(&refused));
        // Both clients speak of one task.
        assert_eq!(told, words.len() == 2, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_is_told_which_task_is_open_and_a_summary_keeps_it() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let begins =
        json!({ "cwd": place.repository(), "hook_event_name": "SessionStart", "source": "startup" }).to_string();
    assert_eq!(ask_hook(&place, &["hook", "session-start"], &begins).await.json(), json!({}));
    assert_eq!(std::fs::read_dir(place.path().join("state")).expect("a folder").count(), 0, "a hook made a store");
    let done = task(&place, &production).await;
    production.answer("/api/cart", Answer::json(401, &json!({})));
    let refused = task(&place, &production).await;
    for client in ["claude", "codex", "gemini"] {
        let answer = ask_hook(&place, &["hook", "session-start", client], &begins).await.json();
        assert_eq!(answer["hookSpecificOutput"]["hookEventName"], "SessionStart");
        let card = answer["hookSpecificOutput"]["additionalContext"].as_str().expect("a card");
        assert!(card.contains(&refused) && card.contains("prod_fail") && !card.contains(&done), "{card}");
    }
    let kept = ask_hook(&place, &["hook", "pre-compact"], &begins).await.stdout;
    assert!(kept.starts_with("Keep this in the summary:") && kept.contains(&refused), "{kept}");
    assert!(kept.contains("> Deploy"), "{kept}");
    let file = place.repository().join(".snipara-orchestrator.json");
    std::fs::write(file, json!({ "prod_url": production.url(), "lockdown": true }).to_string()).expect("written");
    let kept = ask_hook(&place, &["hook", "pre-compact"], &begins).await.stdout;
    assert!(kept.contains(&refused) && !kept.contains("> Deploy") && !kept.contains("/api/cart"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_may_end_when_its_last_task_is_done() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let done = task(&place, &production).await;
    let file = record(&place, &done);
    assert_eq!(ask(&place, &question(&place, &file, false)).await.json(), json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_up_is_told_to_the_person_and_holds_nobody_up() {
    let place = Place::new();
    let file = record(&place, &format!("task_{}", "0".repeat(32)));
    for file in [file, place.path().join("nothing.jsonl"), place.repository()] {
        let answered = ask(&place, &question(&place, &file, false)).await;
        assert_eq!(answered.code, Some(0), "{answered:#?}");
        let answer: Value = answered.json();
        assert!(answer["systemMessage"].as_str().is_some_and(|told| told.contains("snipara-orchestrator")), "{answer}");
        assert_eq!(answer.get("decision"), None);
    }
    assert_eq!(ask(&place, "{}").await.json(), json!({}));
    let wrong = ask(&place, "no JSON").await;
    // Claude Code takes exit code 2 for a refusal.
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(3), ""), "{wrong:#?}");
}
