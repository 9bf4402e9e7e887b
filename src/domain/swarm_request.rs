//! What is asked of swarms (snipara-wire.md §4.3 and §4.4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ClaimId, FieldError, InvalidRequest, MAX_TEXT_BYTES, Request, ResourceType, SwarmId, SwarmRole, Timestamp,
    check_length, check_range, check_text, integer, yes,
};

/// How many agents a swarm has at most when its maker does not say.
const MAX_AGENTS: i64 = 10;
/// How long a claimed htask is leased when its maker does not say, in seconds.
const TASK_TIMEOUT_S: i64 = 600;
/// How long a claim holds when neither the swarm nor the call says, in seconds.
const CLAIM_TIMEOUT_S: i64 = 300;
/// The longest name of a swarm, an agent, a state key, an event or a resource, in bytes.
const MAX_NAME_BYTES: usize = 256;
/// The longest name of a resource, in bytes: it may be a path.
const MAX_RESOURCE_BYTES: usize = 1_024;
/// The most capabilities of an agent.
const MAX_CAPABILITIES: usize = 100;
/// The longest life of a state key that ends, in seconds: ten years.
const MAX_TTL_SECONDS: i64 = 315_360_000;

fn check_agent(agent_id: &str) -> Result<(), FieldError> {
    check_text("agent_id", agent_id, MAX_NAME_BYTES)
}

/// A swarm to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSwarm {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// How many agents at most: 1 to 100.
    #[serde(default = "integer::<MAX_AGENTS>")]
    #[schemars(range(min = 1, max = 100), extend("x-model" = "Default 10."))]
    pub max_agents: i64,
    /// How long a claimed htask is leased, in seconds: 60 to 3600.
    #[serde(rename = "task_timeout", default = "integer::<TASK_TIMEOUT_S>")]
    #[schemars(
        range(min = 60, max = 3600),
        extend("x-model" = "Seconds that a claimed htask is leased; default 600.")
    )]
    pub task_timeout_s: i64,
    /// How long a claim holds when a call does not say, in seconds: 60 to 7200.
    #[serde(rename = "claim_timeout", default = "integer::<CLAIM_TIMEOUT_S>")]
    #[schemars(range(min = 60, max = 7200), extend("x-model" = "Seconds that a claim holds; default 300."))]
    pub claim_timeout_s: i64,
    /// Whether an active swarm of that name is answered instead of a new one.
    #[serde(default = "yes")]
    #[schemars(extend("x-model" = "Default true."))]
    pub reuse_existing: bool,
}

impl NewSwarm {
    /// Makes a request with the usual settings: 10 agents, 600 s, 300 s, reuse by name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            max_agents: MAX_AGENTS,
            task_timeout_s: TASK_TIMEOUT_S,
            claim_timeout_s: CLAIM_TIMEOUT_S,
            reuse_existing: true,
        }
    }
}

impl Request for NewSwarm {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        check_length("description", &self.description, MAX_TEXT_BYTES)?;
        check_range("max_agents", self.max_agents, 1..=100)?;
        check_range("task_timeout", self.task_timeout_s, 60..=3_600)?;
        Ok(check_range("claim_timeout", self.claim_timeout_s, 60..=7_200)?)
    }
}

/// In which swarm a call works that names none by its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub struct SwarmPlacement {
    /// Make a swarm, or take the project's own.
    #[serde(default = "yes")]
    pub auto_create_swarm: bool,
    /// The name of the swarm to make or to find.
    pub swarm_name: Option<String>,
    /// What that swarm is for.
    pub swarm_description: Option<String>,
    /// How many agents it takes.
    pub swarm_max_agents: Option<i64>,
}

impl SwarmPlacement {
    /// Refuses a call that names no swarm and wants none made.
    ///
    /// # Errors
    /// Names the field.
    pub fn check_named(&self, named: Option<&SwarmId>) -> Result<(), FieldError> {
        if named.is_some() || self.auto_create_swarm {
            return Ok(());
        }
        Err(FieldError::new("swarm_id", "is missing", "give swarm_id"))
    }
}

impl Request for SwarmPlacement {}

/// An agent that joins a swarm; joining again renews its membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinSwarm {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent, as it calls itself.
    pub agent_id: String,
    /// A name for people.
    #[schemars(extend("x-model" = "For people."))]
    pub name: Option<String>,
    /// What it does.
    #[serde(default)]
    #[schemars(extend("x-model" = "Default worker."))]
    pub role: SwarmRole,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

impl Request for JoinSwarm {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_agent(&self.agent_id)?;
        if self.capabilities.len() > MAX_CAPABILITIES {
            return Err(FieldError::new("capabilities", "has more than 100 items", "give at most 100").into());
        }
        let each = |capability: &String| check_text("capabilities", capability, MAX_NAME_BYTES);
        Ok(self.capabilities.iter().try_for_each(each)?)
    }
}

/// An agent that leaves a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveSwarm {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent; one that is not a member may leave, too.
    pub agent_id: String,
}

impl Request for LeaveSwarm {}

/// A question about one swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MembersQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
}

impl Request for MembersQuery {}

/// A key to write into a swarm's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetState {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent that writes; it does not have to be a member (snipara-wire.md §3).
    pub agent_id: String,
    /// The key.
    pub key: String,
    /// Any JSON but null.
    #[schemars(extend("x-model" = true))]
    pub value: Value,
    /// The version that must stand now; 0 says that the key must not exist.
    #[schemars(range(min = 0), extend("x-model" = "As read before; 0 when the key must not exist."))]
    pub expected_version: Option<i64>,
    /// How long it lives, in seconds; `None` is for ever.
    #[schemars(range(min = 1, max = 315360000))]
    pub ttl_seconds: Option<i64>,
}

impl Request for SetState {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_agent(&self.agent_id)?;
        check_text("key", &self.key, MAX_NAME_BYTES)?;
        if self.value.is_null() {
            return Err(FieldError::new("value", "is null", "give any other JSON value").into());
        }
        check_length("value", &self.value.to_string(), MAX_TEXT_BYTES)?;
        check_range("expected_version", self.expected_version, 0..=i64::MAX)?;
        Ok(check_range("ttl_seconds", self.ttl_seconds, 1..=MAX_TTL_SECONDS)?)
    }
}

/// A key to read from a swarm's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The key.
    pub key: String,
}

impl Request for StateQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        if self.key.trim().is_empty() {
            return Err(FieldError::new("key", "is empty", "give the key that was written").into());
        }
        Ok(())
    }
}

/// An event to append to a swarm's stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Broadcast {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent that sends; it does not have to be a member (snipara-wire.md §3).
    pub agent_id: String,
    /// What happened.
    #[schemars(extend("x-model" = "Your own word, such as deployed."))]
    pub event_type: String,
    /// More about it. Models are asked for an object; Snipara's clients send any JSON.
    #[serde(default = "nothing_more")]
    #[schemars(with = "Map<String, Value>")]
    pub payload: Value,
}

fn nothing_more() -> Value {
    Value::Object(Map::new())
}

impl Request for Broadcast {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_agent(&self.agent_id)?;
        check_text("event_type", &self.event_type, MAX_NAME_BYTES)?;
        Ok(check_length("payload", &self.payload.to_string(), MAX_TEXT_BYTES)?)
    }
}

/// Which events to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Of this type only.
    pub event_type: Option<String>,
    /// Of this agent only.
    pub agent_id: Option<String>,
    /// After this time only.
    #[schemars(extend("x-model" = "RFC 3339."))]
    pub since: Option<Timestamp>,
    /// Behind this cursor, as a page before answered it.
    #[schemars(extend("x-model" = "next_cursor of a page before."))]
    pub cursor: Option<String>,
    /// How many at most: 1 to 500.
    #[serde(default = "integer::<50>")]
    #[schemars(range(min = 1, max = 500), extend("x-model" = "Default 50."))]
    pub limit: i64,
}

impl Request for EventQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        Ok(check_range("limit", self.limit, 1..=500)?)
    }
}

/// A resource to claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The agent that claims; it must be a member.
    #[schemars(extend("x-model" = "A member."))]
    pub agent_id: String,
    /// What kind of thing.
    pub resource_type: ResourceType,
    /// Which one: a path, a symbol.
    #[schemars(extend("x-model" = "Such as a path."))]
    pub resource_id: String,
    /// How long, in seconds: 1 to 7200; `None` is the swarm's time-out.
    #[schemars(range(min = 1, max = 7200), extend("x-model" = "Default the swarm's.", "x-alias" = ["ttl_seconds"]))]
    pub timeout_seconds: Option<i64>,
}

impl Request for ClaimRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_agent(&self.agent_id)?;
        check_text("resource_id", &self.resource_id, MAX_RESOURCE_BYTES)?;
        Ok(check_range("timeout_seconds", self.timeout_seconds, 1..=7_200)?)
    }
}

/// A claim to give back: by its id, or by type and id of the resource. Safe to repeat; only one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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

impl Request for ReleaseRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_agent(&self.agent_id)?;
        if self.claim_id.is_some() || (self.resource_type.is_some() && self.resource_id.is_some()) {
            return Ok(());
        }
        let fix = "give claim_id, or resource_type and resource_id";
        Err(FieldError::new("claim_id", "is missing", fix).into())
    }
}
