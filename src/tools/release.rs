//! `release`: gives a claim back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ReleaseRequest;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;

use super::context::CallContext;
use super::form::{Form, FormError};
use super::payload_reply::{Answered, told};
use super::spec::{JsonObject, ToolCall, ToolSpec, Toolset};

/// Says what `release` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "release",
        title: "Release a claim",
        description: "Give your claim back, by claim_id or by resource_type and resource_id.",
        toolset: Toolset::Swarm,
        idempotent: true,
        forms: vec![Form::of("release", "Give a lease back; safe to repeat.", published)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Released {
    released: bool,
}

async fn published(orchestrator: Orchestrator, request: ReleaseRequest) -> Result<JsonObject, FormError> {
    Ok(payload::released(&orchestrator.release(request).await?))
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
