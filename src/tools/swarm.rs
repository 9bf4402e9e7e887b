//! Toolset `swarm`: make, join, leave, look; shared state, events and claims lie in `swarm_state`, `swarm_events` and
//! `swarm_claim`.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{JoinSwarm, NewSwarm, SwarmId, SwarmRole, counted, one_line};
use crate::snipara::payload::{self, Payload};

use super::payload_reply::{Answered, shown_lines, told};

/// Says what `swarm_create` is.
pub(super) fn swarm_create_spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_create",
        title: "Create a swarm",
        description: "Create a swarm of agents that share state, events and claims; one of that name is reused.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(swarm_create),
        forms: Vec::new(),
    }
}

/// Says what `swarm_join` is.
pub(super) fn swarm_join_spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_join",
        title: "Join a swarm",
        description: "Join a swarm, or show that you still work in it.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(swarm_join),
        forms: Vec::new(),
    }
}

/// Says what `swarm_leave` is.
pub(super) fn swarm_leave_spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_leave",
        title: "Leave a swarm",
        description: "Leave a swarm; its claims and claimed htasks become free.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: true,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(swarm_leave),
        forms: Vec::new(),
    }
}

/// Says what `swarm_members` is.
pub(super) fn swarm_members_spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_members",
        title: "Members of a swarm",
        description: "Who works in a swarm, and on what.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(swarm_members),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwarmCreateParams {
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Default 10.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    max_agents: Option<i64>,
    /// Seconds that a claimed htask is leased; default 600.
    #[serde(default)]
    #[schemars(range(min = 60, max = 3600))]
    task_timeout: Option<i64>,
    /// Seconds that a claim holds; default 300.
    #[serde(default)]
    #[schemars(range(min = 60, max = 7200))]
    claim_timeout: Option<i64>,
    /// Default true.
    #[serde(default)]
    reuse_existing: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CreatedSwarm {
    swarm_id: String,
    reused: bool,
}

impl Request for SwarmCreateParams {}

async fn swarm_create(context: CallContext, given: SwarmCreateParams) -> Answered<CreatedSwarm> {
    let usual = NewSwarm::named(given.name);
    let swarm = NewSwarm {
        description: given.description.unwrap_or_default(),
        max_agents: given.max_agents.unwrap_or(usual.max_agents),
        task_timeout_s: given.task_timeout.unwrap_or(usual.task_timeout_s),
        claim_timeout_s: given.claim_timeout.unwrap_or(usual.claim_timeout_s),
        reuse_existing: given.reuse_existing.unwrap_or(usual.reuse_existing),
        ..usual
    };
    swarm.check()?;
    let swarm = context.orchestrator.create_swarm(swarm).await?;
    let how = if swarm.reused { "reused" } else { "created" };
    let line = format!("{how} {}: {}", swarm.swarm_id, one_line(&swarm.name, 120));
    let next_step = format!("Join it with swarm_join and swarm_id {}.", swarm.swarm_id);
    told(payload::swarm(&swarm), vec![line], next_step)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwarmJoinParams {
    swarm_id: String,
    agent_id: String,
    /// For people.
    #[serde(default)]
    name: Option<String>,
    /// Default worker.
    #[serde(default)]
    role: Option<SwarmRole>,
    #[serde(default)]
    capabilities: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Joined {
    agent_id: String,
    role: String,
}

impl Request for SwarmJoinParams {}

async fn swarm_join(context: CallContext, given: SwarmJoinParams) -> Answered<Joined> {
    let join = JoinSwarm {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        name: given.name,
        // The contract's default (snipara-wire.md §4.3, `swarm_join`).
        role: given.role.unwrap_or(SwarmRole::Worker),
        capabilities: given.capabilities.unwrap_or_default(),
    };
    join.check()?;
    let member = context.orchestrator.join_swarm(join).await?;
    let line = format!("{} is a member as {}", one_line(&member.agent_id, 120), member.role);
    told(payload::member(&member), vec![line], "Take work with htask_next and claim_for_agent.".to_owned())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwarmLeaveParams {
    swarm_id: String,
    agent_id: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Left {
    was_member: bool,
}

impl Request for SwarmLeaveParams {}

async fn swarm_leave(context: CallContext, given: SwarmLeaveParams) -> Answered<Left> {
    let swarm_id = SwarmId::parse(&given.swarm_id)?;
    let agent = one_line(&given.agent_id, 120);
    let left = context.orchestrator.leave_swarm(swarm_id, given.agent_id).await?;
    let (line, next_step) = if left.was_member {
        let (claims, tasks) = (left.claims_released, left.tasks_unassigned);
        let line = format!(
            "{agent} left: {} released, {} pending again",
            counted(claims, "claim", "claims"),
            counted(tasks, "htask", "htasks")
        );
        (line, "Start nothing more in this swarm.")
    } else {
        (format!("{agent} was no member"), "Look at swarm_members if it should have been one.")
    };
    told(payload::left(left), vec![line], next_step.to_owned())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwarmMembersParams {
    swarm_id: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Agents {
    agents: Vec<Payload>,
    agent_count: u64,
}

impl Request for SwarmMembersParams {}

async fn swarm_members(context: CallContext, given: SwarmMembersParams) -> Answered<Agents> {
    let swarm_id = SwarmId::parse(&given.swarm_id)?;
    let members = context.orchestrator.swarm_members(swarm_id).await?;
    let name = one_line(&members.swarm_name, 120);
    let mut lines = vec![format!("{} of {} agents in {name}", members.agents.len(), members.max_agents)];
    lines.extend(shown_lines(&members.agents, |member| {
        let task = member.current_task.as_ref().map(|task| format!(", works on {}", one_line(task, 80)));
        let agent = one_line(&member.agent_id, 80);
        format!("- {agent} ({}, {}){}", member.role, member.status, task.unwrap_or_default())
    }));
    let next_step = match members.agents.is_empty() {
        true => "Join it with swarm_join.",
        false => "Share work with broadcast, claim and htask_next.",
    };
    told(payload::members(&members), lines, next_step.to_owned())
}
