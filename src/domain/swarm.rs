//! Swarms: agents that share state, events and claims.
//!
//! Names, words and limits: snipara-wire.md §4.3, §4.4 and §6.4.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::{check_length, check_range, check_text};
use super::wire_enum::wire_enum;
use super::{ClaimId, EventId, FieldError, MAX_TEXT_BYTES, SwarmId, Timestamp};

/// The name of the swarm of a project when a call names none (snipara-wire.md §5.3).
pub const DEFAULT_SWARM_NAME: &str = "default-agent-orchestrator";
/// The longest name of a swarm, an agent, a state key, an event or a resource, in bytes.
const MAX_NAME_BYTES: usize = 256;

wire_enum! {
    /// What an agent does in a swarm.
    SwarmRole, "role" { Coordinator = "coordinator", Worker = "worker", Observer = "observer" }
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

/// A swarm to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSwarm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many agents at most: 1 to 100.
    pub max_agents: i64,
    /// How long a claimed htask is leased, in seconds: 60 to 3600.
    pub task_timeout_s: i64,
    /// How long a claim holds when a call does not say, in seconds: 60 to 7200.
    pub claim_timeout_s: i64,
    /// Whether an active swarm of that name is answered instead of a new one.
    pub reuse_existing: bool,
}

impl NewSwarm {
    /// Makes a request with the contract's defaults: 10 agents, 600 s, 300 s, reuse by name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            max_agents: 10,
            task_timeout_s: 600,
            claim_timeout_s: 300,
            reuse_existing: true,
        }
    }

    /// Refuses what cannot be made.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        check_length("description", &self.description, MAX_TEXT_BYTES)?;
        check_range("max_agents", self.max_agents, 1..=100)?;
        check_range("task_timeout", self.task_timeout_s, 60..=3_600)?;
        check_range("claim_timeout", self.claim_timeout_s, 60..=7_200)
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

/// An agent that joins a swarm; joining again renews its membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinSwarm {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent, as it calls itself.
    pub agent_id: String,
    /// A name for people.
    pub name: Option<String>,
    /// What it does.
    pub role: SwarmRole,
    /// What it can do.
    pub capabilities: Vec<String>,
}

impl JoinSwarm {
    /// Refuses what cannot join.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_agent(&self.agent_id)?;
        if self.capabilities.len() > 100 {
            return Err(FieldError::new("capabilities", "has more than 100 items", "give at most 100"));
        }
        self.capabilities.iter().try_for_each(|capability| check_text("capabilities", capability, MAX_NAME_BYTES))
    }
}

/// An agent of a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmMember {
    /// The agent, as it calls itself.
    pub agent_id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does.
    pub role: SwarmRole,
    /// Busy while it holds a claimed htask, else active; idle after a swarm's task time-out without a sign of life.
    pub status: AgentStatus,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The htask that it has claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_task: Option<String>,
    /// When it joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftSwarm {
    /// Whether the agent was a member.
    pub was_member: bool,
    /// How many claims were released.
    pub claims_released: u64,
    /// How many htasks went back to pending.
    pub tasks_unassigned: u64,
}

/// A key to write into a swarm's state.
#[derive(Debug, Clone, PartialEq)]
pub struct SetState {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Who writes; need not be a member (snipara-wire.md §3).
    pub agent_id: String,
    /// The key.
    pub key: String,
    /// Any JSON but null.
    pub value: Value,
    /// The version that must stand now; 0 says that the key must not exist.
    pub expected_version: Option<i64>,
    /// How long it lives, in seconds; `None` is for ever.
    pub ttl_seconds: Option<i64>,
}

impl SetState {
    /// Refuses what cannot be written.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_agent(&self.agent_id)?;
        check_text("key", &self.key, MAX_NAME_BYTES)?;
        if self.value.is_null() {
            return Err(FieldError::new("value", "is null", "give any other JSON value"));
        }
        check_length("value", &self.value.to_string(), MAX_TEXT_BYTES)?;
        self.expected_version.map_or(Ok(()), |version| check_range("expected_version", version, 0..=i64::MAX))?;
        self.ttl_seconds.map_or(Ok(()), |seconds| check_range("ttl_seconds", seconds, 1..=315_360_000))
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An event to append to a swarm's stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Who sends; need not be a member (snipara-wire.md §3).
    pub agent_id: String,
    /// What happened.
    pub event_type: String,
    /// More about it: any JSON.
    pub payload: Value,
}

impl Broadcast {
    /// Refuses what cannot be sent.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_agent(&self.agent_id)?;
        check_text("event_type", &self.event_type, MAX_NAME_BYTES)?;
        check_length("payload", &self.payload.to_string(), MAX_TEXT_BYTES)
    }
}

/// An event of a swarm: a broadcast, or a change of an htask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SwarmEvent {
    /// Its id.
    pub event_id: EventId,
    /// What happened: a broadcast's own word, or `htask.` and the change (`htask.complete`).
    pub event_type: String,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// More about it.
    #[serde(default)]
    pub payload: Value,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Of this type only.
    pub event_type: Option<String>,
    /// Of this agent only.
    pub agent_id: Option<String>,
    /// After this time only.
    pub since: Option<Timestamp>,
    /// Behind this cursor, as a page before answered it.
    pub cursor: Option<String>,
    /// How many at most: 1 to 500.
    pub limit: i64,
}

impl EventQuery {
    /// Refuses what cannot be listed.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_range("limit", self.limit, 1..=500)
    }
}

/// A page of events: without a cursor the newest, in the order in which they happened.
#[derive(Debug, Clone, PartialEq, Default)]
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

/// A resource to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRequest {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Who claims; must be a member.
    pub agent_id: String,
    /// What kind of thing.
    pub resource_type: ResourceType,
    /// Which one: a path, a symbol.
    pub resource_id: String,
    /// How long, in seconds: 1 to 7200; `None` is the swarm's time-out.
    pub timeout_seconds: Option<i64>,
}

impl ClaimRequest {
    /// Refuses what cannot be claimed.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_agent(&self.agent_id)?;
        check_text("resource_id", &self.resource_id, 1_024)?;
        self.timeout_seconds.map_or(Ok(()), |seconds| check_range("timeout_seconds", seconds, 1..=7_200))
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Grows with every claim of the project: who writes with an older one has lost the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fencing_token: Option<i64>,
}

/// A claim to give back: by its id, or by type and id of the resource. Safe to repeat; only one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Who holds it.
    pub agent_id: String,
    /// The claim.
    pub claim_id: Option<ClaimId>,
    /// What kind of thing.
    pub resource_type: Option<ResourceType>,
    /// Which one.
    pub resource_id: Option<String>,
}

impl ReleaseRequest {
    /// Refuses what names no claim.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_agent(&self.agent_id)?;
        if self.claim_id.is_some() || (self.resource_type.is_some() && self.resource_id.is_some()) {
            return Ok(());
        }
        Err(FieldError::new("claim_id", "is missing", "give claim_id, or resource_type and resource_id"))
    }
}

/// What was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The claim; nothing when there was none to release.
    pub claim_id: Option<ClaimId>,
    /// Whether it held until now.
    pub released: bool,
}

fn check_agent(agent_id: &str) -> Result<(), FieldError> {
    check_text("agent_id", agent_id, MAX_NAME_BYTES)
}
