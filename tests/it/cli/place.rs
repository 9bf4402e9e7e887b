//! A repository with a HOME and a state folder of its own, and the binary in it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::patience::PATIENCE;

/// What a finished command left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// Reads standard output as exactly one JSON document.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }
}

pub(super) struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Place {
    pub(super) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder"), variables: Vec::new() };
        for folder in ["home", "state", "bin", "repository"] {
            std::fs::create_dir(place.path().join(folder)).expect("a folder");
        }
        let git = |words: &[&str]| {
            let status = std::process::Command::new("git")
                .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
                .args(words)
                .current_dir(place.repository())
                .env("HOME", place.path().join("home"))
                .status()
                .expect("git runs");
            assert!(status.success(), "git {words:?}");
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
        place
    }

    /// Sets a variable of the environment of everything that is run here.
    pub(super) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.path().join("repository")
    }

    /// Puts a shell script on the PATH.
    pub(super) fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let file = self.path().join("bin").join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }

    /// Prepares the binary; nothing of the test's own environment is inherited.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"));
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path().join("bin").display());
        command
            .args(words)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path().join("home"))
            .env("SNIPARA_ORCHESTRATOR_HOME", self.path().join("state"))
            .envs(self.variables.iter().cloned())
            .current_dir(self.repository())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(super) async fn run(&self, words: &[&str]) -> Ended {
        let child = self.command(words).spawn().expect("the binary starts");
        ended(child).await
    }

    /// Runs the binary at a terminal (util-linux's `script` gives one) and types the text, then end of input.
    pub(super) async fn at_terminal(&self, words: &str, typed: &str) -> Ended {
        use tokio::io::AsyncWriteExt;
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--command"])
            .arg(format!("{} {words}", env!("CARGO_BIN_EXE_snipara-orchestrator")))
            .arg("/dev/null")
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path().join("home"))
            .env("SNIPARA_ORCHESTRATOR_HOME", self.path().join("state"))
            .current_dir(self.repository())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("a terminal");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(typed.as_bytes()).await.expect("typed");
        drop(stdin);
        ended(child).await
    }

    /// Runs a line of a shell session: words as a shell would split them, the program's name first.
    pub(super) async fn line(&self, line: &str, more: &[&str]) -> Ended {
        let words = shlex::split(&line.replace("\\\n", " ")).expect("words");
        assert_eq!(words[0], "snipara-orchestrator");
        let words: Vec<&str> = words[1..].iter().map(String::as_str).chain(more.iter().copied()).collect();
        self.run(&words).await
    }
}

pub(super) async fn ended(child: Child) -> Ended {
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("ends in time").expect("output");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
