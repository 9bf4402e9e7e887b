//! A repository with an executor, and eyes on processes that do not go through the executor.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::{Path, PathBuf};

use snipara_orchestrator::domain::{ProcessIdentity, Redactor, SecretText};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use tempfile::TempDir;

use super::patience::until;

/// The secret that every workshop's redactor knows.
pub(crate) const SECRET: &str = "0f1e2d3c4b5a69788796a5b4";

/// An empty repository in which commands run.
pub(crate) struct Workshop {
    pub(crate) folder: TempDir,
    pub(crate) executor: Executor,
}

impl Workshop {
    /// A person's: anything may run.
    pub(crate) fn new() -> Self {
        Self::with_policy(CommandPolicy::Unrestricted)
    }

    /// A person's, whose commands the binary watches over.
    #[cfg(target_os = "linux")]
    pub(crate) fn supervised() -> Self {
        Self::new().below(env!("CARGO_BIN_EXE_snipara-orchestrator").into())
    }

    /// The same below a shell script, which is no supervisor.
    #[cfg(target_os = "linux")]
    pub(crate) fn supervised_by(script: &str) -> Self {
        let workshop = Self::new();
        let supervisor = workshop.script("supervisor", script);
        workshop.below(supervisor)
    }

    #[cfg(target_os = "linux")]
    fn below(self, supervisor: PathBuf) -> Self {
        let settings = settings(self.folder.path(), CommandPolicy::Unrestricted);
        let executor = Executor::with_settings(ExecutorSettings { supervisor: Some(supervisor), ..settings });
        Self { executor, ..self }
    }

    pub(crate) fn with_policy(policy: CommandPolicy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let executor = Executor::with_settings(settings(folder.path(), policy));
        Self { folder, executor }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    /// Writes a shell script that can be started.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, &format!("#!/bin/sh\n{text}\n"));
        let path = self.path(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
        path
    }

    /// Waits until a command wrote its process id into a file, and reads it.
    pub(crate) async fn pid(&self, name: &str) -> u32 {
        let path = self.path(name);
        let mut found = None;
        until(&format!("{name} holds a process id"), || {
            found = std::fs::read_to_string(&path)
                .ok()
                .filter(|text| text.ends_with('\n'))
                .and_then(|text| text.trim().parse().ok());
            found.is_some()
        })
        .await;
        found.expect("a process id")
    }
}

/// The settings of a workshop.
pub(crate) fn settings(repository: &Path, policy: CommandPolicy) -> ExecutorSettings {
    ExecutorSettings {
        repository: repository.to_owned(),
        search_path: std::env::var_os("PATH").expect("a PATH"),
        hidden_variables: vec!["SNIPARA_TEST_HIDDEN".to_owned()],
        redactor: Redactor::new([SecretText::new(SECRET)]),
        supervisor: None,
        policy,
    }
}

/// Tells whether a process runs; one that has ended and was not reaped does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
}

/// Returns the identity of a process that is there, as a run's holder has one.
#[cfg(target_os = "linux")]
pub(crate) fn identity(pid: u32) -> ProcessIdentity {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("stat");
    let start = stat.rsplit_once(')').expect("a name").1.split_whitespace().nth(19).expect("a start");
    ProcessIdentity {
        process_id: pid,
        start_ticks: start.parse().expect("a number"),
        boot_id: snipara_orchestrator::executor::current_process().boot_id,
    }
}

/// Sends a signal (`-STOP`).
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(sent.expect("kill").success(), "{name} {pid}");
}

/// Waits until a process has gone.
pub(crate) async fn gone(pid: u32) {
    until(&format!("process {pid} is gone"), || !is_alive(pid)).await;
}
