//! What is typed in the first fifteen minutes: what works is told, and what does not names the way out.

use serde_json::json;

use super::place::Place;
use crate::support::production::{Answer, Production};

fn write(place: &Place, text: &str) {
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), text).expect("written");
}

/// The configuration as Snipara's page shows it, with a production that is here.
fn of_the_page(prod_url: &str) -> String {
    json!({
        "snipara_api_key": "snp-your-api-key",
        "snipara_project": "my-project",
        "prod_url": prod_url,
        "repo_path": "/path/to/repo",
        "test_user": "test@example.com",
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_copied_from_the_page_says_which_path_is_not_there_and_its_key_is_none() {
    let production = Production::healthy().await;
    let place = Place::new();
    write(&place, &of_the_page(&production.url()));
    let run = ["run", "Deploy", "-e", "/api/users"];
    let refused = place.run(&run).await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("there is no folder /path/to/repo"), "{refused:#?}");
    assert!(refused.stderr.contains("leave the key out"), "{refused:#?}");
    // What the hint says is done.
    write(&place, &of_the_page(&production.url()).replace(r#""repo_path":"/path/to/repo","#, ""));
    let done = place.run(&run).await;
    assert_eq!(done.code, Some(0), "{done:#?}");
    assert!(done.stderr.contains("`snp-your-api-key`"), "{done:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_chooses_the_id_of_a_task_and_runs_it_again_by_it() {
    let production = Production::healthy().await;
    let place = Place::new();
    write(&place, &json!({ "prod_url": production.url() }).to_string());
    production.answer("/api/users", Answer::json(500, &json!({"error": "x"})));
    let run = ["run", "Deploy Auth", "--task", "deploy-auth", "-e", "/api/users", "--json"];
    let first = place.run(&run).await;
    assert_eq!((&first.json()["task_id"], &first.json()["attempt"]), (&json!("deploy-auth"), &json!(1)), "{first:#?}");
    production.answer("/api/users", Answer::json(200, &json!({"users": ["ada"]})));
    let second = place.run(&run).await;
    assert_eq!((second.code, &second.json()["attempt"]), (Some(0), &json!(2)), "{second:#?}");
    let shown = place.run(&["task", "show", "deploy-auth", "--json"]).await.json();
    assert_eq!(shown["status"], json!("done"), "{shown:#}");
    let other = place.run(&["run", "Other", "--task", "deploy-auth", "-e", "/api/users"]).await;
    assert!(other.code == Some(2) && other.stderr.contains("is not the title of deploy-auth"), "{other:#?}");
    let unknown = place.run(&["run", "--task", "deploy-web"]).await;
    assert!(unknown.code == Some(2) && unknown.stderr.contains("no task deploy-web"), "{unknown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_is_not_there_is_bad_input_and_no_task_is_written() {
    let production = Production::healthy().await;
    let place = Place::new();
    write(&place, &json!({ "prod_url": production.url() }).to_string());
    let ended = place.run(&["run", "Deploy", "-e", "/api/users", "--ui-test", "e2e/login.spec.ts"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("ui_tests: the spec `e2e/login.spec.ts` is not there"), "{ended:#?}");
    let tasks = place.run(&["task", "list", "--json"]).await.json();
    assert_eq!(tasks["tasks"], json!([]), "{tasks:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_tests_of_the_policy_and_the_task_run_once() {
    let production = Production::healthy().await;
    let place = Place::new();
    place.program("npm", "echo ran >> \"$HOME/runs\"");
    let policy = json!({ "local_tests": ["npm test"] });
    write(&place, &json!({ "prod_url": production.url(), "policy": policy }).to_string());
    let ended = place.run(&["run", "Deploy", "-e", "/api/users", "--test", "npm test"]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(std::fs::read_to_string(place.path().join("home/runs")).expect("runs"), "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_may_be_written_as_a_text() {
    let place = Place::new();
    place.program("flyctl", "printf '%s|' \"$@\"");
    let deploy = json!({ "command": "flyctl deploy --app '{service} {environment}'" });
    write(&place, &json!({ "deploy": deploy }).to_string());
    let ended = place.run(&["deploy", "shop", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.contains("deploy|--app|shop production|"), "{ended:#?}");
}

/// A repository of a FastAPI service, some of whose routes production has.
fn service(place: &Place) {
    let text = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/api/users')\ndef users(): ...\n\
                @app.get('/api/new')\ndef new(): ...\n@app.get('/api/users/{id}')\ndef one(id): ...\n";
    std::fs::write(place.repository().join("main.py"), text).expect("written");
}

fn configured(place: &Place) -> serde_json::Value {
    let text = std::fs::read_to_string(place.repository().join(".snipara-orchestrator.json")).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn init_proposes_what_production_answers_now_and_says_what_it_left_out() {
    let production = Production::healthy().await;
    let place = Place::new();
    service(&place);
    let init = ["init", "--prod-url", &production.url(), "--json"];
    let first = place.run(&init).await;
    assert_eq!(first.code, Some(0), "{first:#?}");
    let file = configured(&place);
    assert_eq!((&file["snipara_project"], &first.json()["found"]["health"]), (&json!("repository"), &json!("/health")));
    let suite = file["suites"]["repository"].as_array().expect("a suite");
    assert!(suite.contains(&json!("/api/users")) && !suite.contains(&json!("/api/new")), "{file:#}");
    let found = &first.json()["found"];
    assert_eq!(
        (&found["frameworks"], &found["left_out"][0][0]),
        (&json!(["FastAPI"]), &json!("/api/new")),
        "{found:#}"
    );
    // Whatever production answers later, the same words change nothing.
    drop(production);
    let again = place.run(&init).await;
    assert_eq!((again.code, &again.json()["status"]), (Some(0), &json!("unchanged")), "{again:#?}");
    assert_eq!(configured(&place), file);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_init_finds_never_takes_the_place_of_what_the_file_says() {
    let production = Production::healthy().await;
    let place = Place::new();
    service(&place);
    let url = production.url();
    let own = json!({ "snipara_project": "repository", "prod_url": url, "health_paths": [] });
    write(&place, &own.to_string());
    let told = place.run(&["init", "--prod-url", &url]).await;
    assert!(told.code == Some(0) && told.stdout.contains("Not written"), "{told:#?}");
    assert!(configured(&place).get("suites").is_none());
    let added = place.run(&["init", "--prod-url", &url, "--yes"]).await;
    assert_eq!(added.code, Some(0), "{added:#?}");
    let file = configured(&place);
    assert!(file["suites"]["repository"].is_array() && file["health_paths"] == json!([]), "{file:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn init_bare_writes_what_the_flags_say_and_asks_nobody() {
    let production = Production::healthy().await;
    let place = Place::new();
    service(&place);
    assert_eq!(place.run(&["init", "--bare", "--prod-url", &production.url()]).await.code, Some(0));
    let file = configured(&place);
    assert_eq!(file.as_object().map(serde_json::Map::len), Some(3), "{file:#}");
    assert!(production.received().is_empty());
}

#[tokio::test]
async fn without_an_address_init_names_the_one_that_the_framework_usually_has() {
    let place = Place::new();
    service(&place);
    let ended = place.run(&["init"]).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("snipara-orchestrator init --prod-url http://localhost:8000"), "{ended:#?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_the_suite_is_shown_and_may_be_declined() {
    let production = Production::healthy().await;
    for (answer, written) in [("", true), ("n", false)] {
        let place = Place::new();
        service(&place);
        let ended = place.at_terminal("init", &format!("\n{}\n{answer}\n", production.url())).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert!(
            ended.stdout.contains("GET /api/users (answers)") && ended.stdout.contains("Write this? [Y/n]"),
            "{ended:#?}"
        );
        assert_eq!(configured(&place).get("suites").is_some(), written);
        let status = place.run(&["status", "--json"]).await.json();
        assert_eq!(status["trusted"], json!(true), "{status:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_whether_a_done_is_possible_now_and_what_comes_first() {
    let production = Production::healthy().await;
    let place = Place::new();
    let suites = json!({ "api": ["/api/users", "/api/new"] });
    let policy = json!({ "local_tests": ["no-such-runner"], "live_checks": [{ "url": "/api/me", "user": "ada" }] });
    let users = json!({ "ada": { "bearer_env": "SNIPARA_TEST_ADA" } });
    let file = json!({ "prod_url": production.url(), "suites": suites, "policy": policy, "test_users": users });
    write(&place, &file.to_string());
    let ended = place.run(&["doctor"]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stdout.contains("in this order: local tests, test users, suites"), "{ended:#?}");
    assert!(ended.stdout.contains("export SNIPARA_TEST_ADA="), "{ended:#?}");
    assert!(ended.stdout.contains("/api/new (expected 2xx, got 404"), "{ended:#?}");
    // A file whose repository is not there: it is told, and the rest is looked at.
    write(&place, &json!({ "prod_url": production.url(), "repo_path": "/path/to/repo", "verbos": 1 }).to_string());
    let broken = place.run(&["doctor", "--json"]).await;
    let told = broken.json();
    let details: Vec<&str> =
        told["checks"].as_array().expect("checks").iter().filter_map(|one| one["detail"].as_str()).collect();
    for part in ["/path/to/repo", "unknown key `verbos`", "answers 404"] {
        assert_eq!(details.iter().filter(|detail| detail.contains(part)).count(), 1, "{part}: {told:#}");
    }
}
