//! `htask_unblock`: says that nothing is in the way of an htask any more.

use super::context::CallContext;
use super::form::{Form, FormError};
use super::htask_line::{Changed, changed_lines};
use super::payload_reply::{Answered, told};
use super::spec::{JsonObject, ToolCall, ToolSpec, Toolset};
use crate::domain::UnblockRequest;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;

/// Says what `htask_unblock` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_unblock",
        title: "Unblock an htask",
        description: "Say that nothing is in the way any more; restores what was before.",
        toolset: Toolset::HTask,
        forms: vec![Form::of("htask_unblock", "Clear a block and recompute ancestors.", published)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn published(orchestrator: Orchestrator, request: UnblockRequest) -> Result<JsonObject, FormError> {
    Ok(payload::block_change(&orchestrator.unblock_htask(request).await?))
}

async fn call(context: CallContext, request: UnblockRequest) -> Answered<Changed> {
    let change = context.orchestrator.unblock_htask(request).await?;
    told(payload::block_change(&change), changed_lines(&change), "Take it up again with htask_next.".to_owned())
}
