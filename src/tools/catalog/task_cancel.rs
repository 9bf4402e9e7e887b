//! `task_cancel`: stops a run.

use crate::domain::{Scope, TaskRequest};
use crate::orchestrator::OrchestratorError;
use crate::tools::task_reply::{self, TaskReply};
use crate::tools::{CallContext, Queueing, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// Says what `task_cancel` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "task_cancel",
        title: "Cancel a running task",
        description: "Stop a running task with all its processes.",
        toolset: Toolset::Validate,
        scope: Scope::Validate,
        destructive: true,
        idempotent: true,
        queueing: Queueing::Immediate,
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn call(context: CallContext, request: TaskRequest) -> Result<ToolAnswer<TaskReply>, OrchestratorError> {
    Ok(task_reply::answer(&context.orchestrator.cancel_task(&request.task_id).await?))
}
