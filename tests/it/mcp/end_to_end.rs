//! Whole tasks through the real binary over its real pipes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::mcp_process::{McpProcess, runs, until};
use crate::support::production::{Answer, Production};
use crate::support::world::{PATHS, git};

/// A repository, a state folder and a production for one server.
struct Place {
    folder: TempDir,
    production: Production,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = folder.path().join("repository");
        std::fs::create_dir(&repository).expect("a repository");
        std::fs::create_dir(folder.path().join("home")).expect("a home");
        git(&repository, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(repository.join("README.md"), "# A service\n").expect("a file");
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "--message", "first"]);
        Self { folder, production: Production::healthy().await }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let repository = self.repository();
        let known = ["mcp", "--prod-url", &self.production.url(), "--repo", text(&repository), "--project", "it"];
        known.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    async fn serve(&self, more: &[&str]) -> McpProcess {
        self.serve_as(&[], more).await
    }

    async fn serve_as(&self, launcher: &[&str], more: &[&str]) -> McpProcess {
        let arguments = self.arguments(more);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut server = McpProcess::start_as(launcher, &self.home(), &words);
        server.initialize().await;
        server
    }
}

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
        json!({"title": "Deploy", "local_tests": [], "live_checks": ["/api/users"]}),
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
