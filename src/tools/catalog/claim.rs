//! `claim`: claims a resource for some time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ClaimRequest, one_line};
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `claim` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "claim",
        title: "Claim a resource",
        description: "Before you change what others may change: claim it for some time. Again prolongs it.",
        toolset: Toolset::Swarm,
        forms: vec![form!("claim", "Take an expiring exclusive lease on a resource.", claim => payload::claim)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Claimed {
    claim_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fencing_token: Option<i64>,
}

async fn call(context: CallContext, request: ClaimRequest) -> Answered<Claimed> {
    let claim = context.orchestrator.claim(request).await?;
    let how = if claim.extended { "prolonged" } else { "claimed" };
    let token = claim.fencing_token.map(|token| format!(", fencing_token {token}")).unwrap_or_default();
    let end = claim.expires_at.map(|end| format!(" before {end}")).unwrap_or_default();
    let resource = one_line(&claim.resource_id, 120);
    let line = format!("{how} {} {resource} as {}{token}", claim.resource_type, claim.claim_id);
    let next_step = format!("Finish{end}, then call release with claim_id {}; claim again to prolong.", claim.claim_id);
    told(payload::claim(&claim), vec![line], next_step)
}
