//! Swarms and their state, events and claims.

use serde_json::Value;

use crate::domain::{NewSwarm, SwarmId};
use crate::http::snipara_routes::failure::Failure;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{self, Payload, arguments};

use super::carry_out::Told;

pub(super) async fn create(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let swarm = arguments::new_swarm(given)?;
    swarm.check()?;
    Ok(payload::swarm(&orchestrator.create_swarm(swarm).await?))
}

pub(super) async fn join(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let join = arguments::join(given)?;
    join.check()?;
    Ok(payload::member(&orchestrator.join_swarm(join).await?))
}

pub(super) async fn leave(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let (swarm_id, agent_id) = arguments::leave(given)?;
    Ok(payload::left(orchestrator.leave_swarm(swarm_id, agent_id).await?))
}

pub(super) async fn members(orchestrator: &Orchestrator, given: &Payload) -> Told {
    Ok(payload::members(&orchestrator.swarm_members(arguments::swarm_id(given)?).await?))
}

pub(super) async fn claim(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let request = arguments::claim(given)?;
    request.check()?;
    Ok(payload::claim(&orchestrator.claim(request).await?))
}

pub(super) async fn release(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let request = arguments::release(given)?;
    request.check()?;
    Ok(payload::released(&orchestrator.release(request).await?))
}

pub(super) async fn broadcast(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let broadcast = arguments::broadcast(given)?;
    broadcast.check()?;
    Ok(payload::swarm_event(&orchestrator.broadcast(broadcast).await?))
}

pub(super) async fn events(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::event_query(given)?;
    query.check()?;
    Ok(payload::event_page(&orchestrator.swarm_events(query).await?))
}

pub(super) async fn state_get(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let (swarm_id, key) = arguments::state_key(given)?;
    Ok(payload::state(&key, orchestrator.get_state(swarm_id, key.clone()).await?.as_ref()))
}

pub(super) async fn state_set(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let state = arguments::set_state(given)?;
    state.check()?;
    Ok(payload::state_written(&orchestrator.set_state(state).await?))
}

/// Returns the arguments of a call that makes htasks with the swarm that they go to: the one that is named, else one by
/// name, else the project's own, unless the caller wants none made (snipara-wire.md §5.1).
pub(super) async fn with_swarm(orchestrator: &Orchestrator, given: &Payload) -> Result<Payload, Failure> {
    let may_make = given.get("auto_create_swarm") != Some(&Value::Bool(false));
    if given.contains_key("swarm_id") || !may_make {
        return Ok(given.clone());
    }
    let text = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let swarm_id: SwarmId = match text("swarm_name") {
        Some(name) => {
            let mut swarm = NewSwarm::named(name);
            swarm.description = text("swarm_description").unwrap_or_default().to_owned();
            if let Some(max_agents) = given.get("swarm_max_agents").and_then(Value::as_i64) {
                swarm.max_agents = max_agents;
            }
            swarm.check()?;
            orchestrator.create_swarm(swarm).await?.swarm_id
        }
        None => orchestrator.default_swarm().await?,
    };
    let mut placed = given.clone();
    placed.insert("swarm_id".to_owned(), swarm_id.as_str().into());
    Ok(placed)
}
