//! The command line as a person types it: short runs, ids by their beginning, groups, help, completions.

use std::process::Stdio;

use serde_json::{Value, json};

use super::place::{Ended, Place, ended};
use crate::support::production::{Answer, Production};

const CHECKS: [&str; 6] = ["-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart"];

async fn run(place: &Place, url: &str, more: &[&str]) -> Ended {
    place.run(&[&["run", "Deploy", "--prod-url", url][..], &CHECKS, more].concat()).await
}

async fn task_of(place: &Place, url: &str) -> String {
    run(place, url, &["--json"]).await.json()["task_id"].as_str().expect("an id").to_owned()
}

/// All lines of both streams, as a person sees them.
fn lines(ended: &Ended) -> Vec<&str> {
    ended.stderr.lines().chain(ended.stdout.lines()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_green_run_is_at_most_eight_lines_and_a_verbose_one_shows_each_item() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let green = run(&place, &url, &["--test", "echo fine"]).await;
    assert_eq!(green.code, Some(0), "{green:#?}");
    assert!(lines(&green).len() <= 8, "{green:#?}");
    let verbose = run(&place, &url, &["--test", "echo fine", "--verbose"]).await;
    assert!(verbose.stderr.contains("✓ task_check_1 GET"), "{verbose:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn production_that_is_down_is_a_handful_of_lines_with_its_cause_once() {
    let place = Place::new();
    // The reserved port of "discard" on loopback: nobody listens there.
    let down = run(&place, "http://127.0.0.1:9", &[]).await;
    assert_eq!(down.code, Some(3), "{down:#?}");
    assert!(lines(&down).len() <= 12, "{down:#?}");
    let told = format!("{}{}", down.stderr, down.stdout);
    assert_eq!(told.matches("connection refused").count(), 1, "{down:#?}");
    assert!(told.contains("3 checks") && told.contains("/api/users, /api/orders, /api/cart"), "{down:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_meant_by_the_beginning_of_its_id_and_the_newest_by_a_sign() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let none = place.run(&["task", "show", "@"]).await;
    assert_eq!(none.code, Some(2), "{none:#?}");
    assert!(none.stderr.contains("there is no task yet"), "{none:#?}");
    let (first, second) = (task_of(&place, &url).await, task_of(&place, &url).await);
    // Ids begin with the time in milliseconds, so these two differ within their first twelve digits.
    let beginning = first.get("task_".len().."task_".len() + 12).expect("digits");
    let shown = async |text: &str| place.run(&["task", "show", text, "--json", "--prod-url", &url]).await;
    for (text, meant) in [("@", &second), (beginning, &first), (first.get(..17).expect("an id"), &first)] {
        assert_eq!(shown(text).await.json()["task_id"], json!(meant), "{text}");
    }
    let several = shown("task_0").await;
    assert_eq!(several.code, Some(2), "{several:#?}");
    assert!(several.stderr.contains(&first) && several.stderr.contains(&second), "{several:#?}");
    let mistyped = format!("{}f", first.get(..12).expect("an id"));
    let near = shown(&mistyped).await;
    assert!(near.code == Some(2) && near.stderr.contains("did you mean task_0"), "{mistyped} {near:#?}");
    for words in
        [&["proofs", "list", "--task", "@"][..], &["proofs", "export", "--task", "@"], &["checklist", "--task", "@"]]
    {
        let ended = place.run(&[words, &["--json", "--prod-url", &url]].concat()).await;
        assert_eq!(ended.code, Some(0), "{words:?} {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_task_runs_again_without_its_id() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let unusable = || Answer::json(401, &json!({}));
    production.answers("/api/users", vec![unusable(), unusable(), unusable(), Answer::json(200, &json!({"users": 1}))]);
    let first = run(&place, &url, &["--json"]).await;
    assert_eq!(first.code, Some(5), "{first:#?}");
    production.answer("/api/users", Answer::json(200, &json!({"users": 1})));
    let again = place.run(&["run", "--task", "@", "--prod-url", &url, "--json"]).await;
    assert_eq!((again.code, &again.json()["attempt"]), (Some(0), &json!(2)), "{again:#?}");
    assert_eq!(again.json()["task_id"], first.json()["task_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_task_tells_in_order_what_the_ledger_holds() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let task = task_of(&place, &url).await;
    let log = place.run(&["task", "log", "@", "--json", "--prod-url", &url]).await.json();
    assert_eq!(log["task_id"], json!(task));
    let chain = place.run(&["proofs", "export", "--all", "--json"]).await.json();
    let of_task = |entry: &&Value| entry["canonical"].as_str().is_some_and(|text| text.contains(&task));
    let in_chain: Vec<u64> = chain["entries"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(of_task)
        .filter_map(|entry| entry["seq"].as_u64())
        .collect();
    let entries = log["entries"].as_array().expect("entries");
    let told: Vec<u64> = entries.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(told, in_chain);
    let shown = place.run(&["task", "log", &task, "--prod-url", &url]).await;
    let places: Vec<usize> = [
        "created with 3 live checks",
        "attempt 1 against",
        "PENDING → IN_PROGRESS",
        "checklist of",
        "task_check_1 GET /api/users 200",
        "the gate: ",
        "PROD_OK → DONE",
    ]
    .iter()
    .map(|part| shown.stdout.find(part).unwrap_or_else(|| panic!("{part}: {shown:#?}")))
    .collect();
    assert!(places.is_sorted(), "{places:?} {shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flat_name_is_the_command_of_its_group() {
    let place = Place::new();
    let made = place.run(&["htask", "create-feature", "Auth", "-d", "d", "-o", "ada", "-w", "API", "--json"]).await;
    assert_eq!(made.code, Some(0), "{made:#?}");
    let feature = made.json()["feature_id"].as_str().expect("an id").to_owned();
    let flat = place.run(&["htask-tree", "--json"]).await;
    assert_eq!((flat.code, flat.json()), (Some(0), place.run(&["htask", "tree", "--json"]).await.json()));
    let beginning = feature.get(.."htask_".len() + 8).expect("an id");
    let below = place.run(&["htask", "tree", "--task-id", beginning]).await;
    assert!(
        below.code == Some(0) && below.stdout.starts_with("HTASK ") && below.stdout.contains(&feature),
        "{below:#?}"
    );
    let swarms = place.run(&["swarm", "list", "--json"]).await.json();
    let swarm = swarms["swarms"][0]["swarm_id"].as_str().expect("an id").to_owned();
    for meant in ["@", swarm.get(.."swarm_".len() + 8).expect("an id")] {
        let joined = place.run(&["swarm-join", "-s", meant, "-a", "ada"]).await;
        assert_eq!(joined.code, Some(0), "{joined:#?}");
    }
}

#[tokio::test]
async fn without_a_word_the_short_help_is_the_answer() {
    let place = Place::new();
    let help = place.run(&[]).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{help:#?}");
    for heading in ["Start:", "Prove:", "Look:", "Remember:", "Plan:", "Serve:", "Other:"] {
        assert!(help.stdout.lines().any(|line| line == heading), "{heading} {help:#?}");
    }
    let page = place.run(&["help", "htask-next"]).await;
    assert!(page.code == Some(0) && page.stdout.contains("Usage: snipara-orchestrator htask next"), "{page:#?}");
}

#[tokio::test]
async fn the_short_name_is_the_same_program() {
    let place = Place::new();
    let long = place.run(&["version"]).await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_snipara"))
        .arg("version")
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the binary starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), long.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_know_the_ids_of_the_project() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let task = task_of(&place, &production.url()).await;
    let made =
        place.run(&["htask", "create-feature", "Auth", "-d", "d", "-o", "ada", "-w", "API", "--json"]).await.json();
    let feature = made["feature_id"].as_str().expect("an id").to_owned();
    let offered = async |words: &[&str]| -> Vec<String> {
        let index = (words.len() - 1).to_string();
        let words = [&["--"], words].concat();
        let mut command = place.command(&words);
        command.env("_SNIPARA_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\u{b}");
        let answer = ended(command.spawn().expect("starts")).await;
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer:#?}");
        answer.stdout.split('\u{b}').map(str::to_owned).collect()
    };
    assert_eq!(offered(&["snipara", "run", "--task", "task_"]).await, std::slice::from_ref(&task));
    assert!(offered(&["snipara", "task", "show", ""]).await.contains(&task));
    assert!(offered(&["snipara", "htask", "complete", "htask_"]).await.contains(&feature));
    assert_eq!(offered(&["snipara", "htask", "tree", "--swarm-id", ""]).await.len(), 1);
    assert_eq!(offered(&["snipara", "check-d"]).await, ["check-drift"]);
    assert!(
        !offered(&["snipara", "task", "show", ""]).await.contains(&"--gatekeeper-id".to_owned()),
        "settings drown it"
    );
}
