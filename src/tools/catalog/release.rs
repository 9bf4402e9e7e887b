//! `release`: gives a claim back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ReleaseRequest;
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `release` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "release",
        title: "Release a claim",
        description: "Give your claim back, by claim_id or by resource_type and resource_id.",
        toolset: Toolset::Swarm,
        idempotent: true,
        forms: vec![form!("release", "Give a lease back; safe to repeat.", release => payload::released)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Released {
    released: bool,
}

async fn call(context: CallContext, request: ReleaseRequest) -> Answered<Released> {
    let released = context.orchestrator.release(request).await?;
    let (line, next_step) = if released.released {
        ("released", "Go on: others can claim it now.")
    } else {
        ("nothing to release", "Go on: it was not held any more.")
    };
    told(payload::released(&released), vec![line.to_owned()], next_step.to_owned())
}
