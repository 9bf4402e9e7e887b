//! Swarms and their state, events and claims.

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
