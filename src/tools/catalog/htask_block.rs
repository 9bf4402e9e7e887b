//! `htask_block`: says what is in the way of an htask.

use super::htask_complete::holder;
use crate::domain::BlockRequest;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::htask_line::{Changed, changed_lines};
use crate::tools::{Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, told};

/// Says what `htask_block` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_block",
        title: "Block an htask",
        description: "Say what is in the way of an htask; what is above it is blocked with it.",
        toolset: Toolset::HTask,
        forms: vec![Form::of("htask_block", "Mark an htask blocked, with cause.", published)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn published(orchestrator: Orchestrator, mut request: BlockRequest) -> Result<JsonObject, FormError> {
    if request.fencing_token.is_none() && request.agent_id.is_none() {
        request.agent_id = holder(&orchestrator, request.swarm_id.as_ref(), &request.task_id).await?;
    }
    Ok(payload::block_change(&orchestrator.block_htask(request).await?))
}

async fn call(context: CallContext, request: BlockRequest) -> Answered<Changed> {
    let awaited = request.blocked_by_task_id.clone();
    let change = context.orchestrator.block_htask(request).await?;
    let next_step = match awaited {
        Some(other) => format!("Work on {other} first, then call htask_unblock."),
        None => "Call htask_next for other work, and htask_unblock when nothing is in the way any more.".to_owned(),
    };
    told(payload::block_change(&change), changed_lines(&change), next_step)
}
