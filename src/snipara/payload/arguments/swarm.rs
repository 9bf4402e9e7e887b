//! Arguments of the swarm and state tools.

use serde_json::{Value, json};

use super::given::{Given, absent};
use crate::domain::{
    Broadcast, ClaimId, ClaimRequest, EventQuery, FieldError, JoinSwarm, NewSwarm, ReleaseRequest, SetState, SwarmId,
    SwarmRole,
};
use crate::snipara::payload::Payload;

/// Reads the id of a swarm.
///
/// # Errors
/// Names the argument.
pub fn swarm_id(arguments: &Payload) -> Result<SwarmId, FieldError> {
    Given(arguments).needed_id("swarm_id", SwarmId::parse)
}

/// Reads `swarm_create`; a swarm is reused only when asked for (snipara-wire.md §4.3).
///
/// # Errors
/// Names the argument.
pub fn new_swarm(arguments: &Payload) -> Result<NewSwarm, FieldError> {
    let given = Given(arguments);
    let default = NewSwarm::named(given.needed(&["name"])?);
    Ok(NewSwarm {
        description: given.text(&["description"])?.unwrap_or_default(),
        max_agents: given.integer(&["max_agents"])?.unwrap_or(default.max_agents),
        task_timeout_s: given.integer(&["task_timeout"])?.unwrap_or(default.task_timeout_s),
        claim_timeout_s: given.integer(&["claim_timeout"])?.unwrap_or(default.claim_timeout_s),
        reuse_existing: given.flag("reuse_existing", false)?,
        ..default
    })
}

/// Reads `swarm_join`.
///
/// # Errors
/// Names the argument.
pub fn join(arguments: &Payload) -> Result<JoinSwarm, FieldError> {
    let given = Given(arguments);
    Ok(JoinSwarm {
        swarm_id: swarm_id(arguments)?,
        agent_id: given.needed(&["agent_id"])?,
        name: given.text(&["name"])?,
        role: given.word("role")?.unwrap_or(SwarmRole::Worker),
        capabilities: given.texts("capabilities")?,
    })
}

/// Reads `swarm_leave`: the swarm and the agent.
///
/// # Errors
/// Names the argument.
pub fn leave(arguments: &Payload) -> Result<(SwarmId, String), FieldError> {
    Ok((swarm_id(arguments)?, Given(arguments).needed(&["agent_id"])?))
}

/// Reads `state_set`. Null is absent here as everywhere, and not a value of state.
///
/// # Errors
/// Names the argument.
pub fn set_state(arguments: &Payload) -> Result<SetState, FieldError> {
    let given = Given(arguments);
    Ok(SetState {
        swarm_id: swarm_id(arguments)?,
        agent_id: given.needed(&["agent_id"])?,
        key: given.needed(&["key"])?,
        value: given.get::<Value>(&["value"], "a JSON value")?.ok_or_else(|| absent(&["value"]))?,
        expected_version: given.integer(&["expected_version"])?,
        ttl_seconds: given.integer(&["ttl_seconds"])?,
    })
}

/// Reads `state_get`: the swarm and the key.
///
/// # Errors
/// Names the argument.
pub fn state_key(arguments: &Payload) -> Result<(SwarmId, String), FieldError> {
    Ok((swarm_id(arguments)?, Given(arguments).needed(&["key"])?))
}

/// Reads `broadcast`.
///
/// # Errors
/// Names the argument.
pub fn broadcast(arguments: &Payload) -> Result<Broadcast, FieldError> {
    let given = Given(arguments);
    Ok(Broadcast {
        swarm_id: swarm_id(arguments)?,
        agent_id: given.needed(&["agent_id"])?,
        event_type: given.needed(&["event_type"])?,
        payload: given.get(&["payload"], "a JSON value")?.unwrap_or_else(|| json!({})),
    })
}

/// Reads `swarm_events`.
///
/// # Errors
/// Names the argument.
pub fn event_query(arguments: &Payload) -> Result<EventQuery, FieldError> {
    let given = Given(arguments);
    Ok(EventQuery {
        swarm_id: swarm_id(arguments)?,
        event_type: given.text(&["event_type"])?,
        agent_id: given.text(&["agent_id"])?,
        since: given.get(&["since"], "a time such as 2026-11-24T00:00:00Z")?,
        cursor: given.text(&["cursor"])?,
        limit: given.integer(&["limit"])?.unwrap_or(50),
    })
}

/// Reads `claim`.
///
/// # Errors
/// Names the argument.
pub fn claim(arguments: &Payload) -> Result<ClaimRequest, FieldError> {
    let given = Given(arguments);
    Ok(ClaimRequest {
        swarm_id: swarm_id(arguments)?,
        agent_id: given.needed(&["agent_id"])?,
        resource_type: given.word("resource_type")?.ok_or_else(|| absent(&["resource_type"]))?,
        resource_id: given.needed(&["resource_id"])?,
        timeout_seconds: given.integer(&["timeout_seconds", "ttl_seconds"])?,
    })
}

/// Reads `release`.
///
/// # Errors
/// Names the argument.
pub fn release(arguments: &Payload) -> Result<ReleaseRequest, FieldError> {
    let given = Given(arguments);
    Ok(ReleaseRequest {
        swarm_id: swarm_id(arguments)?,
        agent_id: given.needed(&["agent_id"])?,
        claim_id: given.id("claim_id", ClaimId::parse)?,
        resource_type: given.word("resource_type")?,
        resource_id: given.text(&["resource_id"])?,
    })
}
