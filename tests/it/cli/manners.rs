//! What a person reads: each fact once, the next command to type, and errors in the command line's own words.

use serde_json::json;

use super::place::Place;
use crate::support::patience::until;
use crate::support::production::{Answer, Production};

const CHECKS: [&str; 6] = ["-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart"];

#[tokio::test(flavor = "multi_thread")]
async fn a_done_run_calls_no_phase_failed_for_what_is_optional_or_not_offered() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let ended = place.run(&[&["run", "T", "--prod-url", &url][..], &CHECKS].concat()).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let phases = "✓ Production checks: 4 passed, 1 optional did not pass, 3 not offered";
    assert!(ended.stderr.contains(phases), "{ended:#?}");
    assert!(ended.stdout.contains("root_path GET / (optional)"), "{ended:#?}");
    assert!(!ended.stderr.contains("Gate (1 item)"), "{ended:#?}");
    let id = ended.stdout.split(['(', ')']).nth(1).expect("an id").to_owned();
    assert!(ended.stdout.ends_with(&format!("  $ snipara-orchestrator proofs export --task {id}\n")), "{ended:#?}");
    assert!(!ended.stdout.contains("export_receipt"), "a person has no tools: {ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_tells_each_reason_once_and_the_command_that_runs_it_again() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/api/cart", Answer::json(401, &json!({})));
    let url = production.url();
    let ended = place.run(&[&["run", "T", "--prod-url", &url][..], &CHECKS].concat()).await;
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(!ended.stdout.contains("The gate refuses"), "told above: {ended:#?}");
    let told = format!("{}{}", ended.stderr, ended.stdout);
    assert_eq!(told.matches("got 401").count(), 1, "each cause once: {ended:#?}");
    let id = ended.stdout.split(['(', ')']).nth(1).expect("an id").to_owned();
    assert!(ended.stdout.ends_with(&format!("  $ snipara-orchestrator run --task {id}\n")), "{ended:#?}");
    assert!(!ended.stdout.contains("task_id"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_proofs_are_told_though_nothing_failed() {
    let (place, production) = (Place::new(), Production::healthy().await);
    // Two addresses, one answer: one distinct proof less than the task could have given.
    for path in ["/api/users", "/api/orders"] {
        production.answer(path, Answer::html(200, "<p>one page</p>"));
    }
    let url = production.url();
    let words = ["run", "T", "--prod-url", &url, "-r", "4", "-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart"];
    let ended = place.run(&words).await;
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stdout.contains("The gate refuses"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_that_never_ran_are_told_apart_from_those_that_failed() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let words = [&["run", "T", "--prod-url", &url, "-t", "false", "-t", "echo never"][..], &CHECKS].concat();
    let ended = place.run(&words).await;
    assert_eq!(ended.code, Some(4), "{ended:#?}");
    assert!(ended.stderr.contains("✗ Local tests: 1 failed, 1 not run"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_told_in_flags_and_not_in_fields_of_a_tool() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    for (words, meant) in [
        (&["run", "T"][..], "--endpoint URL"),
        (&["checklist"], "--endpoint URL"),
        (&["run", "", "-e", "/api/users"], "--task ID"),
        (&["run", "T", "-e", "/api/users", "-t", ""], "--test"),
        (&["run", "T", "-e", "/api/users", "-r", "50"], "--required-proofs"),
        (&["run"], "--endpoint /api"),
    ] {
        let ended = place.run(&[words, &["--prod-url", &url]].concat()).await;
        assert_eq!(ended.code, Some(2), "{words:?} {ended:#?}");
        let hint = ended.stderr.split_once("hint: ").expect("a hint").1;
        assert!(hint.contains(meant) && !hint.contains("call again"), "{words:?} {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_the_ledger_does_not_have_is_bad_input_and_no_broken_ledger() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let ran = place.run(&[&["run", "T", "--json", "--prod-url", &url][..], &CHECKS].concat()).await;
    let id = ran.json()["task_id"].as_str().expect("an id").to_owned();
    for words in [
        &["proofs", "show", "999"][..],
        &["proofs", "redact", "999"],
        &["proofs", "redact", "2"],
        &["proofs", "export", "--task", &id, "--attempt", "9"],
        &["task", "show", "nonsense"],
    ] {
        let ended = place.run(words).await;
        assert_eq!(ended.code, Some(2), "{words:?} {ended:#?}");
        assert!(!ended.stderr.contains("what is wrong"), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_checked_says_what_to_add() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let ended = place.run(&["check-drift", "--no-health", "--no-schema", "--prod-url", &production.url()]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("--route"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_elsewhere_finds_the_file_of_the_repository_it_names() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let file = place.repository().join(".snipara-orchestrator.json");
    let settings = json!({"prod_url": production.url(), "snipara_project": "from-the-file"});
    std::fs::write(&file, settings.to_string()).expect("written");
    let elsewhere = place.path().join("home");
    let repository = place.repository();
    for words in [&["status", "--json", "--repo", repository.to_str().expect("UTF-8")][..], &["status", "--json"]] {
        let mut command = place.command(words);
        command.current_dir(&elsewhere);
        if !words.contains(&"--repo") {
            command.env("REPO_PATH", &repository);
        }
        let ended = super::place::ended(command.spawn().expect("starts")).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert_eq!(ended.json()["project"], "from-the-file", "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_the_current_folder_counts_when_the_named_repository_has_none() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let file = place.repository().join(".snipara-orchestrator.json");
    std::fs::write(&file, json!({"prod_url": production.url()}).to_string()).expect("written");
    let other = place.path().join("home");
    let ended = place.run(&["status", "--json", "--repo", other.to_str().expect("UTF-8")]).await;
    assert_eq!(ended.json()["config_file"], json!(file.canonicalize().expect("there")), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_names_the_command_that_prints_what_it_may_hold() {
    let place = Place::new();
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), r#"{"prod_ur": "x"}"#).expect("written");
    let ended = place.run(&["status"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("`snipara-orchestrator schemas --configuration`"), "{ended:#?}");
    let schema = place.run(&["schemas", "--configuration"]).await;
    assert_eq!(schema.code, Some(0), "{schema:#?}");
    assert!(schema.json()["properties"]["prod_url"].is_object(), "{schema:#?}");
    std::fs::remove_file(place.repository().join(".snipara-orchestrator.json")).expect("removed");
    let ended = place.run(&["--prod-url", "nonsense", "status"]).await;
    assert!(ended.stderr.contains("correct --prod-url"), "no file is at fault: {ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_caller_is_told_with_commands_who_runs_a_task() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let marker = place.path().join("started");
    let test = format!("touch {}; sleep 600", marker.display());
    let words = [&["run", "T", "--prod-url", &url, "-t", &test][..], &CHECKS].concat();
    let first = place.command(&words).spawn().expect("starts");
    until("the test runs", || marker.exists()).await;
    let listed = place.run(&["task", "list", "--json"]).await.json();
    let id = listed["tasks"][0]["id"].as_str().expect("an id").to_owned();
    let second = place.run(&["run", "--task", &id, "--prod-url", &url]).await;
    assert_eq!(second.code, Some(2), "{second:#?}");
    assert!(second.stderr.contains("is being run by") && second.stderr.contains("task cancel ID"), "{second:#?}");
    let shown = place.run(&["task", "show", &id]).await;
    assert!(shown.stdout.ends_with(&format!("  $ snipara-orchestrator task show {id} --wait 60\n")), "{shown:#?}");
    assert_eq!(place.run(&["task", "cancel", &id]).await.code, Some(0));
    assert_eq!(super::place::ended(first).await.code, Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_is_not_said_to_have_no_tests() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let marker = place.path().join("started");
    let test = format!("touch {}; sleep 600", marker.display());
    let words = [&["run", "T", "--prod-url", &url, "-t", &test][..], &CHECKS].concat();
    let mut child = place.command(&words).spawn().expect("starts");
    until("the test runs", || marker.exists()).await;
    child.kill().await.expect("killed");
    let listed = place.run(&["task", "list", "--json"]).await.json();
    let id = listed["tasks"][0]["id"].as_str().expect("an id").to_owned();
    let shown = place.run(&["task", "show", &id, "--json"]).await.json();
    assert_eq!((&shown["status"], &shown["cause"]), (&json!("local_fail"), &json!("interrupted")), "{shown:#}");
    assert_eq!(shown["warnings"], json!([]), "{shown:#}");
}

#[tokio::test]
async fn a_command_without_its_second_word_is_told_what_there_is() {
    let place = Place::new();
    for word in ["task", "proofs", "skill", "hook"] {
        let ended = place.run(&[word]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:#?}");
        assert!(ended.stderr.contains(&format!("Usage: snipara-orchestrator {word}")), "{ended:#?}");
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains("[subcommands: "), "{ended:#?}");
    }
    let document = place.run(&["task", "--json"]).await.json();
    let message = document["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("requires a subcommand"), "{document:#}");
}

#[tokio::test]
async fn doctor_and_status_go_on_when_the_file_is_wrong_and_tell_all_of_it() {
    let place = Place::new();
    let text = json!({"gatekeeper_id": "mine", "verbos": true, "settle_seconds": 601}).to_string();
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), text).expect("written");
    let status = place.run(&["status", "--json"]).await;
    let document = status.json();
    assert_eq!((status.code, &document["gatekeeper_id"]), (Some(2), &json!("mine")), "{status:#?}");
    assert_eq!(document["problems"].as_array().map(Vec::len), Some(2), "{document:#}");
    let doctor = place.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(3), "{doctor:#?}");
    for told in ["unknown key `verbos`", "`settle_seconds`", "database"] {
        assert!(doctor.stdout.contains(told), "{told}: {doctor:#?}");
    }
    let run = place.run(&["run", "T", "--settle-seconds", "soon", "-e", "/a"]).await;
    assert_eq!(run.code, Some(2), "{run:#?}");
    for told in ["unknown key `verbos`", "given by --settle-seconds"] {
        assert!(run.stderr.contains(told), "{told}: {run:#?}");
    }
}
