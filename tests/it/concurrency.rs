//! Many processes of the real binary on one project, and processes that die in the middle.

use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::patience::PATIENCE;
use crate::support::production::Production;
use crate::support::sqlite::sqlite3;
use crate::support::world::PATHS;

const BINARY: &str = env!("CARGO_BIN_EXE_snipara-orchestrator");

/// A state folder and a repository that real processes share.
struct Shared {
    folder: TempDir,
    production: Production,
}

impl Shared {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("repository")).expect("a repository");
        Self { folder, production: Production::healthy().await }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .args(["--project", "shared", "--prod-url", &self.production.url(), "--json"])
            .current_dir(self.folder.path().join("repository"))
            .env("HOME", self.folder.path())
            .env("SNIPARA_ORCHESTRATOR_HOME", self.folder.path().join("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn run(&self, title: &str) -> Command {
        let mut arguments = vec!["run", title];
        for path in PATHS {
            arguments.extend(["--endpoint", path]);
        }
        self.command(&arguments)
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("home/projects/shared/store.sqlite3")
    }

    fn sqlite3(&self, sql: &str) -> String {
        sqlite3(&self.database(), sql).expect("the SQL runs")
    }

    async fn verify(&self) -> Value {
        let output = self.command(&["proofs", "verify"]).output().await.expect("it runs");
        let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert!(output.status.success(), "{report:#}");
        report
    }
}

/// A fixed sequence of numbers that look random (a linear congruential generator, Knuth's constants).
fn pseudo_random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_processes_times_twenty_runs_lose_nothing() {
    let shared = std::sync::Arc::new(Shared::new().await);
    let lanes = (0..8).map(|lane| {
        let shared = shared.clone();
        tokio::spawn(async move {
            for run in 0..20 {
                let output = shared.run(&format!("lane {lane} run {run}")).output().await.expect("it runs");
                let shown = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(!shown.contains("locked"), "{shown}");
                let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
                assert_eq!(
                    (output.status.code(), report["status"].as_str()),
                    (Some(0), Some("done")),
                    "{report:#}\n{shown}"
                );
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.expect("no lane fails");
    }
    assert_eq!(shared.sqlite3("SELECT count(*) FROM tasks WHERE status='done'"), "160");
    let last: u64 = shared.sqlite3("SELECT max(seq) FROM ledger_entries").parse().expect("a number");
    assert_eq!(shared.verify().await["entries"].as_u64(), Some(last));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_runs_killed_at_random_points_leave_no_lie() {
    let shared = Shared::new().await;
    let mut seed = 20_261_122;
    // The first run also measures how long one takes here, so that the kills fall into its whole length.
    let started = std::time::Instant::now();
    assert!(shared.run("measure").output().await.expect("it runs").status.success());
    let length_us = u64::try_from(started.elapsed().as_micros()).expect("short").max(20_000);
    for run in 0..200 {
        let mut child: Child = shared.run(&format!("killed {run}")).spawn().expect("it starts");
        let moment = Duration::from_micros(pseudo_random(&mut seed) % length_us);
        if tokio::time::timeout(moment, child.wait()).await.is_err() {
            child.kill().await.expect("killed");
        }
    }
    let report = shared.run("after the crashes").output().await.expect("it runs");
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
    shared.verify().await;
    // Any call that touches tasks records the interrupted ones: none claims to run, none is done without a decision.
    assert_eq!(shared.sqlite3("SELECT count(*) FROM runs WHERE state='running'"), "0");
    assert_eq!(
        shared.sqlite3("SELECT count(*) FROM tasks WHERE status IN ('in_progress','local_ok','validating','prod_ok')"),
        "0"
    );
    let undecided = "SELECT count(*) FROM tasks t WHERE status='done' AND NOT EXISTS \
                     (SELECT 1 FROM decisions d WHERE d.task_id=t.id AND d.attempt=t.attempt AND d.passed)";
    assert_eq!(shared.sqlite3(undecided), "0");
    let interrupted = shared.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='run_interrupted'");
    assert_ne!(interrupted, "0", "no kill fell into a run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_run_one_task_twice_at_once() {
    let shared = Shared::new().await;
    shared.production.answer("/api/users", crate::support::production::Answer::status(401));
    let go = shared.folder.path().join("repository/go");
    std::fs::write(&go, "").expect("written");
    // The run that has the task goes on until it is told to.
    let wait = ["--test", "while [ ! -e go ]; do sleep 0.05; done"];
    let first = shared.run("twice").args(wait).output().await.expect("it runs");
    let id =
        serde_json::from_slice::<Value>(&first.stdout).expect("json")["task_id"].as_str().expect("an id").to_owned();
    std::fs::remove_file(&go).expect("removed");
    let mut again: FuturesUnordered<_> = (0..6).map(|_| shared.command(&["run", "--task", &id]).output()).collect();
    let mut codes = Vec::new();
    while let Some(output) = tokio::time::timeout(PATIENCE, again.next()).await.expect("all but one end at once") {
        let output = output.expect("it runs");
        if output.status.code() == Some(2) {
            assert!(String::from_utf8_lossy(&output.stdout).contains("task_is_running"), "{output:?}");
        }
        codes.push(output.status.code());
        if codes.len() == 5 {
            std::fs::write(&go, "").expect("written");
        }
    }
    assert_eq!(codes, [Some(2), Some(2), Some(2), Some(2), Some(2), Some(5)]);
    assert_eq!(shared.sqlite3("SELECT attempt FROM tasks"), "2");
    assert_eq!(shared.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='run_started'"), "2");
}
