//! `task_status`: tells where a task stands.

use std::time::Duration;

use crate::domain::StatusRequest;
use crate::orchestrator::OrchestratorError;
use crate::tools::task_reply::{self, TaskReply};
use crate::tools::{CallContext, Queueing, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// Says what `task_status` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "task_status",
        title: "Task status",
        description: "Where a task stands; waits for a running one.",
        toolset: Toolset::Validate,
        default: true,
        queueing: Queueing::Observer,
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

async fn call(context: CallContext, request: StatusRequest) -> Result<ToolAnswer<TaskReply>, OrchestratorError> {
    let StatusRequest { task_id, wait_seconds } = request;
    let limit = Duration::from_secs(wait_seconds.unsigned_abs());
    let orchestrator = &context.orchestrator;
    // Says from time to time that the wait goes on.
    let _progress = (context.progress)();
    let report = tokio::select! {
        report = orchestrator.task_status(&task_id, limit) => report?,
        // Nobody waits any more; the run goes on, but not this call.
        () = context.cancel.cancelled() => orchestrator.task_status(&task_id, Duration::ZERO).await?,
        () = context.stopping.cancelled() => orchestrator.task_status(&task_id, Duration::ZERO).await?,
    };
    Ok(task_reply::answer(&report))
}
