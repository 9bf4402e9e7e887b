//! Runs a client's own program, such as `claude mcp add-json`.

use std::ffi::OsString;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::config::Environment;
use crate::domain::{CommandRun, Redactor};
use crate::executor::{CommandPolicy, CommandSpec, Executor, ExecutorSettings};

/// The time for a client's program, in which it edits a file. Some programs also call the network when they start.
const TIMEOUT_MS: u64 = 60_000;

/// Runs a client's own program in a repository, without a shell. A program inside the repository is never run.
pub async fn run_client_program(environment: &Environment, repository: &Path, words: Vec<String>) -> CommandRun {
    let executor = Executor::with_settings(ExecutorSettings {
        repository: repository.to_owned(),
        search_path: environment.value("PATH").map(OsString::from).unwrap_or_default(),
        hidden_variables: Vec::new(),
        redactor: Redactor::default(),
        supervisor: None,
        policy: CommandPolicy::Restricted { allowed: Vec::new() },
    });
    executor.run(&CommandSpec::direct(words, TIMEOUT_MS), &CancellationToken::new()).await
}
