//! `run_task`: runs a task, and answers what the gatekeeper decided.

use std::time::Duration;

use crate::domain::{RunRequest, Scope, TaskReport, silent_progress};
use crate::orchestrator::{OrchestratorError, RunHandle, UnavailableError};
use crate::tools::task_reply::{self, TaskReply};
use crate::tools::{CallContext, ToolCall, ToolReply, ToolSpec, Toolset};

/// How long a cancelled run may take to write its end before the call is given up.
const CANCEL_WAIT: Duration = Duration::from_secs(20);

/// Says what `run_task` is.
pub(super) fn spec() -> ToolSpec {
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
        open_world: true,
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn call(context: CallContext, request: RunRequest) -> Result<ToolReply<TaskReply>, OrchestratorError> {
    let limit = Duration::from_secs(request.wait_seconds.unsigned_abs());
    let request = RunRequest { local_tests_must_be_given: true, ..request };
    let orchestrator = &context.orchestrator;
    if context.stopping.is_cancelled() {
        return Err(stopping());
    }
    if request.baseline {
        let observing = orchestrator.start_baseline(request).await?;
        let task_id = observing.task_id().clone();
        let observed = tokio::select! {
            observed = observing.wait(Some(limit)) => observed?,
            () = context.cancel.cancelled() => return Err(stopping()),
            () = context.stopping.cancelled() => return Err(stopping()),
        };
        let report = match observed {
            Some(report) => report,
            None => TaskReport {
                next_step: format!(
                    "Call task_status with task_id {task_id} in some seconds: the baseline is still observed."
                ),
                ..orchestrator.task_status(task_id.as_str(), Duration::ZERO).await?
            },
        };
        return Ok(ToolReply::Answer(task_reply::answer(&report)));
    }
    if context.wants_handle {
        // There is no progress: a caller who takes a handle asks where the run stands.
        let run = orchestrator.start_task(request, silent_progress()).await?;
        if context.cancel.is_cancelled() {
            cancelled(&run).await;
        }
        return Ok(ToolReply::Running(run));
    }
    let run = orchestrator.start_task(request, (context.progress)()).await?;
    let ended = tokio::select! {
        ended = run.wait(Some(limit)) => ended,
        () = context.cancel.cancelled() => cancelled(&run).await,
        () = context.stopping.cancelled() => cancelled(&run).await,
    };
    let report = match ended {
        Some(report) => report?,
        None => orchestrator.task_status(run.task_id().as_str(), Duration::ZERO).await?,
    };
    Ok(ToolReply::Answer(task_reply::answer(&report)))
}

async fn cancelled(run: &RunHandle) -> Option<Result<TaskReport, OrchestratorError>> {
    run.cancel();
    run.wait(Some(CANCEL_WAIT)).await
}

fn stopping() -> OrchestratorError {
    UnavailableError::Interrupted.into()
}
