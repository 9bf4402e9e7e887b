//! Swarms of the service.

use serde_json::json;

use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeftSwarm, NewSwarm, ReleaseRequest, Released,
    SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{object, read};
use crate::snipara::{Answer, Swarms};

impl Swarms for HostedClient {
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm> {
        Box::pin(async move {
            let arguments = object(&json!({
                "name": swarm.name, "description": swarm.description, "max_agents": swarm.max_agents,
                "task_timeout": swarm.task_timeout_s, "claim_timeout": swarm.claim_timeout_s,
                "reuse_existing": swarm.reuse_existing,
            }));
            self.ask("swarm_create", arguments, |payload| read::swarm(payload, &swarm)).await
        })
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": join.swarm_id, "agent_id": join.agent_id, "name": join.name, "role": join.role,
                "capabilities": join.capabilities,
            }));
            self.ask("swarm_join", arguments, |payload| Ok(read::member(payload, &join))).await
        })
    }

    fn leave(&self, swarm_id: SwarmId, agent_id: String) -> Answer<'_, LeftSwarm> {
        Box::pin(async move {
            let arguments = object(&json!({ "swarm_id": swarm_id, "agent_id": agent_id }));
            self.ask("swarm_leave", arguments, |payload| Ok(read::left(payload))).await
        })
    }

    fn members(&self, swarm_id: SwarmId) -> Answer<'_, SwarmMembers> {
        Box::pin(
            async move { self.ask("swarm_members", object(&json!({ "swarm_id": swarm_id })), read::members).await },
        )
    }

    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": state.swarm_id, "agent_id": state.agent_id, "key": state.key, "value": state.value,
                "expected_version": state.expected_version, "ttl_seconds": state.ttl_seconds,
            }));
            self.ask("state_set", arguments, |payload| read::state_written(payload, &state)).await
        })
    }

    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>> {
        Box::pin(async move {
            let arguments = object(&json!({ "swarm_id": swarm_id, "key": key }));
            self.ask("state_get", arguments, |payload| read::state(payload, &key)).await
        })
    }

    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": broadcast.swarm_id, "agent_id": broadcast.agent_id, "event_type": broadcast.event_type,
                "payload": broadcast.payload,
            }));
            self.ask("broadcast", arguments, |payload| read::swarm_event(payload, &broadcast)).await
        })
    }

    fn events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": query.swarm_id, "event_type": query.event_type, "agent_id": query.agent_id,
                "since": query.since, "cursor": query.cursor, "limit": query.limit,
            }));
            self.ask("swarm_events", arguments, read::event_page).await
        })
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": request.swarm_id, "agent_id": request.agent_id, "resource_type": request.resource_type,
                "resource_id": request.resource_id, "timeout_seconds": request.timeout_seconds,
            }));
            self.ask("claim", arguments, |payload| read::claim(payload, &request)).await
        })
    }

    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": request.swarm_id, "agent_id": request.agent_id, "claim_id": request.claim_id,
                "resource_type": request.resource_type, "resource_id": request.resource_id,
            }));
            self.ask("release", arguments, |payload| Ok(read::released(payload, &request))).await
        })
    }
}
