//! Swarms as clients read them (snipara-wire.md §2, §S6).

use serde_json::json;

use super::{Payload, object, successful};
use crate::domain::{Claim, EventPage, LeftSwarm, Released, StateEntry, Swarm, SwarmEvent, SwarmMember, SwarmMembers};

/// Returns a swarm.
pub fn swarm(swarm: &Swarm) -> Payload {
    successful(swarm)
}

/// Returns a member.
pub fn member(member: &SwarmMember) -> Payload {
    successful(member)
}

/// Returns the members.
pub fn members(members: &SwarmMembers) -> Payload {
    successful(&json!({
        "swarm_name": members.swarm_name, "max_agents": members.max_agents, "agent_count": members.agents.len(),
        "agents": members.agents,
    }))
}

/// Returns what leaving set free.
pub fn left(left: LeftSwarm) -> Payload {
    successful(&left)
}

/// Returns a key that was written.
pub fn state_written(entry: &StateEntry) -> Payload {
    let mut payload = successful(entry);
    payload.insert("message".to_owned(), json!(format!("{} has version {}", entry.key, entry.version)));
    payload
}

/// Returns a key that was read, or that it is not there.
pub fn state(key: &str, entry: Option<&StateEntry>) -> Payload {
    match entry {
        Some(entry) => {
            let mut payload = object(entry);
            payload.insert("found".to_owned(), json!(true));
            payload
        }
        None => object(&json!({ "found": false, "key": key })),
    }
}

/// Returns an event that was sent.
pub fn swarm_event(event: &SwarmEvent) -> Payload {
    let mut payload = successful(event);
    payload.insert("redis_published".to_owned(), json!(false));
    payload
}

/// Returns a page of events.
pub fn event_page(page: &EventPage) -> Payload {
    object(page)
}

/// Returns a claim.
pub fn claim(claim: &Claim) -> Payload {
    successful(claim)
}

/// Returns what was given back.
pub fn released(released: &Released) -> Payload {
    successful(released)
}
