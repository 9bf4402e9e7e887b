//! `swarm_join`: lets an agent join.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{JoinSwarm, one_line};
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `swarm_join` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_join",
        title: "Join a swarm",
        description: "Join a swarm, or show that you still work in it.",
        toolset: Toolset::Swarm,
        idempotent: true,
        forms: vec![form!("swarm_join", "Register an agent in a swarm.", join_swarm => payload::member)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Joined {
    agent_id: String,
    role: String,
}

async fn call(context: CallContext, join: JoinSwarm) -> Answered<Joined> {
    let member = context.orchestrator.join_swarm(join).await?;
    let line = format!("{} is a member as {}", one_line(&member.agent_id, 120), member.role);
    told(payload::member(&member), vec![line], "Take work with htask_next and claim_for_agent.".to_owned())
}
