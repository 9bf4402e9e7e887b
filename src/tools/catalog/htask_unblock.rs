//! `htask_unblock`: says that nothing is in the way of an htask any more.

use crate::domain::UnblockRequest;
use crate::snipara::payload;
use crate::tools::htask_line::{Changed, changed_lines};
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `htask_unblock` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_unblock",
        title: "Unblock an htask",
        description: "Say that nothing is in the way any more; restores what was before.",
        toolset: Toolset::HTask,
        forms: vec![
            form!("htask_unblock", "Clear a block and recompute ancestors.", unblock_htask => payload::block_change),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn call(context: CallContext, request: UnblockRequest) -> Answered<Changed> {
    let change = context.orchestrator.unblock_htask(request).await?;
    told(payload::block_change(&change), changed_lines(&change), "Take it up again with htask_next.".to_owned())
}
