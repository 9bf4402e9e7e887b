//! Every exit code, by a command that ends with it.

use serde_json::{Value, json};

use super::place::{Ended, Place};
use crate::support::production::{Answer, Production};

async fn run(place: &Place, production: &Production, more: &[&str]) -> Ended {
    let url = production.url();
    let mut words = vec!["run", "Deploy", "--prod-url", &url];
    if !more.contains(&"-e") {
        words.extend(["-e", "/api/users", "-e", "/api/orders", "-e", "/api/cart"]);
    }
    words.extend(more);
    place.run(&words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_done_is_0_and_the_report_is_shown() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let ended = run(&place, &production, &["--test", "echo hello"]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.starts_with("✓ DONE Deploy (task_"), "{ended:#?}");
    assert!(ended.stderr.contains("Local tests") && ended.stderr.contains("Production checks"), "{ended:#?}");
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "no colours in a pipe");
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_bad_input_is_2_and_nothing_is_written() {
    let (place, production) = (Place::new(), Production::healthy().await);
    for words in [&["-r", "0"][..], &["-r", "-1"], &["-r", "99"], &["-e", "ftp://x/y"], &["-e", "http://a:b@x/y"]] {
        let ended = run(&place, &production, words).await;
        assert_eq!(ended.code, Some(2), "{words:?} {ended:#?}");
        assert!(ended.stdout.is_empty() && ended.stderr.starts_with("error: "), "{ended:#?}");
    }
    let listed = place.run(&["task", "list", "--json", "--prod-url", &production.url()]).await;
    assert_eq!(listed.json(), json!({"tasks": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_without_production_it_is_2_and_names_the_setting() {
    let place = Place::new();
    let ended = place.run(&["run", "Deploy", "-e", "/api/users"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("prod_url"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_failing_local_test_is_4_and_both_streams_are_shown() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let ended = run(&place, &production, &["--test", "echo one-on-stdout; echo two-on-stderr >&2; exit 3"]).await;
    assert_eq!(ended.code, Some(4), "{ended:#?}");
    assert!(ended.stdout.starts_with("✗ LOCAL_FAIL Deploy"), "{ended:#?}");
    assert!(ended.stdout.contains("one-on-stdout") && ended.stdout.contains("two-on-stderr"), "{ended:#?}");
    assert!(ended.stdout.contains("exit code 3"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_refusal_is_5_and_says_expected_and_observed() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/api/auth/session", Answer::json(401, &json!({"error": "who are you?"})));
    let ended = run(&place, &production, &["-e", "/api/users", "-e", "/api/orders", "-e", "/api/auth/session"]).await;
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stdout.starts_with("✗ PROD_FAIL Deploy"), "{ended:#?}");
    assert!(ended.stdout.contains("expected 2xx, got 401"), "{ended:#?}");
    assert!(ended.stdout.contains("Next: "), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_drift_is_6_and_the_result_is_shown() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let ended = run(&place, &production, &["-e", "/api/users", "-e", "/api/orders", "-e", "/api/missing"]).await;
    assert_eq!(ended.code, Some(6), "{ended:#?}");
    assert!(ended.stdout.starts_with("✗ ENV_DRIFT Deploy"), "{ended:#?}");
    assert!(ended.stdout.contains("/api/missing") && ended.stdout.contains("ledger"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_what_could_not_be_observed_is_3() {
    let place = Place::new();
    // The reserved port of "discard" on loopback: nobody listens there.
    let ended = place.run(&["validate", "http://127.0.0.1:9/health", "--json"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert_eq!(ended.json()["result"], "unverified");
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_validate_sends_method_header_and_an_empty_object_and_judges_the_status() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("POST /login", Answer::json(201, &json!({"ok": true})));
    let url = production.at("/login");
    let words =
        ["validate", &url, "--method", "POST", "--expect", "201", "--header", "X-Trace: abc", "--body", "{}", "--json"];
    let ended = place.run(&words).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let request = production.received().into_iter().find(|request| request.method == "POST").expect("a request");
    assert_eq!((request.header("x-trace"), request.body.as_slice()), (Some("abc"), &b"{}"[..]));
    let ended = place.run(&["validate", &url, "-m", "POST", "-e", "200"]).await;
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stdout.contains("expected 200, got 201"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_run_has_method_and_status_per_endpoint() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("POST /api/login", Answer::json(201, &json!({"ok": true})));
    let check = r#"{"url": "/api/login", "method": "POST", "expected_status": 201, "body": {}}"#;
    let words = ["-e", "/api/users", "-e", "GET /api/orders => 200", "-e", "/api/cart => 2xx", "--check", check];
    let ended = run(&place, &production, &words).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let posted = production.received().into_iter().find(|request| request.method == "POST").expect("a request");
    assert_eq!((posted.target.as_str(), posted.body.as_slice()), ("/api/login", &b"{}"[..]));
}

/// Mozilla's Dockerflow tells the build at `/__version__`, which no run asks.
#[tokio::test(flavor = "multi_thread")]
async fn check_drift_all_asks_where_no_run_guesses() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let head = std::process::Command::new("git").args(["rev-parse", "HEAD"]).current_dir(place.repository()).output();
    let head = String::from_utf8(head.expect("git").stdout).expect("text");
    production.answer("/__version__", Answer::json(200, &json!({"version": "1.0", "commit": head.trim()})));
    let url = production.url();
    let words = ["check-drift", "--prod-url", &url, "--no-schema", "--no-health", "--version-check", "--json"];
    let usual = place.run(&words).await.json();
    assert!(usual["unverified"].to_string().contains("production answers no version"), "{usual:#}");
    let all = place.run(&[&words[..], &["--all"]].concat()).await;
    assert_eq!((all.code, &all.json()["unverified"]), (Some(0), &json!([])), "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn d02_nothing_checked_is_3_and_told() {
    let (place, production) = (Place::new(), Production::start().await);
    let url = production.url();
    let ended = place.run(&["check-drift", "--prod-url", &url, "--no-health", "--no-schema"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("nothing was checked"), "{ended:#?}");
    assert!(!ended.stdout.contains("no drift"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn d03_a_schema_that_was_not_compared_is_told_and_is_3_when_it_was_named() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let folder = place.repository().join("prisma");
    std::fs::create_dir(&folder).expect("a folder");
    let schema = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";
    std::fs::write(folder.join("schema.prisma"), schema).expect("written");
    let url = production.url();
    let ended = place.run(&["check-drift", "--prod-url", &url]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("Not verified") && ended.stdout.contains("schema"), "{ended:#?}");
    for flag in ["--schema", "--strict"] {
        let ended = place.run(&["check-drift", "--prod-url", &url, flag]).await;
        assert_eq!(ended.code, Some(3), "{flag} {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_quiet_prints_one_line_for_every_status() {
    let (place, production) = (Place::new(), Production::healthy().await);
    production.answer("/api/bad", Answer::json(500, &json!({"error": true})));
    for (words, code, verdict) in [
        (&[][..], 0, "✓ DONE"),
        (&["--test", "exit 1"], 4, "✗ LOCAL_FAIL"),
        (&["-e", "/api/users => 404", "-e", "/api/orders", "-e", "/api/cart"], 5, "✗ PROD_FAIL"),
        (&["-e", "/api/users", "-e", "/api/orders", "-e", "/api/none"], 6, "✗ ENV_DRIFT"),
    ] {
        let ended = run(&place, &production, &[words, &["--quiet", "-r", "2"]].concat()).await;
        assert_eq!(ended.code, Some(code), "{ended:#?}");
        assert!(ended.stdout.starts_with(verdict) && ended.stdout.lines().count() == 1, "{ended:#?}");
        assert_eq!(ended.stderr, "", "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_task_is_listed_shown_and_run_again_by_its_id() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    production.answers(
        "/api/users",
        vec![Answer::json(200, &json!([])), Answer::json(401, &json!({})), Answer::json(200, &json!({"users": 1}))],
    );
    let first = run(&place, &production, &["--json"]).await;
    assert_eq!(first.code, Some(5), "{first:#?}");
    let task = first.json()["task_id"].as_str().expect("an id").to_owned();
    let listed = place.run(&["task", "list", "--json", "--prod-url", &url]).await.json();
    assert_eq!((&listed["tasks"][0]["id"], &listed["tasks"][0]["status"]), (&json!(task), &json!("prod_fail")));
    let again = place.run(&["run", "--task", &task, "--prod-url", &url, "--json"]).await;
    assert_eq!(again.code, Some(0), "{again:#?}");
    let shown = place.run(&["task", "show", &task, "--prod-url", &url, "--json"]).await;
    assert_eq!(shown.code, Some(0));
    assert_eq!((&shown.json()["status"], &shown.json()["attempt"]), (&json!("done"), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_proofs_are_kept_shown_verified_and_exported() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let task = run(&place, &production, &["--json"]).await.json()["task_id"].as_str().expect("an id").to_owned();
    let at = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (place, url) = (&place, &url);
        async move {
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            words.extend(["--prod-url", url]);
            place.run(&words).await
        }
    };
    let proofs = at(&["proofs", "list", "--task", &task, "--json"]).await.json();
    let checks: Vec<&str> =
        proofs["proofs"].as_array().expect("a list").iter().filter_map(|proof| proof["check"].as_str()).collect();
    assert!(checks.contains(&"task_check_1") && checks.contains(&"task_check_3"), "{checks:?}");

    let verified = at(&["proofs", "verify", "--json"]).await;
    assert_eq!((verified.code, &verified.json()["verified"]), (Some(0), &json!(true)));

    let receipt = at(&["proofs", "export", "--task", &task]).await.json();
    assert_eq!(receipt["_type"], "https://in-toto.io/Statement/v1");

    let lines = at(&["proofs", "export", "--all"]).await;
    let entries: Vec<Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    assert_eq!(entries[0]["seq"], 1);
    for entry in &entries {
        let text = entry["canonical"].as_str().expect("the text that was hashed");
        assert_eq!(entry["hash"], format!("sha256:{}", snipara_orchestrator::domain::sha256_hex(text.as_bytes())));
    }
    let document = at(&["proofs", "export", "--all", "--json"]).await.json();
    assert_eq!(document["entries"], Value::from(entries.clone()));

    let file = place.path().join("chain.jsonl");
    let written = at(&["proofs", "export", "--all", "--output", &file.display().to_string()]).await;
    assert_eq!(written.code, Some(0), "{written:#?}");
    assert_eq!(std::fs::read_to_string(&file).expect("written"), lines.stdout);

    let entry = at(&["proofs", "show", "1", "--json"]).await.json();
    assert_eq!(entry["kind"], "task_created");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_is_generated_and_nothing_is_sent() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    let words = ["checklist", "-e", "/api/users", "-e", "/api/orders", "-r", "2", "--prod-url", &url];
    let ended = place.run(&words).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("[ ] task_check_2 GET "), "{ended:#?}");
    assert!(production.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_works_and_what_is_missing() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let ended = place.run(&["doctor"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("fix: snipara-orchestrator init --prod-url URL"), "{ended:#?}");
    let ended = place.run(&["doctor", "--json", "--prod-url", &production.url()]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let document = ended.json();
    let state = |name: &str| {
        let checks = document["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["name"] == name).map(|check| check["state"].clone())
    };
    assert_eq!(document["ok"], true);
    assert_eq!(state("git"), Some(json!("works")));
    assert_eq!(state("production"), Some(json!("works")));
    assert_eq!(state("prisma"), Some(json!("not_needed")));
    assert_eq!(state("codex"), None, "only clients that are here are told");
    assert_eq!((state("health"), state("suites")), (Some(json!("works")), Some(json!("missing"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_printed_and_written_one_file_a_tool() {
    let place = Place::new();
    let printed = place.run(&["schemas"]).await;
    assert_eq!(printed.code, Some(0), "{printed:#?}");
    let document = printed.json();
    assert!(document["run_task"]["inputSchema"].is_object(), "{document:#}");
    let folder = place.path().join("schemas");
    let written = place.run(&["schemas", "--output", &folder.display().to_string()]).await;
    assert_eq!(written.code, Some(0), "{written:#?}");
    let text = std::fs::read_to_string(folder.join("run_task.json")).expect("written");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), document["run_task"]);
}
