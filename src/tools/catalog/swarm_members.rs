//! `swarm_members`: lists the agents of a swarm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{MembersQuery, one_line};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{self, Payload};
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, shown_lines, told,
};

/// Says what `swarm_members` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_members",
        title: "Members of a swarm",
        description: "Who works in a swarm, and on what.",
        toolset: Toolset::Swarm,
        forms: vec![Form::of("swarm_members", "List agents with role and status.", published)],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Agents {
    agents: Vec<Payload>,
    agent_count: u64,
}

async fn published(orchestrator: Orchestrator, query: MembersQuery) -> Result<JsonObject, FormError> {
    Ok(payload::members(&orchestrator.swarm_members(query.swarm_id).await?))
}

async fn call(context: CallContext, query: MembersQuery) -> Answered<Agents> {
    let members = context.orchestrator.swarm_members(query.swarm_id).await?;
    let name = one_line(&members.swarm_name, 120);
    let count = format!("{} of {} agents", members.agents.len(), members.max_agents);
    let mut lines = vec![count, format!("> swarm {name}")];
    lines.extend(shown_lines(&members.agents, |member| {
        let task = member.current_task.as_ref().map(|task| format!(", works on {}", one_line(task, 80)));
        let agent = one_line(&member.agent_id, 80);
        format!("> {agent} ({}, {}){}", member.role, member.status, task.unwrap_or_default())
    }));
    let next_step = match members.agents.is_empty() {
        true => "Join it with swarm_join.",
        false => "Share work with broadcast, claim and htask_next.",
    };
    told(payload::members(&members), lines, next_step.to_owned())
}
