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
        Box::pin(async move { self.ask("swarm_create", object(&swarm), |payload| read::swarm(payload, &swarm)).await })
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        Box::pin(async move { self.ask("swarm_join", object(&join), |payload| Ok(read::member(payload, &join))).await })
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
        Box::pin(
            async move { self.ask("state_set", object(&state), |payload| read::state_written(payload, &state)).await },
        )
    }

    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>> {
        Box::pin(async move {
            let arguments = object(&json!({ "swarm_id": swarm_id, "key": key }));
            self.ask("state_get", arguments, |payload| read::state(payload, &key)).await
        })
    }

    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        Box::pin(async move {
            self.ask("broadcast", object(&broadcast), |payload| read::swarm_event(payload, &broadcast)).await
        })
    }

    fn events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        Box::pin(async move { self.ask("swarm_events", object(&query), read::event_page).await })
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim> {
        Box::pin(async move { self.ask("claim", object(&request), |payload| read::claim(payload, &request)).await })
    }

    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released> {
        Box::pin(
            async move { self.ask("release", object(&request), |payload| Ok(read::released(payload, &request))).await },
        )
    }
}
