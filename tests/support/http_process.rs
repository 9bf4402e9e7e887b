//! The real binary as an HTTP server on a port of its own, with a repository, a state folder and a production.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use snipara_orchestrator::store::STORE_FILE;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::patience::PATIENCE;
use super::production::Production;
use super::sqlite::sqlite3;
use super::world::{PATHS, git};

/// What a server needs around it.
pub struct Site {
    folder: TempDir,
    pub production: Production,
}

impl Site {
    pub async fn new() -> Self {
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

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Prepares the binary with this command and the words that every server here is given.
    pub fn command(&self, verb: &str, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"));
        command
            .arg(verb)
            .args(["--prod-url", &self.production.url(), "--project", "it", "--repo"])
            .arg(self.folder.path().join("repository"))
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("SNIPARA_ORCHESTRATOR_HOME", self.home())
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts `serve` on a free port, and waits until it says which. Without tokens of its own it asks for none,
    /// whoever else has an account on this machine.
    pub async fn serve(&self, words: &[&str]) -> HttpProcess {
        let asks = words.iter().any(|word| ["--token-file", "--jwt-issuer"].contains(word));
        let open: &[&str] = if asks { &[] } else { &["--no-token"] };
        let words: Vec<&str> = ["--bind", "127.0.0.1:0"].iter().chain(open).chain(words).copied().collect();
        HttpProcess::started(self.command("serve", &words)).await
    }

    /// Runs SQL in the store's file: another path than ours.
    pub fn sqlite3(&self, sql: &str) -> String {
        let file = self.home().join("projects/it").join(STORE_FILE);
        sqlite3(&file, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs another command of ours on the same state to its end; returns its document.
    pub async fn asked(&self, verb: &str, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().chain(&["--json"]).copied().collect();
        let output = tokio::time::timeout(PATIENCE, self.command(verb, &words).output());
        let output = output.await.expect("an end in time").expect("it ran");
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {output:?}"))
    }
}

/// The arguments of a task that a healthy production proves.
pub fn task(local_tests: &[&str]) -> Value {
    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": local_tests, "live_checks": checks})
}

/// A command that runs until it is killed, recognised among all processes by its argument.
pub fn endless(seconds: u32) -> (String, String) {
    let marker = format!("{seconds}.{}", std::process::id());
    (format!("sleep {marker}"), marker)
}

/// A running server.
pub struct HttpProcess {
    child: Child,
    /// The address of its endpoint, as it said it.
    pub url: String,
    told: Arc<Mutex<String>>,
}

impl HttpProcess {
    /// Starts a server and waits until it says where it serves.
    pub async fn started(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its notes")).lines();
        let told = Arc::new(Mutex::new(String::new()));
        let mut url = None;
        while url.is_none() {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line in time");
            let Some(line) = line.expect("read") else { panic!("it ended: {}", told.lock().expect("unpoisoned")) };
            url = line.strip_prefix("serving MCP at ").and_then(|rest| rest.split(';').next()).map(str::to_owned);
            told.lock().expect("unpoisoned").push_str(&format!("{line}\n"));
        }
        let more = told.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                more.lock().expect("unpoisoned").push_str(&format!("{line}\n"));
            }
        });
        Self { child, url: url.expect("a URL"), told }
    }

    /// Returns the host and port that it listens at.
    pub fn authority(&self) -> String {
        let (_, rest) = self.url.split_once("://").expect("a URL");
        rest.trim_end_matches("/mcp").to_owned()
    }

    /// Returns what it has said on standard error until now.
    pub fn told(&self) -> String {
        self.told.lock().expect("unpoisoned").clone()
    }

    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.expect("kill is installed").success());
    }

    /// Waits for the end, whatever brought it.
    pub async fn ended(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("waited")
    }
}
