//! Exclusive claims of a swarm's agents.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ClaimId, ClaimRequest, ReleaseRequest, ResourceType, SwarmId, one_line};
use crate::snipara::payload;

use super::payload_reply::{Answered, told};

/// Says what `claim` is.
pub(super) fn claim_spec() -> ToolSpec {
    ToolSpec {
        name: "claim",
        title: "Claim a resource",
        description: "Before you change what others may change: claim it for some time. Again prolongs it.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(claim),
        forms: Vec::new(),
    }
}

/// Says what `release` is.
pub(super) fn release_spec() -> ToolSpec {
    ToolSpec {
        name: "release",
        title: "Release a claim",
        description: "Give your claim back, by claim_id or by resource_type and resource_id.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(release),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClaimParams {
    swarm_id: String,
    /// A member.
    agent_id: String,
    resource_type: ResourceType,
    /// Such as a path.
    resource_id: String,
    /// Default the swarm's.
    #[serde(default)]
    #[schemars(range(min = 1, max = 7200))]
    timeout_seconds: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Claimed {
    claim_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fencing_token: Option<i64>,
}

impl Request for ClaimParams {}

async fn claim(context: CallContext, given: ClaimParams) -> Answered<Claimed> {
    let request = ClaimRequest {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        resource_type: given.resource_type,
        resource_id: given.resource_id,
        timeout_seconds: given.timeout_seconds,
    };
    request.check()?;
    let claim = context.orchestrator.claim(request).await?;
    let how = if claim.extended { "prolonged" } else { "claimed" };
    let token = claim.fencing_token.map(|token| format!(", fencing_token {token}")).unwrap_or_default();
    let end = claim.expires_at.map(|end| format!(" before {end}")).unwrap_or_default();
    let resource = one_line(&claim.resource_id, 120);
    let line = format!("{how} {} {resource} as {}{token}", claim.resource_type, claim.claim_id);
    let next_step = format!("Finish{end}, then call release with claim_id {}; claim again to prolong.", claim.claim_id);
    told(payload::claim(&claim), vec![line], next_step)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseParams {
    swarm_id: String,
    agent_id: String,
    #[serde(default)]
    claim_id: Option<String>,
    #[serde(default)]
    resource_type: Option<ResourceType>,
    #[serde(default)]
    resource_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Released {
    released: bool,
}

impl Request for ReleaseParams {}

async fn release(context: CallContext, given: ReleaseParams) -> Answered<Released> {
    let request = ReleaseRequest {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        claim_id: given.claim_id.as_deref().map(ClaimId::parse).transpose()?,
        resource_type: given.resource_type,
        resource_id: given.resource_id,
    };
    request.check()?;
    let released = context.orchestrator.release(request).await?;
    let (line, next_step) = if released.released {
        ("released", "Go on: others can claim it now.")
    } else {
        ("nothing to release", "Go on: it was not held any more.")
    };
    told(payload::released(&released), vec![line.to_owned()], next_step.to_owned())
}
