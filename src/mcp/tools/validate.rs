//! Toolset `validate`: run a task, follow it, try an endpoint, look for drift.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::Scope;
use crate::domain::{LiveCheck, silent_progress};
use crate::mcp::caller::permitted;
use crate::mcp::progress::Progress;
use crate::mcp::protocol_task;
use crate::mcp::reply::{Answer, Reply};
use crate::mcp::route::{About, Hints, route};
use crate::mcp::server::Server;
use crate::mcp::verdict::{self, Verdict};
use crate::orchestrator::{DriftQuery, HTaskChoice, OrchestratorError, RunHandle, RunRequest};

use super::answers::{Checklist, Drift, EndpointProof};
use super::live_check::{LiveCheckParams, live_checks};

/// How long `run_task` and `task_status` wait when the call does not say, in seconds.
const DEFAULT_WAIT: i64 = 45;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 600;
/// How long a cancelled run may take to write its end before the call is given up.
const CANCEL_WAIT: Duration = Duration::from_secs(20);

type Request = RequestContext<RoleServer>;
type Answered<O> = Result<Answer<O>, OrchestratorError>;

/// Returns the routes of this toolset.
pub(super) fn router() -> ToolRouter<Server> {
    ToolRouter::new()
        .with_route(route(
            About {
                name: "run_task",
                title: "Run and prove a task",
                description: "Prove a deploy: runs local tests in the repository, looks for drift, checks production, \
                              and lets the gatekeeper decide from recorded proofs. Only status done means done. \
                              Commands run with the server's rights.",
                hints: Hints { reads: false, destroys: true, idempotent: false, open_world: true },
            },
            run_task,
        ))
        .with_route(route(
            About {
                name: "task_status",
                title: "Task status",
                description: "Where a task stands; waits for a running one.",
                hints: Hints { reads: true, destroys: false, idempotent: true, open_world: false },
            },
            task_status,
        ))
        .with_route(route(
            About {
                name: "validate_endpoint",
                title: "Try one live check",
                description: "Send one live check and record its proof. It counts for no task.",
                hints: Hints { reads: false, destroys: true, idempotent: false, open_world: true },
            },
            validate_endpoint,
        ))
        .with_route(route(
            About {
                name: "check_drift",
                title: "Check for drift",
                description: "Compare production with the repository: routes, health, schema, version.",
                hints: Hints { reads: false, destroys: false, idempotent: true, open_world: true },
            },
            check_drift,
        ))
        .with_route(route(
            About {
                name: "task_cancel",
                title: "Cancel a running task",
                description: "Stop a running task with all its processes.",
                hints: Hints { reads: false, destroys: true, idempotent: true, open_world: false },
            },
            task_cancel,
        ))
        .with_route(route(
            About {
                name: "cutover_checklist",
                title: "Cutover checklist",
                description: "Show what would be checked, for a task or for run_task's checks. Executes nothing.",
                hints: Hints { reads: true, destroys: false, idempotent: true, open_world: false },
            },
            cutover_checklist,
        ))
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

async fn run_task(server: Server, given: RunTaskParams, request: Request) -> Result<Reply<Verdict>, OrchestratorError> {
    let limit = wait(given.wait_seconds)?;
    if given.htask_id.is_some() {
        // A DONE becomes evidence there: whoever may only validate changes no htask.
        permitted(&request.extensions, Some(Scope::Write))?;
    }
    let asked = RunRequest::try_from(given)?;
    let orchestrator = server.orchestrator().await?;
    if server.stopping().is_cancelled() {
        return Err(stopping());
    }
    if protocol_task::is_wanted(&request) {
        // No progress: the protocol has none for tasks. Whoever is told of the task follows it with tasks/get.
        let run = orchestrator.start_task(asked, silent_progress()).await?;
        if request.ct.is_cancelled() {
            cancelled(&run).await;
        }
        return Ok(Reply::Task(protocol_task::created(orchestrator, &run).await?));
    }
    let progress = Progress::of(&server, &request, orchestrator.redactor());
    let run = orchestrator.start_task(asked, progress.sink()).await?;
    let ended = tokio::select! {
        ended = run.wait(Some(limit)) => ended,
        () = request.ct.cancelled() => cancelled(&run).await,
        () = server.stopping().cancelled() => cancelled(&run).await,
    };
    progress.finish().await;
    let report = match ended {
        Some(report) => report?,
        None => orchestrator.task_status(run.task_id().as_str(), Duration::ZERO).await?,
    };
    Ok(Reply::Answer(verdict::answer(&report)))
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

async fn task_status(server: Server, given: TaskStatusParams, request: Request) -> Answered<Verdict> {
    let limit = wait(given.wait_seconds)?;
    let orchestrator = server.orchestrator().await?;
    let progress = Progress::of(&server, &request, orchestrator.redactor());
    let report = tokio::select! {
        report = orchestrator.task_status(&given.task_id, limit) => report?,
        // Nobody waits any more; the run goes on, but not this call.
        () = request.ct.cancelled() => orchestrator.task_status(&given.task_id, Duration::ZERO).await?,
        () = server.stopping().cancelled() => orchestrator.task_status(&given.task_id, Duration::ZERO).await?,
    };
    progress.finish().await;
    Ok(verdict::answer(&report))
}

async fn validate_endpoint(server: Server, given: LiveCheckParams, request: Request) -> Answered<EndpointProof> {
    let check = LiveCheck::try_from(given)?;
    let proof = server.orchestrator().await?.validate_endpoint(check, &request.ct).await?;
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

async fn check_drift(server: Server, given: CheckDriftParams, request: Request) -> Answered<Drift> {
    let query = DriftQuery {
        routes: given.routes.unwrap_or_default(),
        check_schema: given.check_schema.unwrap_or(true),
        check_health: given.check_health.unwrap_or(true),
        check_version: given.check_version.unwrap_or(true),
    };
    let report = server.orchestrator().await?.check_drift(query, &request.ct).await?;
    Ok(Drift::answer(&report))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TaskCancelParams {
    task_id: String,
}

async fn task_cancel(server: Server, given: TaskCancelParams, _request: Request) -> Answered<Verdict> {
    Ok(verdict::answer(&server.orchestrator().await?.cancel_task(&given.task_id).await?))
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

async fn cutover_checklist(server: Server, given: CutoverChecklistParams, _request: Request) -> Answered<Checklist> {
    let asked = RunRequest {
        task_id: given.task_id,
        local_tests: given.local_tests,
        live_checks: given.live_checks.map(live_checks).transpose()?,
        ui_tests: given.ui_tests,
        required_proofs: given.required_proofs,
        ..RunRequest::default()
    };
    Ok(Checklist::answer(server.orchestrator().await?.cutover_checklist(asked).await?))
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
