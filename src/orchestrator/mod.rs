//! The verbs: the only door for `mcp` and `cli`.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    ChecklistItem, CommandRun, DriftReport, LiveCheck, Policy, Production, ProgressSink, Proof, Redactor, RunHolder,
    SharedClock, Task, TaskId, TaskReport,
};
use crate::drift::DriftDetector;
use crate::executor::Executor;
use crate::ledger::{Entry, EntryRef, Ledger, VerifyReport};
use crate::validator::Validator;

/// Everything an orchestrator is made of; `app` builds it.
#[derive(Debug, Clone)]
pub struct OrchestratorParts {
    /// Production; without it nothing can be proven.
    pub production: Option<Production>,
    /// The floor under every task.
    pub policy: Policy,
    /// Labels decisions.
    pub gatekeeper_id: String,
    /// Runs commands.
    pub executor: Executor,
    /// Runs checks.
    pub validator: Validator,
    /// Looks for drift.
    pub drift: DriftDetector,
    /// Keeps the book.
    pub ledger: Ledger,
    /// Takes secrets out of titles and descriptions.
    pub redactor: Redactor,
    /// Tells the time.
    pub clock: SharedClock,
    /// Who runs the tasks of this process.
    pub holder: RunHolder,
    /// The digest of the configuration in force.
    pub config_digest: String,
    /// Whether a finding of gate 1 stops a task.
    pub fail_fast_on_drift: bool,
    /// How long checks may settle when a run does not say, in seconds.
    pub default_settle_seconds: u64,
    /// The time for one local test, in milliseconds.
    pub command_timeout_ms: u64,
    /// The deployment that the configuration describes, for the provider `custom`: program and arguments, in which
    /// `{service}` and `{environment}` are replaced.
    pub custom_deployment: Option<Vec<String>>,
}

/// A request to run a task: a new one by `title`, or an earlier one by `task_id`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunRequest {
    /// The title of a new task.
    pub title: Option<String>,
    /// An earlier task; its criteria must then be absent here or equal.
    pub task_id: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The commands; `None` is "not given".
    pub local_tests: Option<Vec<String>>,
    /// The requests to production.
    pub live_checks: Option<Vec<LiveCheck>>,
    /// The Playwright specs.
    pub ui_tests: Option<Vec<String>>,
    /// How many distinct proofs; `None` is the default.
    pub required_proofs: Option<i64>,
    /// How long checks may settle; `None` is the configured time.
    pub settle_seconds: Option<u64>,
    /// Whether local tests go on after a failure.
    pub keep_going: bool,
    /// Whether `local_tests` must be given for a new task (over MCP).
    pub local_tests_must_be_given: bool,
}

/// A run that goes on in this process.
#[derive(Debug, Clone)]
pub struct RunHandle {
    task_id: TaskId,
    attempt: u32,
    cancel: CancellationToken,
}

impl RunHandle {
    /// Returns the task.
    pub fn task_id(&self) -> &TaskId {
        &self.task_id
    }

    /// Returns the attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Stops the run with all its processes; [`RunHandle::wait`] then answers a cancelled report.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for the end, at most `limit` when given; `None` when the run still goes on then.
    ///
    /// # Errors
    /// When the run could not be carried through.
    pub async fn wait(&self, _limit: Option<Duration>) -> Option<Result<TaskReport, OrchestratorError>> {
        todo!()
    }
}

/// What `deploy` is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployRequest {
    /// The service's name.
    pub service: String,
    /// `production` or another environment.
    pub environment: String,
    /// `infomaniak_vps`, `vercel`, `fly` or `custom`.
    pub provider: String,
}

/// What a drift check is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftQuery {
    /// Routes: paths on production or absolute URLs.
    pub routes: Vec<String>,
    /// Whether to compare the schema.
    pub check_schema: bool,
    /// Whether to look at health routes.
    pub check_health: bool,
    /// Whether to compare the version.
    pub check_version: bool,
}

/// A cutover checklist that was generated, not executed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoverChecklist {
    /// The task, when it is an existing one's.
    pub task_id: Option<TaskId>,
    /// Its lines.
    pub items: Vec<ChecklistItem>,
    /// How many distinct proofs are required.
    pub required_proofs: u32,
    /// How many distinct proofs it can give at most.
    pub possible_proofs: u32,
    /// The local tests that come before it.
    pub local_tests: Vec<String>,
}

/// Why a verb did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OrchestratorError {
    /// The request is wrong or not allowed; nothing was written. Exit code 2.
    #[error("{message}")]
    Refused {
        /// A stable word for programs: `invalid_input`, `not_found`, `task_is_running`, `untrusted_configuration`.
        code: &'static str,
        /// What is wrong: field, value.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Something needed is not available. Exit code 3.
    #[error("{message}")]
    CouldNot {
        /// A stable word for programs: `store_unavailable`, `interrupted`.
        code: &'static str,
        /// What failed.
        message: String,
        /// What to do.
        hint: String,
    },
    /// An invariant of ours does not hold. Exit code 70.
    #[error("internal error: {message}")]
    Bug {
        /// What was found.
        message: String,
    },
}

/// Coordinates tasks, checks, drift and the book. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orchestrator {
    #[expect(dead_code, reason = "SCAFFOLD")]
    parts: Arc<OrchestratorParts>,
}

impl Orchestrator {
    /// Puts an orchestrator together.
    pub fn new(parts: OrchestratorParts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Starts a task: writes it, takes its lease, and runs it in the background of this process.
    ///
    /// # Errors
    /// Bad input, or somebody else runs it (code `task_is_running`); nothing was written then.
    pub async fn start_task(
        &self,
        _request: RunRequest,
        _progress: ProgressSink,
    ) -> Result<RunHandle, OrchestratorError> {
        todo!()
    }

    /// Runs a task to its end.
    ///
    /// # Errors
    /// As [`Orchestrator::start_task`], or when the run could not be carried through.
    pub async fn run_task(&self, _request: RunRequest) -> Result<TaskReport, OrchestratorError> {
        todo!()
    }

    /// Runs several tasks at once and answers one result per task, whatever happens to the others.
    pub async fn run_all(&self, _requests: Vec<RunRequest>) -> Vec<Result<TaskReport, OrchestratorError>> {
        todo!()
    }

    /// Tells where a task stands; waits at most `wait` for a running one to end, whoever runs it.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task_status(&self, _task_id: &str, _wait: Duration) -> Result<TaskReport, OrchestratorError> {
        todo!()
    }

    /// Stops a running task, whoever runs it, and tells where it then stands.
    ///
    /// # Errors
    /// When there is no such task, or when it does not run.
    pub async fn cancel_task(&self, _task_id: &str) -> Result<TaskReport, OrchestratorError> {
        todo!()
    }

    /// Lists the latest tasks, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, _limit: u32) -> Result<Vec<Task>, OrchestratorError> {
        todo!()
    }

    /// Reads one task.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task(&self, _task_id: &str) -> Result<Task, OrchestratorError> {
        todo!()
    }

    /// Generates the cutover checklist of an existing task (`task_id`) or of a request; executes nothing.
    ///
    /// # Errors
    /// Bad input.
    pub async fn cutover_checklist(&self, _request: RunRequest) -> Result<CutoverChecklist, OrchestratorError> {
        todo!()
    }

    /// Sends one live check and records its proof, which belongs to no task and never counts.
    ///
    /// # Errors
    /// Bad input, or when the proof could not be recorded.
    pub async fn validate_endpoint(
        &self,
        _check: LiveCheck,
        _cancel: &CancellationToken,
    ) -> Result<Proof, OrchestratorError> {
        todo!()
    }

    /// Looks for drift and records the report.
    ///
    /// # Errors
    /// Bad input, or when the report could not be recorded.
    pub async fn check_drift(
        &self,
        _query: DriftQuery,
        _cancel: &CancellationToken,
    ) -> Result<DriftReport, OrchestratorError> {
        todo!()
    }

    /// Runs a deployment and records it; never a proof.
    ///
    /// # Errors
    /// Unknown provider, names with other characters than letters, digits, `.`, `_`, `-`.
    pub async fn deploy(
        &self,
        _request: DeployRequest,
        _cancel: &CancellationToken,
    ) -> Result<CommandRun, OrchestratorError> {
        todo!()
    }

    /// Lists the latest proofs, newest first; of one task, or of all.
    ///
    /// # Errors
    /// When there is no such task, or when the ledger cannot be read.
    pub async fn proofs(&self, _task_id: Option<&str>, _limit: u32) -> Result<Vec<Proof>, OrchestratorError> {
        todo!()
    }

    /// Reads one ledger entry.
    ///
    /// # Errors
    /// When there is none with this number.
    pub async fn entry(&self, _seq: u64) -> Result<Entry, OrchestratorError> {
        todo!()
    }

    /// Reads the ledger's entries after `seq`, in order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn entries_since(&self, _seq: u64, _limit: u32) -> Result<Vec<Entry>, OrchestratorError> {
        todo!()
    }

    /// Verifies the whole ledger.
    ///
    /// # Errors
    /// When it cannot be read; a broken chain is an answer.
    pub async fn verify_proofs(&self) -> Result<VerifyReport, OrchestratorError> {
        todo!()
    }

    /// Exports an attempt as an unsigned in-toto Statement v1.
    ///
    /// # Errors
    /// When there is no such attempt.
    pub async fn export_receipt(&self, _task_id: &str, _attempt: Option<u32>) -> Result<Value, OrchestratorError> {
        todo!()
    }

    /// Removes the body of an entry.
    ///
    /// # Errors
    /// When there is none.
    pub async fn redact(&self, _seq: u64) -> Result<EntryRef, OrchestratorError> {
        todo!()
    }

    /// Stops every run of this process and waits until each has written its end.
    pub async fn shut_down(&self) {
        todo!()
    }

    /// Returns the folder of the project's state.
    pub fn state_folder(&self) -> PathBuf {
        todo!()
    }
}
