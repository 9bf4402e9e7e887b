//! Whole tasks through the real binary over its real pipes.

use std::path::Path;

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, Environment, Overrides};
use snipara_orchestrator::domain::Actor;

use super::place::Place;
use crate::support::mcp_process::{McpProcess, runs};
use crate::support::patience::until;
use crate::support::production::{Answer, Production};
use crate::support::world::PATHS;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn task(local_tests: &[&str]) -> Value {
    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": local_tests, "live_checks": checks})
}

/// A command that runs until it is killed, recognised among all processes by its argument.
fn endless(seconds: u32) -> (String, String) {
    let marker = format!("{seconds}.{}", std::process::id());
    (format!("sleep {marker}"), marker)
}

#[tokio::test]
async fn the_binary_proves_a_task_and_refuses_it_when_production_breaks() {
    let place = Place::new().await;
    let mut server = place.serve(&["--allow-any-command"]).await;
    let report = server.structured("run_task", task(&["true"])).await;
    assert_eq!(report["status"], "done", "{report}");
    place.production.answer("/api/cart", Answer::text(500, "broken"));
    let report = server.structured("run_task", task(&[])).await;
    assert!(matches!(report["status"].as_str(), Some("env_drift" | "prod_fail")), "{report}");
    assert!(server.hang_up().await);
}

#[tokio::test]
async fn a_second_server_sees_what_the_first_one_proved() {
    let place = Place::new().await;
    let mut first = place.serve(&[]).await;
    let report = first.structured("run_task", task(&[])).await;
    assert!(first.hang_up().await);
    let mut second = place.serve(&["--toolsets", "all"]).await;
    let status = second.structured("task_status", json!({"task_id": report["task_id"]})).await;
    assert_eq!((status["status"].as_str(), status["running"].as_bool()), (Some("done"), Some(false)));
    assert_eq!(second.structured("verify_proofs", json!({})).await["verified"], true);
}

#[tokio::test]
async fn the_end_of_the_input_kills_the_children_of_a_run() {
    let place = Place::new().await;
    let mut server = place.serve(&["--allow-any-command"]).await;
    let (command, marker) = endless(86_301);
    server.begin("tools/call", json!({"name": "run_task", "arguments": task(&[&command])})).await;
    until("the local test runs", || runs(&marker)).await;
    assert!(server.hang_up().await);
    assert!(!runs(&marker), "the child outlived its server");
    let mut next = place.serve(&["--toolsets", "all"]).await;
    assert_eq!(next.structured("verify_proofs", json!({})).await["verified"], true);
}

#[tokio::test]
async fn a_signal_kills_the_children_of_a_run() {
    for signal in ["TERM", "INT"] {
        let place = Place::new().await;
        let mut server = place.serve(&["--allow-any-command"]).await;
        let (command, marker) = endless(if signal == "TERM" { 86_302 } else { 86_303 });
        server.begin("tools/call", json!({"name": "run_task", "arguments": task(&[&command])})).await;
        until("the local test runs", || runs(&marker)).await;
        server.signal(signal);
        server.ended().await;
        assert!(!runs(&marker), "the child outlived its server");
    }
}

#[tokio::test]
async fn cancelling_the_request_kills_the_children_and_the_server_goes_on() {
    let place = Place::new().await;
    let mut server = place.serve(&["--allow-any-command"]).await;
    let (command, marker) = endless(86_304);
    let id = server.begin("tools/call", json!({"name": "run_task", "arguments": task(&[&command])})).await;
    until("the local test runs", || runs(&marker)).await;
    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
    server.say(&cancelled).await;
    until("the child is gone", || !runs(&marker)).await;
    let tools = server.ask("tools/list", json!({})).await;
    assert_eq!(tools["result"]["tools"][0]["name"], "run_task");
}

#[tokio::test]
async fn progress_comes_when_it_is_asked_for_and_only_grows() {
    let place = Place::new().await;
    let mut server = place.serve(&[]).await;
    let call = json!({"name": "run_task", "arguments": task(&[]), "_meta": {"progressToken": "p"}});
    let answer = server.ask("tools/call", call).await;
    assert_eq!(answer["result"]["structuredContent"]["status"], "done", "{answer}");
    let told: Vec<f64> = server
        .notifications
        .iter()
        .filter(|message| message["method"] == "notifications/progress" && message["params"]["progressToken"] == "p")
        .map(|message| message["params"]["progress"].as_f64().expect("a number"))
        .collect();
    assert!(told.len() > 3 && told.is_sorted_by(|left, right| left < right), "{told:?}");
    let before = server.notifications.len();
    server.structured("run_task", task(&[])).await;
    assert_eq!(server.notifications.len(), before, "nobody asked");
}

#[tokio::test]
async fn a_local_test_cannot_speak_on_the_protocols_output() {
    let place = Place::new().await;
    let mut server = place.serve(&["--allow-any-command"]).await;
    let report = server.structured("run_task", task(&["echo not-the-protocol", "cat"])).await;
    assert_eq!(report["status"], "done", "{report}");
}

#[tokio::test]
async fn a_command_that_is_not_allowed_is_refused_before_it_runs() {
    let place = Place::new().await;
    let mut server = place.serve(&[]).await;
    let mark = place.repository().join("mark");
    let command = format!("touch {}", text(&mark));
    let result = server.call("run_task", task(&[&command])).await;
    assert!(!mark.exists(), "{result}");
    let status = &result["structuredContent"]["status"];
    assert!(result["isError"] == true || status == "local_fail", "{result}");
}

#[tokio::test]
async fn settings_that_are_edited_after_the_start_are_not_used() {
    let place = Place::new().await;
    let agents = Production::start().await;
    agents.fallback(Answer::json(200, &json!({"proven": true})));
    let mut server = place.serve(&[]).await;
    let settings = json!({
        "prod_url": agents.url(), "health_paths": [], "allowed_hosts": ["127.0.0.1"], "allowed_commands": ["touch *"],
        "fail_fast_on_drift": false, "resolve": {},
    });
    std::fs::write(place.repository().join(".snipara-orchestrator.json"), settings.to_string()).expect("written");
    let result = server.call("run_task", task(&["touch mark"])).await;
    assert!(result["isError"] == true && !place.repository().join("mark").exists(), "{result}");
    let checks: Vec<_> = ["/a", "/b", "/c"].iter().map(|path| json!({"url": agents.at(path)})).collect();
    let result = server.call("run_task", json!({"title": "Deploy", "local_tests": [], "live_checks": checks})).await;
    assert!(result["isError"] == true && agents.received().is_empty(), "{result}");
    assert_eq!(server.structured("run_task", task(&[])).await["status"], "done");
    let mut next = place.serve(&[]).await;
    let report = next.structured("run_task", task(&[])).await;
    assert_eq!(report["status"], "done", "under the settings of the flags: {report}");
    let looked = next.structured("validate_endpoint", json!({"url": PATHS[0]})).await;
    assert!(looked["warnings"].to_string().contains("waits for trust: allowed_commands"), "{looked}");
    assert!(agents.received().is_empty());
}

/// What agents in a hurry send; each is answered, none ends the session, none passes.
#[tokio::test]
async fn hurried_inputs_are_answered_and_prove_nothing() {
    let place = Place::new().await;
    let mut server = place.serve(&[]).await;
    for arguments in [
        json!({}),
        json!({"title": "Deploy"}),
        json!({"title": "Deploy", "local_tests": []}),
        json!({"title": "Deploy", "local_tests": null, "live_checks": null}),
        json!({"title": "Deploy", "local_tests": "npm test", "live_checks": "/health"}),
        json!({"title": "Deploy", "local_tests": [], "live_checks": ["/api/users is up and fine"]}),
        json!({"title": "Deploy", "local_tests": [], "live_checks": [{"url": "/api/users"}], "required_proofs": 6}),
        json!({"task_id": "latest"}),
        json!({"task_id": "task_00000000000000000000000000000000"}),
        json!({"title": "x".repeat(100_000), "local_tests": [], "live_checks": [{"url": "/"}]}),
        json!({"status": "done"}),
    ] {
        let result = server.call("run_task", arguments.clone()).await;
        assert_eq!(result["isError"], true, "{arguments} gave {result}");
    }
    assert_eq!(server.structured("run_task", task(&[])).await["status"], "done");
}

/// Without this a child that runs as the same user could write a verdict onto its parent's output.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_of_the_same_user_cannot_reach_the_servers_pipes_or_environment() {
    let place = Place::new().await;
    // Root may look into everything, so root gives the server to nobody; anybody else tries as who they are.
    let nobody: &[&str] = if nix::unistd::geteuid().is_root() {
        &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    } else {
        &[]
    };
    if !nobody.is_empty() {
        let given = std::process::Command::new("chown").args(["-R", "65534:65534", text(place.folder.path())]).status();
        assert!(given.expect("chown").success(), "the folder is given away");
    }
    let server = place.serve_as(nobody, &[]).await;
    let folder = format!("/proc/{}", server.id());
    for file in ["environ", "fd/1"] {
        let path = format!("{folder}/{file}");
        let words: Vec<&str> =
            nobody.iter().copied().chain(["sh", "-c", "exec 3<\"$1\" || exit 9", "sh", &path]).collect();
        let tried = std::process::Command::new(words[0]).args(&words[1..]).stderr(std::process::Stdio::null()).status();
        assert!(!tried.expect("it runs").success(), "{file} can be opened");
    }
    assert!(server.hang_up().await);
}

/// An agent sees no file and no command line of ours: what a person must do stands in the error.
#[tokio::test]
async fn a_server_without_usable_settings_says_what_a_person_must_do() {
    let place = Place::new().await;
    for (arguments, code, hint) in [
        (vec!["mcp", "--prod-url", "ftp://127.0.0.1"], "invalid_configuration", "correct --prod-url and start again"),
        (vec!["mcp", "--repo", text(&place.repository())], "no_production", "an MCP server reads it when it starts"),
    ] {
        let mut server = McpProcess::start_as(&[], &place.home(), &arguments);
        server.initialize().await;
        let result = server.call("run_task", task(&[])).await;
        let error: Value = serde_json::from_str(result["content"][0]["text"].as_str().expect("text")).expect("json");
        assert_eq!((result["isError"].as_bool(), error["code"].as_str()), (Some(true), Some(code)), "{error}");
        assert!(error["hint"].as_str().expect("a hint").contains(hint), "{error}");
    }
}

#[tokio::test]
async fn the_next_step_of_a_default_server_names_no_tool_that_it_does_not_offer() {
    let place = Place::new().await;
    let mut server = place.serve(&[]).await;
    let report = server.structured("run_task", task(&[])).await;
    assert_eq!(report["status"], "done", "{report}");
    let next = report["next_step"].as_str().expect("a step");
    for tool in ["export_receipt", "verify_proofs", "task_cancel", "cutover_checklist"] {
        assert!(!next.contains(tool), "{next}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_the_ledger_is_not_blamed() {
    let place = Place::new().await;
    let mut server = place.serve(&["--toolsets", "all"]).await;
    let report = server.structured("run_task", task(&[])).await;
    for (tool, arguments) in [
        ("export_receipt", json!({"task_id": report["task_id"], "attempt": 5})),
        ("task_status", json!({"task_id": "task_00000000000000000000000000000000"})),
        ("task_status", json!({"task_id": "deploy"})),
    ] {
        let result = server.call(tool, arguments).await;
        let error: Value = serde_json::from_str(result["content"][0]["text"].as_str().expect("text")).expect("json");
        assert_eq!(error["code"], "not_found", "{error}");
    }
}

#[tokio::test]
async fn a_configuration_that_a_person_trusts_counts_at_the_next_call_without_a_restart() {
    let place = Place::new().await;
    let repository = place.repository();
    let document = json!({"prod_url": place.production.url(), "snipara_project": "it", "repo_path": text(&repository)});
    let file = place.home().join(".snipara-orchestrator.json");
    std::fs::write(&file, document.to_string()).expect("written");
    let mut server = McpProcess::start_as(&[], &place.home(), &["mcp"]);
    server.initialize().await;
    let result = server.call("run_task", task(&[])).await;
    let error = result["content"][0]["text"].as_str().expect("text");
    for part in ["untrusted_configuration", "prod_url", text(&file), "snipara-orchestrator trust"] {
        assert!(error.contains(part), "{part} in {error}");
    }

    let variables = ["HOME", "SNIPARA_ORCHESTRATOR_HOME"].map(|name| (name.into(), place.home().into_os_string()));
    let environment = Environment { variables: variables.into(), current_folder: place.home(), supervisor: None };
    let person = config::load(Actor::Person, &Overrides::default(), &environment).expect("loads");
    config::record_trust(&person).expect("recorded");
    assert_eq!(server.structured("run_task", task(&[])).await["status"], "done");
}

#[tokio::test]
async fn the_next_server_records_a_killed_one_as_interrupted_and_ends_what_it_left() {
    let place = Place::new().await;
    let mut server = place.serve(&["--allow-any-command"]).await;
    let (command, marker) = endless(86_305);
    let arguments = json!({"wait_seconds": 0, "title": "Deploy", "local_tests": [command], "live_checks": task(&[])["live_checks"]});
    let begun = server.structured("run_task", arguments).await;
    assert_eq!(begun["running"], true, "{begun}");
    until("the local test runs", || runs(&marker)).await;
    server.signal("KILL");
    server.ended().await;
    let mut next = place.serve(&[]).await;
    let report = next.structured("task_status", json!({"task_id": begun["task_id"], "wait_seconds": 0})).await;
    assert_eq!((report["cause"].as_str(), report["running"].as_bool()), (Some("interrupted"), Some(false)), "{report}");
    assert_eq!(report["warnings"], json!([]), "it has local tests, they were interrupted");
    until("what it left is gone", || !runs(&marker)).await;
}
