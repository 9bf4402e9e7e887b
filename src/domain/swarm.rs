//! Swarms: agents that share state, events and claims.
//!
//! Names, words and limits: snipara-wire.md §4.3, §4.4 and §6.4.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClaimId, EventId, SwarmId, Timestamp, wire_enum};

/// The name of the swarm of a project when a call names none (snipara-wire.md §5.3).
pub const DEFAULT_SWARM_NAME: &str = "default-agent-orchestrator";

wire_enum! {
    /// What an agent does in a swarm.
    #[derive(Default)]
    SwarmRole, "role" { Coordinator = "coordinator", #[default] Worker = "worker", Observer = "observer" }
}

wire_enum! {
    /// Whether an agent works.
    AgentStatus, "agent status" { Active = "active", Idle = "idle", Busy = "busy" }
}

wire_enum! {
    /// What is claimed; `custom` is what other clients send (snipara-wire.md §4.3).
    ResourceType, "resource_type" {
        File = "file", Function = "function", Module = "module", Component = "component", Other = "other",
        Custom = "custom",
    }
}

/// A swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swarm {
    /// Its id.
    pub swarm_id: SwarmId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// How many agents at most.
    #[serde(default)]
    pub max_agents: i64,
    /// How long a claimed htask is leased, in seconds.
    #[serde(default, rename = "task_timeout")]
    pub task_timeout_s: i64,
    /// How long a claim holds when a call does not say, in seconds.
    #[serde(default, rename = "claim_timeout")]
    pub claim_timeout_s: i64,
    /// Whether it was there before.
    #[serde(default)]
    pub reused: bool,
}

/// An agent of a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmMember {
    /// The agent, as it calls itself.
    pub agent_id: String,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does.
    pub role: SwarmRole,
    /// Busy while it holds a claimed htask, else active; idle after a swarm's task time-out without a sign of life.
    pub status: AgentStatus,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The htask that it has claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_task: Option<String>,
    /// When it joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
}

/// The members of a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmMembers {
    /// The swarm's name.
    pub swarm_name: String,
    /// How many agents at most.
    pub max_agents: i64,
    /// The agents, by when they joined.
    pub agents: Vec<SwarmMember>,
}

/// What leaving a swarm set free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftSwarm {
    /// Whether the agent was a member.
    pub was_member: bool,
    /// How many claims were released.
    pub claims_released: u64,
    /// How many htasks went back to pending.
    pub tasks_unassigned: u64,
}

/// A key of a swarm's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateEntry {
    /// The key.
    pub key: String,
    /// Its value, as it was written.
    pub value: Value,
    /// 1 at first, one more with every write.
    pub version: i64,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An event of a swarm: a broadcast, or a change of an htask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SwarmEvent {
    /// Its id.
    pub event_id: EventId,
    /// What happened: a broadcast's own word, or `htask.` and the change (`htask.complete`).
    pub event_type: String,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// More about it.
    #[serde(default)]
    pub payload: Value,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// A page of events: without a cursor the newest, in the order in which they happened.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<SwarmEvent>,
    /// How many match in all.
    pub total: u64,
    /// Where the next page begins; give it to read on, now or when there is more.
    pub next_cursor: Option<String>,
    /// Whether there is more now.
    pub has_more: bool,
}

/// An exclusive claim on a resource, until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id.
    pub claim_id: ClaimId,
    /// What kind of thing.
    pub resource_type: ResourceType,
    /// Which one.
    pub resource_id: String,
    /// Who holds it.
    pub agent_id: String,
    /// Whether the holder had it already and it was prolonged.
    #[serde(default)]
    pub extended: bool,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Grows with every claim of the project. A writer with an older one has lost the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fencing_token: Option<i64>,
}

/// What was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Released {
    /// The claim; nothing when there was none to release.
    pub claim_id: Option<ClaimId>,
    /// Whether it held until now.
    pub released: bool,
}
