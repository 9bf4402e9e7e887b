//! Three small projects as they are (tests/fixtures/projects), each from its start to its first DONE: three commands by hand.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::place::Place;
use crate::support::patience::until_asked;

/// Where the projects lie whose dependencies are installed; `.ci/run` makes it.
const PREPARED: &str = "SNIPARA_TEST_PROJECTS";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// A project in a repository of its own, served at a port that is free.
struct Project {
    place: Place,
    url: String,
    serving: Child,
}

impl Project {
    async fn start(name: &str, dependencies: Option<(&Path, &str)>) -> Self {
        let place = Place::new();
        let repository = place.repository();
        copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/projects").join(name), &repository);
        if let Some((prepared, folder)) = dependencies {
            std::os::unix::fs::symlink(prepared.join(name).join(folder), repository.join(folder)).expect("linked");
        }
        for words in [&["add", "--all"][..], &["commit", "--quiet", "--message", "the project"]] {
            let git = std::process::Command::new("git")
                .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
                .args(words)
                .current_dir(&repository)
                .status();
            assert!(git.expect("git runs").success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let serving = Command::new(repository.join("start"))
            .env("PORT", port.to_string())
            .env("HOME", place.path().join("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut project = Self { place, url: format!("http://127.0.0.1:{port}"), serving };
        project.serves(port).await;
        project
    }

    /// Waits until it is served, or tells why it is not.
    async fn serves(&mut self, port: u16) {
        let ended = until_asked("the project listens", async || {
            let listens = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
            let ended = self.serving.try_wait().expect("a process");
            (listens || ended.is_some()).then_some(ended.filter(|_| !listens))
        });
        let Some(status) = ended.await else { return };
        let mut told = String::new();
        self.serving.stderr.as_mut().expect("a pipe").read_to_string(&mut told).await.expect("read");
        panic!("{status}: {told}");
    }

    fn file(&self) -> Value {
        let text = std::fs::read_to_string(self.place.repository().join(".snipara-orchestrator.json")).expect("a file");
        serde_json::from_str(&text).expect("JSON")
    }

    /// `init`, then `run`: DONE, with the suite that was found.
    async fn first_done(&self, suite: &Value, tests: Option<&str>) {
        let init = self.place.run(&["init", "--prod-url", &self.url]).await;
        assert_eq!(init.code, Some(0), "{init:#?}");
        assert_eq!(&self.file()["suites"]["repository"], suite, "{init:#?}");
        assert_eq!(self.file()["policy"]["local_tests"][0].as_str(), tests, "{init:#?}");
        assert!(init.stdout.contains("Next: snipara-orchestrator run"), "{init:#?}");
        let run = self.place.run(&["run", "--json"]).await;
        assert_eq!((run.code, &run.json()["status"]), (Some(0), &json!("done")), "{run:#?}");
        let doctor = self.place.run(&["doctor"]).await;
        assert!(doctor.code == Some(0) && doctor.stdout.contains("a DONE is possible now"), "{doctor:#?}");
        let again = self.place.run(&["init", "--prod-url", &self.url]).await;
        assert!(again.code == Some(0) && again.stdout.starts_with("✓ unchanged"), "{again:#?}");
    }
}

#[expect(clippy::print_stdout, reason = "who reads the tests sees what was skipped")]
fn prepared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(PREPARED).map(PathBuf::from);
    if folder.is_none() {
        println!(
            "skipped: {name}: set {PREPARED} to a copy of tests/fixtures/projects whose dependencies are installed"
        );
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_site_is_done_at_its_first_run() {
    Project::start("static", None).await.first_done(&json!(["/", "/about.html"]), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fastapi_project_is_done_at_its_first_run_with_pytest_in_a_venv_that_nobody_activated() {
    let Some(folder) = prepared("fastapi") else { return };
    let project = Project::start("fastapi", Some((&folder, ".venv"))).await;
    project.first_done(&json!(["/", "/orders"]), Some("pytest")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_express_project_is_done_at_its_first_run() {
    let Some(folder) = prepared("express") else { return };
    let project = Project::start("express", Some((&folder, "node_modules"))).await;
    project.first_done(&json!(["/", "/api/orders"]), Some("npm test")).await;
}
