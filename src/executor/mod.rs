//! Runs commands on this machine; the only room that starts processes.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::domain::{BuildIdentity, CommandEnd, CommandRun, ProcessIdentity, Redactor};

/// Which commands may run, decided by who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandPolicy {
    /// A person's commands: anything, through a shell.
    Unrestricted,
    /// A caller's commands: the table of known runners, and these trusted patterns. Without a shell.
    Restricted {
        /// Exact commands, or patterns with `*` (which never matches shell characters).
        allowed: Vec<String>,
    },
    /// No program is started at all (`--no-local-commands`).
    Forbidden,
}

/// What an executor needs to know.
#[derive(Debug, Clone)]
pub struct ExecutorSettings {
    /// The repository: where commands run.
    pub repository: PathBuf,
    /// The value of `PATH`; bare names resolve there, never inside the repository.
    pub search_path: OsString,
    /// Variables that children never see: `SNIPARA_API_KEY`, tokens, test users' credentials.
    pub hidden_variables: Vec<String>,
    /// Takes secrets out of what commands write.
    pub redactor: Redactor,
    /// Which commands may run.
    pub policy: CommandPolicy,
}

/// How a program is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// The program and its arguments, without a shell.
    Direct(Vec<String>),
    /// A line for `/bin/sh -c`.
    Shell(String),
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    /// How it is shown and recorded (redacted before that).
    pub label: String,
    /// How it is started.
    pub invocation: Invocation,
    /// Where it runs; the repository when not given.
    pub directory: Option<PathBuf>,
    /// Variables that are added to its environment.
    pub environment: Vec<(String, String)>,
    /// The time it has, in milliseconds, for the whole tree.
    pub timeout_ms: u64,
}

/// Runs commands in a repository, each as a process group that never outlives its time.
#[derive(Debug, Clone)]
pub struct Executor {
    settings: std::sync::Arc<ExecutorSettings>,
    cookie: Option<String>,
}

impl Executor {
    /// Makes an executor.
    pub fn new(settings: ExecutorSettings) -> Self {
        Self { settings: std::sync::Arc::new(settings), cookie: None }
    }

    /// Returns the same executor whose children carry `cookie` in their environment, so that they can be swept.
    #[must_use]
    pub fn with_run_cookie(&self, cookie: &str) -> Self {
        Self { settings: self.settings.clone(), cookie: Some(cookie.to_owned()) }
    }

    /// Returns the repository.
    pub fn repository(&self) -> &Path {
        &self.settings.repository
    }

    /// Decides how a command of the caller's own (a local test) may be started.
    ///
    /// # Errors
    /// A [`CommandEnd::Refused`] with the reason and how a person can allow it; `NotStarted` for an empty line.
    pub fn prepare(&self, _command: &str) -> Result<Invocation, CommandEnd> {
        todo!()
    }

    /// Runs a local test under the command policy.
    pub async fn run_test(&self, _command: &str, _timeout_ms: u64, _cancel: &CancellationToken) -> CommandRun {
        todo!()
    }

    /// Runs a command of ours (git, Prisma, Playwright, a deployment). The policy `Forbidden` refuses it, too.
    pub async fn run(&self, _spec: &CommandSpec, _cancel: &CancellationToken) -> CommandRun {
        todo!()
    }

    /// Finds a program by its bare name on the search path, never inside the repository.
    pub fn find_program(&self, _name: &str) -> Option<PathBuf> {
        todo!()
    }

    /// Runs git in the repository with hooks, file-system monitors and optional locks off.
    pub async fn git(&self, _arguments: &[&str], _cancel: &CancellationToken) -> CommandRun {
        todo!()
    }

    /// Returns the commit that the repository stands at; nothing outside git or when git cannot be asked.
    pub async fn build_identity(&self) -> Option<BuildIdentity> {
        todo!()
    }
}

/// Kills every process that carries `cookie` in its environment, and their descendants, until none is left.
/// Returns how many were killed. Linux only; elsewhere nothing is found.
pub async fn sweep(_cookie: &str) -> usize {
    todo!()
}

/// Returns the identity of this process.
pub fn current_process() -> ProcessIdentity {
    todo!()
}

/// Tells whether a process is certainly gone: `false` also means "cannot tell".
pub fn is_gone(_process: &ProcessIdentity) -> bool {
    todo!()
}
