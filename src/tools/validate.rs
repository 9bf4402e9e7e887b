//! Toolset `validate`: run a task, follow it, try an endpoint, look for drift.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::reply::{Answer, Reply};
use super::task_reply::{self, TaskReply};
use crate::domain::{LiveCheck, silent_progress};
use crate::orchestrator::{DriftQuery, HTaskChoice, OrchestratorError, RunHandle, RunRequest};

use super::answers::{Checklist, Drift, EndpointProof};
use super::live_check::{LiveCheckParams, live_checks};

/// How long `run_task` and `task_status` wait when the call does not say, in seconds.
const DEFAULT_WAIT: i64 = 45;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 600;
/// How long a cancelled run may take to write its end before the call is given up.
const CANCEL_WAIT: Duration = Duration::from_secs(20);

type Answered<O> = Result<Answer<O>, OrchestratorError>;

/// Says what `run_task` is.
pub(super) fn run_task_spec() -> ToolSpec {
    ToolSpec {
        name: "run_task",
        title: "Run and prove a task",
        description: "Prove a deploy: runs local tests in the repository, looks for drift, checks production, \
                              and lets the gatekeeper decide from recorded proofs. Only status done means done. \
                              Commands run with the server's rights.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Validate,
        destructive: true,
        idempotent: false,
        open_world: true,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(run_task),
    }
}

/// Says what `task_status` is.
pub(super) fn task_status_spec() -> ToolSpec {
    ToolSpec {
        name: "task_status",
        title: "Task status",
        description: "Where a task stands; waits for a running one.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Observer,
        header: None,
        call: ToolCall::of(task_status),
    }
}

/// Says what `validate_endpoint` is.
pub(super) fn validate_endpoint_spec() -> ToolSpec {
    ToolSpec {
        name: "validate_endpoint",
        title: "Try one live check",
        description: "Send one live check and record its proof. It counts for no task.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Validate,
        destructive: true,
        idempotent: false,
        open_world: true,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(validate_endpoint),
    }
}

/// Says what `check_drift` is.
pub(super) fn check_drift_spec() -> ToolSpec {
    ToolSpec {
        name: "check_drift",
        title: "Check for drift",
        description: "Compare production with the repository: routes, health, schema, version.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Validate,
        destructive: false,
        idempotent: true,
        open_world: true,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(check_drift),
    }
}

/// Says what `task_cancel` is.
pub(super) fn task_cancel_spec() -> ToolSpec {
    ToolSpec {
        name: "task_cancel",
        title: "Cancel a running task",
        description: "Stop a running task with all its processes.",
        toolset: Toolset::Validate,
        default: false,
        scope: Scope::Validate,
        destructive: true,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Immediate,
        header: None,
        call: ToolCall::of(task_cancel),
    }
}

/// Says what `cutover_checklist` is.
pub(super) fn cutover_checklist_spec() -> ToolSpec {
    ToolSpec {
        name: "cutover_checklist",
        title: "Cutover checklist",
        description: "Show what would be checked, for a task or for run_task's checks. Executes nothing.",
        toolset: Toolset::Validate,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(cutover_checklist),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RunTaskParams {
    /// What was deployed; makes a new task.
    #[serde(default)]
    title: Option<String>,
    /// Runs this task again, checks unchanged.
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// Commands, in order; [] for none. A new task needs this.
    #[serde(default)]
    local_tests: Option<Vec<String>>,
    /// Requests to production that show the change works.
    #[serde(default)]
    live_checks: Option<Vec<LiveCheckParams>>,
    /// Playwright spec files.
    #[serde(default)]
    ui_tests: Option<Vec<String>>,
    /// Distinct passing checks needed; default 3.
    #[serde(default)]
    required_proofs: Option<i64>,
    /// 0-600, default 45; a longer run answers running: true.
    #[serde(default)]
    wait_seconds: Option<i64>,
    /// Repeat failing checks for this long.
    #[serde(default)]
    settle_seconds: Option<i64>,
    /// Go on after a failing local test.
    #[serde(default)]
    keep_going: Option<bool>,
    /// The htask this proves.
    #[serde(default)]
    htask_id: Option<String>,
    /// The htask's swarm.
    #[serde(default)]
    swarm_id: Option<String>,
}

impl TryFrom<RunTaskParams> for RunRequest {
    type Error = OrchestratorError;

    fn try_from(given: RunTaskParams) -> Result<Self, Self::Error> {
        Ok(Self {
            htask: HTaskChoice::of(given.htask_id, given.swarm_id)?,
            title: given.title,
            task_id: given.task_id,
            description: given.description,
            local_tests: given.local_tests,
            live_checks: given.live_checks.map(live_checks).transpose()?,
            ui_tests: given.ui_tests,
            required_proofs: given.required_proofs,
            settle_seconds: given.settle_seconds.map(settle).transpose()?,
            keep_going: given.keep_going.unwrap_or_default(),
            local_tests_must_be_given: true,
        })
    }
}

impl Request for RunTaskParams {
    /// A DONE becomes evidence there: whoever may only validate changes no htask.
    fn also_needs(&self) -> Option<Scope> {
        self.htask_id.is_some().then_some(Scope::Write)
    }
}

async fn run_task(context: CallContext, given: RunTaskParams) -> Result<Reply<TaskReply>, OrchestratorError> {
    let limit = wait(given.wait_seconds)?;
    let asked = RunRequest::try_from(given)?;
    let orchestrator = &context.orchestrator;
    if context.stopping.is_cancelled() {
        return Err(stopping());
    }
    if context.wants_handle {
        // No progress: who takes a handle asks for what it does.
        let run = orchestrator.start_task(asked, silent_progress()).await?;
        if context.cancel.is_cancelled() {
            cancelled(&run).await;
        }
        return Ok(Reply::Running(run));
    }
    let run = orchestrator.start_task(asked, (context.progress)()).await?;
    let ended = tokio::select! {
        ended = run.wait(Some(limit)) => ended,
        () = context.cancel.cancelled() => cancelled(&run).await,
        () = context.stopping.cancelled() => cancelled(&run).await,
    };
    let report = match ended {
        Some(report) => report?,
        None => orchestrator.task_status(run.task_id().as_str(), Duration::ZERO).await?,
    };
    Ok(Reply::Answer(task_reply::answer(&report)))
}

async fn cancelled(run: &RunHandle) -> Option<Result<crate::domain::TaskReport, OrchestratorError>> {
    run.cancel();
    run.wait(Some(CANCEL_WAIT)).await
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TaskStatusParams {
    task_id: String,
    /// 0-600, default 45.
    #[serde(default)]
    wait_seconds: Option<i64>,
}

impl Request for TaskStatusParams {}

async fn task_status(context: CallContext, given: TaskStatusParams) -> Answered<TaskReply> {
    let limit = wait(given.wait_seconds)?;
    let orchestrator = &context.orchestrator;
    let _progress = (context.progress)();
    let report = tokio::select! {
        report = orchestrator.task_status(&given.task_id, limit) => report?,
        // Nobody waits any more; the run goes on, but not this call.
        () = context.cancel.cancelled() => orchestrator.task_status(&given.task_id, Duration::ZERO).await?,
        () = context.stopping.cancelled() => orchestrator.task_status(&given.task_id, Duration::ZERO).await?,
    };
    Ok(task_reply::answer(&report))
}

async fn validate_endpoint(context: CallContext, given: LiveCheckParams) -> Answered<EndpointProof> {
    let check = LiveCheck::try_from(given)?;
    let proof = context.orchestrator.validate_endpoint(check, &context.cancel).await?;
    Ok(EndpointProof::answer(proof))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckDriftParams {
    /// Paths on production, or URLs.
    #[serde(default)]
    routes: Option<Vec<String>>,
    #[serde(default)]
    check_schema: Option<bool>,
    #[serde(default)]
    check_health: Option<bool>,
    /// All three default to true.
    #[serde(default)]
    check_version: Option<bool>,
}

impl Request for CheckDriftParams {}

async fn check_drift(context: CallContext, given: CheckDriftParams) -> Answered<Drift> {
    let query = DriftQuery {
        routes: given.routes.unwrap_or_default(),
        check_schema: given.check_schema.unwrap_or(true),
        check_health: given.check_health.unwrap_or(true),
        check_version: given.check_version.unwrap_or(true),
    };
    let report = context.orchestrator.check_drift(query, &context.cancel).await?;
    Ok(Drift::answer(&report))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TaskCancelParams {
    task_id: String,
}

impl Request for TaskCancelParams {}

async fn task_cancel(context: CallContext, given: TaskCancelParams) -> Answered<TaskReply> {
    Ok(task_reply::answer(&context.orchestrator.cancel_task(&given.task_id).await?))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CutoverChecklistParams {
    /// An existing task; otherwise give the checks.
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    local_tests: Option<Vec<String>>,
    #[serde(default)]
    live_checks: Option<Vec<LiveCheckParams>>,
    #[serde(default)]
    ui_tests: Option<Vec<String>>,
    #[serde(default)]
    required_proofs: Option<i64>,
}

impl Request for CutoverChecklistParams {}

async fn cutover_checklist(context: CallContext, given: CutoverChecklistParams) -> Answered<Checklist> {
    let asked = RunRequest {
        task_id: given.task_id,
        local_tests: given.local_tests,
        live_checks: given.live_checks.map(live_checks).transpose()?,
        ui_tests: given.ui_tests,
        required_proofs: given.required_proofs,
        ..RunRequest::default()
    };
    Ok(Checklist::answer(context.orchestrator.cutover_checklist(asked).await?))
}

fn wait(given: Option<i64>) -> Result<Duration, OrchestratorError> {
    let seconds = given.unwrap_or(DEFAULT_WAIT);
    u64::try_from(seconds).ok().filter(|_| seconds <= LONGEST_WAIT).map(Duration::from_secs).ok_or_else(|| {
        OrchestratorError::invalid(
            format!("wait_seconds is {seconds}: it must lie between 0 and {LONGEST_WAIT}"),
            "A run goes on when the wait is over: call task_status to wait longer.",
        )
    })
}

fn settle(seconds: i64) -> Result<u64, OrchestratorError> {
    u64::try_from(seconds).map_err(|_| {
        OrchestratorError::invalid(format!("settle_seconds is {seconds}: it must be 0 or more"), "0 repeats nothing.")
    })
}

fn stopping() -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "interrupted",
        message: "the server is stopping: its input was closed".to_owned(),
        hint: "Start the server again and keep its input open while a task runs.".to_owned(),
    }
}
