//! Swarms of the service.

use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeaveSwarm, LeftSwarm, MembersQuery, NewSwarm,
    ReleaseRequest, Released, SetState, StateEntry, StateQuery, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::read;
use crate::snipara::{Answer, Swarms};

impl Swarms for HostedClient {
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm> {
        self.asked("swarm_create", swarm, read::swarm)
    }

    /// The service alone gives ids.
    fn make_of(&self, _: SwarmId) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        self.asked("swarm_join", join, |payload, join| Ok(read::member(payload, join)))
    }

    fn leave(&self, swarm_id: SwarmId, agent_id: String) -> Answer<'_, LeftSwarm> {
        self.asked("swarm_leave", LeaveSwarm { swarm_id, agent_id }, |payload, _| Ok(read::left(payload)))
    }

    fn members(&self, swarm_id: SwarmId) -> Answer<'_, SwarmMembers> {
        self.asked("swarm_members", MembersQuery { swarm_id }, |payload, _| read::members(payload))
    }

    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry> {
        self.asked("state_set", state, read::state_written)
    }

    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>> {
        self.asked("state_get", StateQuery { swarm_id, key }, |payload, query| read::state(payload, &query.key))
    }

    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        self.asked("broadcast", broadcast, read::swarm_event)
    }

    fn events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        self.asked("swarm_events", query, |payload, _| read::event_page(payload))
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim> {
        self.asked("claim", request, read::claim)
    }

    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released> {
        self.asked("release", request, |payload, request| Ok(read::released(payload, request)))
    }
}
