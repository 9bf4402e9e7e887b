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
