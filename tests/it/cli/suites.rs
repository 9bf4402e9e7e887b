//! Live checks of the configuration: suites by name, whole checks of the policy, and one check for several users.

use serde_json::{Value, json};

use super::place::{Ended, Place};
use crate::support::production::{Answer, Production};

fn configured(production: &Production, more: &Value) -> Place {
    let place = Place::new();
    let mut file = json!({ "prod_url": production.url() });
    file.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), file.to_string()).expect("written");
    place
}

/// The endpoints of the proofs of a task's own checks and of the policy's.
async fn proven(place: &Place, ended: &Ended) -> Vec<String> {
    let task = ended.json()["task_id"].as_str().expect("a task").to_owned();
    let proofs = place.run(&["proofs", "list", "--task", &task, "--json"]).await.json();
    let proofs = proofs["proofs"].as_array().expect("proofs").iter();
    let live = proofs.filter(|proof| proof["check"].as_str().is_some_and(|name| name.contains("check_")));
    let mut told: Vec<String> = live
        .map(|proof| {
            format!("{} {}", proof["check"].as_str().unwrap_or("?"), proof["user_tested"].as_str().unwrap_or("?"))
        })
        .collect();
    told.sort_unstable();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suite_gives_a_task_its_checks_and_run_alone_runs_them_all() {
    let production = Production::healthy().await;
    let suites = json!({"suites": {"api": ["/api/users", "/api/orders"], "shop": ["/api/cart"]}});
    let place = configured(&production, &suites);
    let ended = place.run(&["run", "--suite", "api", "--json"]).await;
    assert_eq!((ended.code, ended.json()["title"].as_str()), (Some(0), Some("Suite api")), "{ended:#?}");
    assert_eq!(proven(&place, &ended).await, ["task_check_1 anonymous", "task_check_2 anonymous"]);
    production.answer("/api/cart", Answer::json(200, &json!({"error": "no stock"})));
    let ended = place.run(&["run", "--json"]).await;
    assert_eq!((ended.code, ended.json()["title"].as_str()), (Some(5), Some("Suites api, shop")), "{ended:#?}");
    assert_eq!(proven(&place, &ended).await.len(), 3);
    // The same task runs again with the checks that it was made with, and with no others.
    let task = ended.json()["task_id"].as_str().expect("a task").to_owned();
    let other = place.run(&["run", "--task", &task, "--suite", "api"]).await;
    assert_eq!(other.code, Some(2), "another bar: {other:#?}");
    production.answer("/api/cart", Answer::json(200, &json!({"items": []})));
    assert_eq!(place.run(&["run", "--task", &task]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suite_that_is_not_there_is_named_with_those_that_are() {
    let production = Production::healthy().await;
    let place = configured(&production, &json!({"suites": {"api": ["/api/users"], "web": ["/"]}}));
    let ended = place.run(&["run", "--suite", "ap1"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("suite: `ap1` is not configured") && ended.stderr.contains("api, web"), "{ended:#?}");
    let nothing = Place::new().run(&["run"]).await;
    assert_eq!(nothing.code, Some(2), "{nothing:#?}");
    assert!(nothing.stderr.contains("no suites are configured"), "{nothing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_may_hold_whole_checks_and_what_they_expect_holds() {
    let production = Production::healthy().await;
    let policy = json!({"policy": {"live_checks": [{"url": "/api/session", "expect": "jsonpath $.user exists"}]}});
    let place = configured(&production, &policy);
    production.answer("/api/session", Answer::json(200, &json!({"user": "ada"})));
    let run = ["run", "Deploy", "-e", "/api/users"];
    assert_eq!(place.run(&run).await.code, Some(0));
    production.answer("/api/session", Answer::json(200, &json!({"guest": true})));
    let ended = place.run(&run).await;
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stdout.contains("jsonpath $.user exists"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_asked_for_each_user_and_the_refused_one_is_required_and_no_proof() {
    let production = Production::healthy().await;
    production.answer("/api/me", Answer::json(200, &json!({"name": "ada"})));
    let users = json!({"test_users": {"ada": {"bearer_env": "SNIPARA_TEST_ADA"}}});
    let place = configured(&production, &users).with_variable("SNIPARA_TEST_ADA", "a-token-of-ada");
    let check = json!({"url": "/api/me", "users": {"ada": 200, "anonymous": 401}}).to_string();
    let ended = place.run(&["run", "Deploy", "--check", &check, "--json"]).await;
    // This production lets everybody in: anonymous is not refused, and that is told.
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert_eq!(proven(&place, &ended).await, ["task_check_1 ada", "task_check_2 anonymous"]);
    let reasons = ended.json()["gate"]["reasons"].to_string();
    assert!(reasons.contains("expected 401, got 200"), "{reasons}");
    let one = place.run(&["validate", "/api/me", "--json"]).await;
    assert_eq!(one.code, Some(0), "{one:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_check_in_the_configuration_is_named_by_its_key() {
    let production = Production::healthy().await;
    for (more, part) in [
        (json!({"suites": {"api": [{"url": "/x", "expect": "jsonpth $.a exists"}]}}), "`suites.api[0].expect[0]`"),
        (json!({"suites": {"api": []}}), "`suites`"),
        (json!({"suites": {"api": [{"url": "/x", "users": []}]}}), "`suites.api[0].users`"),
        (json!({"policy": {"live_checks": ["https://other.example/"]}}), "`policy.live_checks[0].url`"),
        (json!({"suites": {"api": [{"url": "/x", "expct": "x"}]}}), "did you mean `expect`"),
    ] {
        let ended = configured(&production, &more).run(&["run", "Deploy", "-e", "/api/users"]).await;
        assert_eq!(ended.code, Some(2), "{more}: {ended:#?}");
        assert!(ended.stderr.contains(part), "{more}: {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_replaces_what_a_person_trusted_is_named_in_what_done_rests_on() {
    let production = Production::healthy().await;
    let place = configured(&production, &json!({"policy": {"require": ["tests_ran"]}}));
    let run = ["run", "Deploy", "-e", "/api/users", "--json"];
    let strict = place.run(&run).await;
    assert_eq!(strict.code, Some(5), "no test ran: {strict:#?}");
    // Nobody trusted anything: there is nothing to compare with.
    let replaced: Vec<&str> = run.iter().copied().chain(["--policy", "{}"]).collect();
    let headline = |ended: &Ended| ended.json()["headline"].as_str().unwrap_or_default().to_owned();
    let ended = place.run(&replaced).await;
    assert_eq!((ended.code, headline(&ended).contains("trusted")), (Some(0), false), "{ended:#?}");
    assert_eq!(place.at_terminal("trust", "y\n").await.code, Some(0));
    let ended = place.run(&replaced).await;
    assert!(headline(&ended).contains("policy not what a person trusted"), "{ended:#?}");
    let url = production.url();
    let same = [&run[..], &["--prod-url", &url, "--policy", r#"{"require": ["tests_ran"]}"#]].concat();
    let elsewhere = [&same[..], &["--resolve", "other.example:443:127.0.0.1:1"]].concat();
    let named = |ended: &Ended| ended.json().to_string().contains("not what a person trusted");
    assert!(!named(&place.run(&same).await) && named(&place.run(&elsewhere).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_observes_under_its_own_settings_decides_nothing_later() {
    let production = Production::healthy().await;
    let place = configured(&production, &json!({"policy": {"min_task_proofs": 1}}));
    assert_eq!(place.at_terminal("trust", "y\n").await.code, Some(0));
    let missing = || Answer::json(404, &json!({"error": "no such route"}));
    let present = || Answer::json(200, &json!({"items": ["a"]}));
    let own_settings = ["--policy", "{}"];

    // A red that a script observed under its own settings shows nothing; one under what a person trusted does.
    for (path, settings, shown) in [("/api/first", &own_settings[..], 0), ("/api/second", &[], 1)] {
        production.answer(path, missing());
        let run = ["run", path, "-e", path, "--json"];
        let baseline = place.run(&[&run[..], &["--baseline"], settings].concat()).await;
        assert_eq!(baseline.code, Some(0), "{baseline:#?}");
        production.answer(path, present());
        let done = place.run(&run).await.json();
        assert_eq!((&done["status"], done["assurance"]["shown"].as_u64().unwrap_or_default()), (&json!("done"), shown));
    }

    // A pass under its own settings does not close what failed.
    production.answer("/api/third", missing());
    assert_ne!(place.run(&["run", "Fails", "-e", "/api/third", "--json"]).await.code, Some(0));
    production.answer("/api/third", present());
    let run = ["run", "Arranged", "-e", "/api/third", "--json"];
    let arranged = place.run(&[&run[..], &own_settings].concat()).await.json();
    let left_out = async || {
        let other = place.run(&["run", "Other", "-e", "/api/users", "--json"]).await.json();
        other["headline"].as_str().expect("a headline").contains("GET /api/third failed")
    };
    assert!(left_out().await, "the failure is still open: {arranged}");
    let honest = place.run(&run).await.json();
    assert!(!left_out().await, "it was asked again as a person trusts it: {honest}");

    // A DONE under its own settings is no evidence.
    let required = r#"{"type": "proof", "description": "GET /api/third answers"}"#;
    let create =
        ["htask-create", "Third", "--description", "d", "--owner", "ada", "--evidence-required", required, "--json"];
    let htask = place.run(&create).await.json()["task_id"].as_str().expect("an htask").to_owned();
    let complete = async |settings: &[&str]| {
        let done = place.run(&[&["run", "Proves", "-e", "/api/third", "--json"], settings].concat()).await.json();
        let evidence = json!({"type": "proof", "task_id": done["task_id"]}).to_string();
        place.run(&["htask-complete", &htask, "--evidence", &evidence, "--json"]).await
    };
    let refused = complete(&own_settings).await;
    assert!(refused.code == Some(2) && refused.stdout.contains("policy not what a person trusted"), "{refused:#?}");
    let completed = complete(&[]).await;
    assert_eq!(completed.code, Some(0), "{completed:#?}");
}
