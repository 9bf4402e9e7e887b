//! A host's swarms, state, events and claims.

use super::{Fields, Missing};
use crate::domain::{
    AgentStatus, Broadcast, Claim, ClaimId, ClaimRequest, EventId, EventPage, JoinSwarm, LeftSwarm, NewSwarm,
    ReleaseRequest, Released, SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers, SwarmRole,
};
use crate::snipara::payload::Payload;

/// Reads a swarm. Fields that the host does not repeat are taken from the request.
///
/// # Errors
/// When there is no id.
pub fn swarm(payload: &Payload, asked: &NewSwarm) -> Result<Swarm, Missing> {
    let fields = Fields(payload);
    Ok(Swarm {
        swarm_id: fields.id(&["swarm_id", "id"], SwarmId::parse).ok_or(Missing("swarm_id"))?,
        name: fields.word(&["name"]).unwrap_or_else(|| asked.name.clone()),
        description: fields.text(&["description"]).unwrap_or_else(|| asked.description.clone()),
        max_agents: fields.integer(&["max_agents"]).unwrap_or(asked.max_agents),
        task_timeout_s: fields.integer(&["task_timeout"]).unwrap_or(asked.task_timeout_s),
        claim_timeout_s: fields.integer(&["claim_timeout"]).unwrap_or(asked.claim_timeout_s),
        reused: fields.flag(&["reused", "reused_existing"]).unwrap_or_default(),
    })
}

/// Reads a membership. The agent is the one that asked: the public server answers a row's id (snipara-wire.md §S6).
pub fn member(payload: &Payload, asked: &JoinSwarm) -> SwarmMember {
    let fields = Fields(payload);
    let capabilities = fields.some_list(&["capabilities"]).map(|_| fields.texts(&["capabilities"]));
    SwarmMember {
        agent_id: asked.agent_id.clone(),
        name: fields.word(&["name"]).or_else(|| asked.name.clone()),
        role: fields.parsed(&["role"]).unwrap_or(asked.role),
        status: fields.parsed(&["status"]).unwrap_or(AgentStatus::Active),
        capabilities: capabilities.unwrap_or_else(|| asked.capabilities.clone()),
        current_task: fields.word(&["current_task"]),
        joined_at: fields.time(&["joined_at"]),
    }
}

/// Reads the members of a swarm.
///
/// # Errors
/// When there is no list.
pub fn members(payload: &Payload) -> Result<SwarmMembers, Missing> {
    let fields = Fields(payload);
    let agents = fields.rows(&["agents", "members"])?.filter_map(|row| {
        let idle = row.flag(&["is_active"]) == Some(false);
        Some(SwarmMember {
            agent_id: row.text(&["agent_id"])?,
            name: row.word(&["name"]),
            role: row.parsed(&["role"]).unwrap_or(SwarmRole::Worker),
            status: row.parsed(&["status"]).unwrap_or(if idle { AgentStatus::Idle } else { AgentStatus::Active }),
            capabilities: row.texts(&["capabilities"]),
            current_task: row.word(&["current_task"]),
            joined_at: row.time(&["joined_at"]),
        })
    });
    Ok(SwarmMembers {
        agents: agents.collect(),
        swarm_name: fields.text(&["swarm_name", "name"]).unwrap_or_default(),
        max_agents: fields.integer(&["max_agents"]).unwrap_or_default(),
    })
}

/// Reads the result of leaving. When a host does not say whether the agent was a member, it counts as one.
pub fn left(payload: &Payload) -> LeftSwarm {
    let fields = Fields(payload);
    LeftSwarm {
        was_member: fields.flag(&["was_member"]).unwrap_or(true),
        claims_released: fields.count(&["claims_released"]).unwrap_or_default(),
        tasks_unassigned: fields.count(&["tasks_unassigned"]).unwrap_or_default(),
    }
}

/// Reads a key that was written.
///
/// # Errors
/// When there is no version.
pub fn state_written(payload: &Payload, asked: &SetState) -> Result<StateEntry, Missing> {
    let fields = Fields(payload);
    Ok(StateEntry {
        key: asked.key.clone(),
        value: asked.value.clone(),
        version: fields.integer(&["version"]).ok_or(Missing("version"))?,
        updated_at: fields.time(&["updated_at"]),
        updated_by: Some(fields.word(&["updated_by"]).unwrap_or_else(|| asked.agent_id.clone())),
        expires_at: fields.time(&["expires_at"]),
    })
}

/// Reads a key; nothing when the host says that it is not there.
///
/// # Errors
/// When the host sends neither whether the key exists nor its value.
pub fn state(payload: &Payload, key: &str) -> Result<Option<StateEntry>, Missing> {
    let fields = Fields(payload);
    if fields.flag(&["found"]) == Some(false) {
        return Ok(None);
    }
    Ok(Some(StateEntry {
        key: key.to_owned(),
        value: fields.value(&["value"]).ok_or(Missing("value"))?,
        version: fields.integer(&["version"]).ok_or(Missing("version"))?,
        updated_at: fields.time(&["updated_at"]),
        updated_by: fields.word(&["updated_by"]),
        expires_at: fields.time(&["expires_at"]),
    }))
}

/// Reads an event that was sent.
///
/// # Errors
/// When there is no id.
pub fn swarm_event(payload: &Payload, asked: &Broadcast) -> Result<SwarmEvent, Missing> {
    let fields = Fields(payload);
    Ok(SwarmEvent {
        event_id: fields.id(&["event_id", "id"], EventId::parse).ok_or(Missing("event_id"))?,
        event_type: asked.event_type.clone(),
        agent_id: Some(asked.agent_id.clone()),
        payload: asked.payload.clone(),
        timestamp: fields.time(&["timestamp", "created_at"]),
    })
}

/// Reads a page of events.
///
/// # Errors
/// When there is no list.
pub fn event_page(payload: &Payload) -> Result<EventPage, Missing> {
    let fields = Fields(payload);
    let events = fields.rows(&["events"])?.filter_map(|row| {
        Some(SwarmEvent {
            event_id: row.id(&["event_id", "id"], EventId::parse)?,
            event_type: row.text(&["event_type", "type"]).unwrap_or_default(),
            agent_id: row.word(&["agent_id", "actor", "actor_id"]),
            payload: row.value(&["payload"]).unwrap_or_default(),
            timestamp: row.time(&["timestamp", "created_at"]),
        })
    });
    let events: Vec<_> = events.collect();
    Ok(EventPage {
        total: fields.count(&["total"]).unwrap_or(events.len() as u64),
        next_cursor: fields.word(&["next_cursor"]),
        has_more: fields.flag(&["has_more"]).unwrap_or_default(),
        events,
    })
}

/// Reads a claim.
///
/// # Errors
/// When there is no id.
pub fn claim(payload: &Payload, asked: &ClaimRequest) -> Result<Claim, Missing> {
    let fields = Fields(payload);
    Ok(Claim {
        claim_id: fields.id(&["claim_id", "id"], ClaimId::parse).ok_or(Missing("claim_id"))?,
        resource_type: asked.resource_type,
        resource_id: asked.resource_id.clone(),
        agent_id: asked.agent_id.clone(),
        extended: fields.flag(&["extended"]).unwrap_or_default(),
        expires_at: fields.time(&["expires_at"]),
        fencing_token: fields.integer(&["fencing_token"]),
    })
}

/// Reads the result of a release. A host that only reports success has released the claim.
pub fn released(payload: &Payload, asked: &ReleaseRequest) -> Released {
    let fields = Fields(payload);
    let released = fields.flag(&["released"]).unwrap_or(true);
    let claim_id = fields.id(&["claim_id"], ClaimId::parse).or_else(|| asked.claim_id.clone().filter(|_| released));
    Released { claim_id, released }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn payload(value: Value) -> Payload {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn the_public_servers_members_and_joins_are_read() {
        let host = json!({"agents": [{"agent_id": "a", "name": null, "is_active": false}, {"agent_id": null}]});
        let found = members(&payload(host)).expect("reads");
        assert_eq!((found.agents.len(), found.agents[0].status), (1, AgentStatus::Idle));
        let asked = JoinSwarm {
            swarm_id: SwarmId::parse("s").expect("an id"),
            agent_id: "claude".into(),
            name: None,
            role: SwarmRole::Coordinator,
            capabilities: vec!["deploy".into()],
        };
        let joined = member(&payload(json!({"success": true, "agent_id": "clx9row", "role": "strange"})), &asked);
        assert_eq!((joined.agent_id.as_str(), joined.role), ("claude", SwarmRole::Coordinator));
        assert_eq!(joined.capabilities, ["deploy"]);
    }

    #[test]
    fn a_key_that_is_not_there_is_told_from_an_answer_that_says_nothing() {
        assert_eq!(state(&payload(json!({"found": false, "key": "k", "value": null})), "k"), Ok(None));
        assert_eq!(state(&payload(json!({"found": true, "value": null})), "k"), Err(Missing("value")));
        let entry = state(&payload(json!({"value": "5", "version": 2})), "k").expect("reads").expect("there");
        assert_eq!((entry.value, entry.version), (json!("5"), 2));
    }
}
