//! Settings that change under a running server: what only a person may loosen, and what holds at once.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use snipara_orchestrator::config::{self, Environment, Overrides};
use snipara_orchestrator::domain::Actor;

use super::place::Place;
use crate::support::http_process::{HttpProcess, Site};
use crate::support::http_served::{modern, told};
use crate::support::mcp_process::McpProcess;
use crate::support::world::{PATHS, git};

/// A server whose settings stand in a file of the repository.
struct Configured {
    place: Place,
    file: PathBuf,
}

impl Configured {
    /// Writes a policy into the file, which nobody trusts yet.
    async fn new(policy: &Value) -> Self {
        let place = Place::new().await;
        let file = place.repository().join(".snipara-orchestrator.json");
        let configured = Self { place, file };
        configured.write(policy);
        configured
    }

    fn document(&self, policy: &Value) -> Value {
        json!({"prod_url": self.place.production.url(), "snipara_project": "it", "policy": policy})
    }

    fn write(&self, policy: &Value) {
        self.write_whole(&self.document(policy));
    }

    fn write_whole(&self, document: &Value) {
        std::fs::write(&self.file, document.to_string()).expect("written");
    }

    /// A person at another terminal.
    fn trust(&self) {
        let home = self.place.home().into_os_string();
        let variables = ["HOME", "SNIPARA_ORCHESTRATOR_HOME"].map(|name| (name.into(), home.clone()));
        let current_folder = self.place.repository();
        let environment = Environment { variables: variables.into(), current_folder, supervisor: None };
        let person = config::load(Actor::Person, &Overrides::default(), &environment).expect("loads");
        config::record_trust(&person).expect("recorded");
    }

    async fn serve_in(&self, folder: &Path, words: &[&str]) -> McpProcess {
        let folder = folder.to_str().expect("a path of text");
        let words: Vec<&str> = ["mcp"].iter().chain(words).copied().collect();
        let mut server = McpProcess::start_as(&["env", "-C", folder], &self.place.home(), &words);
        server.initialize().await;
        server
    }

    async fn serve(&self) -> McpProcess {
        self.serve_in(&self.place.repository(), &["--toolsets", "all"]).await
    }
}

fn task() -> Value {
    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": [], "live_checks": checks})
}

/// Runs a task; returns where it stands, and what the next call is warned of, whose answer has room for all of it.
async fn run(server: &mut McpProcess) -> (String, String) {
    let report = server.structured("run_task", task()).await;
    let looked = server.structured("validate_endpoint", json!({"url": "/api/users"})).await;
    (report["status"].as_str().expect("a status").to_owned(), looked["warnings"].to_string())
}

/// Calls a tool that refuses; returns what it says.
async fn refused(server: &mut McpProcess, tool: &str, arguments: Value) -> String {
    let result = server.call(tool, arguments).await;
    assert_eq!(result["isError"], true, "{result}");
    result["content"][0]["text"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn the_next_call_has_a_tightened_file_at_once_and_a_loosened_one_when_a_person_trusted_it() {
    let configured = Configured::new(&json!({})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let (status, warnings) = run(&mut server).await;
    assert!(status == "done" && !warnings.contains("trust"), "{status}: {warnings}");

    let strict = json!({"require": ["tests_ran"]});
    configured.write(&strict);
    let (status, warnings) = run(&mut server).await;
    assert_eq!(status, "prod_fail", "a tightened file holds at once");
    assert!(warnings.contains("holds at once, with a caller's rights"), "{warnings}");

    configured.trust();
    configured.write(&json!({}));
    let (status, warnings) = run(&mut server).await;
    assert_eq!(status, "prod_fail", "what a person trusted stays in force");
    assert!(warnings.contains("waits for trust: policy"), "{warnings}");

    configured.trust();
    assert_eq!(run(&mut server).await.0, "done", "trusted at another terminal, in force without a restart");
}

#[tokio::test]
async fn a_server_over_http_has_a_tightened_file_at_its_next_call() {
    let site = Site::new().await;
    let server = HttpProcess::started(site.command("serve", &["--bind", "127.0.0.1:0", "--no-token"])).await;
    let status = async || {
        let call = json!({"name": "run_task", "arguments": task()});
        let answer = told(modern(&server.url, "tools/call", call)).await;
        answer.json()["result"]["structuredContent"]["status"].as_str().map(str::to_owned)
    };
    assert_eq!(status().await.as_deref(), Some("done"));
    let file = site.path().join("repository/.snipara-orchestrator.json");
    std::fs::write(file, r#"{"policy": {"require": ["tests_ran"]}}"#).expect("written");
    assert_eq!(status().await.as_deref(), Some("prod_fail"));
}

#[tokio::test]
async fn nothing_that_an_agent_does_to_the_file_gives_it_a_laxer_gate() {
    let configured = Configured::new(&json!({"require": ["tests_ran"]})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let file = configured.file.clone();
    let lax = configured.place.home().join("lax.json");
    std::fs::write(&lax, configured.document(&json!({})).to_string()).expect("written");
    let remove = || std::fs::remove_file(&file).expect("removed");
    let attacks: [(&str, &dyn Fn()); 7] = [
        ("loosened", &|| configured.write(&json!({}))),
        ("broken", &|| std::fs::write(&file, "{\"policy\": ").expect("written")),
        ("wrong", &|| std::fs::write(&file, r#"{"policy": 7}"#).expect("written")),
        ("deleted", &remove),
        ("a link", &|| std::os::unix::fs::symlink(&lax, &file).expect("linked")),
        ("a dead link", &|| {
            remove();
            std::os::unix::fs::symlink("/nowhere", &file).expect("linked");
        }),
        ("a folder", &|| {
            remove();
            std::fs::create_dir(&file).expect("a folder");
        }),
    ];
    for (what, attack) in attacks {
        attack();
        let (status, warnings) = run(&mut server).await;
        assert_eq!(status, "prod_fail", "{what}: {warnings}");
        assert!(warnings.contains("in force"), "{what}: {warnings}");
    }
    // Nor does another server, which never saw the file as it was.
    let mut next = configured.serve().await;
    assert_eq!(run(&mut next).await.0, "prod_fail");
    assert_eq!(server.structured("remember", json!({"content": "kept"})).await["created"], true, "memory never stops");
}

#[tokio::test]
async fn a_tightened_file_that_breaks_stays_in_force_as_it_was() {
    let configured = Configured::new(&json!({})).await;
    configured.trust();
    let mut server = configured.serve().await;
    configured.write(&json!({"require": ["tests_ran"]}));
    assert_eq!(run(&mut server).await.0, "prod_fail");
    std::fs::write(&configured.file, "{").expect("written");
    let (status, warnings) = run(&mut server).await;
    assert_eq!(status, "prod_fail", "the last good settings");
    assert!(warnings.contains("the settings that were read before stay in force"), "{warnings}");
    configured.write(&json!({}));
    assert_eq!(run(&mut server).await.0, "done");
}

#[tokio::test]
async fn a_repository_inside_of_the_trusted_one_does_not_hide_its_settings_from_a_running_server() {
    let configured = Configured::new(&json!({"require": ["tests_ran"]})).await;
    configured.trust();
    let inside = configured.place.repository().join("src");
    std::fs::create_dir(&inside).expect("a folder");
    let url = configured.place.production.url();
    let mut server = configured.serve_in(&inside, &["--prod-url", &url, "--project", "it"]).await;
    assert_eq!(run(&mut server).await.0, "prod_fail");
    git(&inside, &["init", "--quiet"]);
    let (status, warnings) = run(&mut server).await;
    assert_eq!(status, "prod_fail", "{warnings}");
    assert!(warnings.contains("stay in force"), "{warnings}");
}

#[tokio::test]
async fn what_an_untrusted_policy_adds_is_refused_by_name_and_neither_executed_nor_passed_over() {
    let configured = Configured::new(&json!({"local_tests": ["true"]})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let marker = configured.place.home().join("executed");
    let command = format!("touch {}", marker.display());
    configured.write(&json!({"local_tests": ["true", command]}));
    let told = refused(&mut server, "run_task", task()).await;
    assert!(told.contains("policy.local_tests[1] waits for trust"), "{told}");
    assert!(told.contains("untrusted_configuration") && told.contains("snipara-orchestrator trust"), "{told}");
    configured.write(&json!({"local_tests": ["true"], "live_checks": [{"url": "/api/users", "user": "ada"}]}));
    let told = refused(&mut server, "run_task", task()).await;
    assert!(told.contains("policy.live_checks[0] waits for trust: it asks as a test user"), "{told}");
    assert!(!marker.exists());
    configured.trust();
    configured.write(&json!({"local_tests": ["true"]}));
}

#[tokio::test]
async fn a_suite_of_an_untrusted_file_is_named_so_in_the_verdict() {
    let configured = Configured::new(&json!({})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let mut document = configured.document(&json!({}));
    document["suites"] = json!({"new": PATHS});
    configured.write_whole(&document);
    let request = json!({"title": "Deploy", "local_tests": [], "suite": ["new"]});
    let report = server.structured("run_task", request.clone()).await;
    let headline = report["headline"].as_str().expect("a headline").to_owned();
    assert!(headline.contains("suite `new` is of a file that no person trusted"), "{report}");
    configured.trust();
    let report = server.structured("run_task", request).await;
    assert!(!report["headline"].as_str().expect("a headline").contains("trusted"), "{report}");
}

#[tokio::test]
async fn answers_that_a_waiting_key_would_have_changed_say_so() {
    let configured = Configured::new(&json!({})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let mut document = configured.document(&json!({}));
    document["prod_url"] = json!("http://127.0.0.1:1");
    configured.write_whole(&document);
    for (tool, arguments) in [
        ("validate_endpoint", json!({"url": "/api/users"})),
        ("check_drift", json!({"routes": ["/api/users"]})),
        ("cutover_checklist", json!({"live_checks": ["/api/users"]})),
    ] {
        let answer = server.structured(tool, arguments).await;
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains("waits for trust: prod_url"), "{tool}: {answer}");
    }
}

#[tokio::test]
async fn production_of_a_file_that_nobody_trusted_is_not_asked_and_memory_answers() {
    let configured = Configured::new(&json!({})).await;
    let mut server = configured.serve().await;
    for (tool, arguments) in [
        ("run_task", task()),
        ("validate_endpoint", json!({"url": "/api/users"})),
        ("check_drift", json!({"routes": ["/api/users"]})),
        ("cutover_checklist", json!({"live_checks": ["/api/users"]})),
        ("run_task", task()),
    ] {
        let told = refused(&mut server, tool, arguments).await;
        assert!(told.contains("untrusted_configuration") && told.contains("prod_url"), "{tool}: {told}");
    }
    assert!(configured.place.production.received().is_empty(), "it was not asked");
    assert_eq!(server.structured("remember", json!({"content": "kept"})).await["created"], true);
    configured.trust();
    assert_eq!(run(&mut server).await.0, "done");
}

#[tokio::test]
async fn a_server_refuses_calls_while_the_settings_bound_its_tools_more_closely_than_at_its_start() {
    let configured = Configured::new(&json!({})).await;
    configured.trust();
    let mut server = configured.serve().await;
    let mut document = configured.document(&json!({}));
    document["lockdown"] = json!(true);
    configured.write_whole(&document);
    let told = refused(&mut server, "run_task", task()).await;
    assert!(told.contains("restart_needed"), "{told}");
    configured.write(&json!({}));
    assert_eq!(run(&mut server).await.0, "done");
}
