//! Swarms of the service.

use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeftSwarm, NewSwarm, ReleaseRequest, Released,
    SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::{Answer, Swarms};

impl Swarms for HostedClient {
    fn create(&self, _swarm: NewSwarm) -> Answer<'_, Swarm> {
        todo!()
    }

    fn join(&self, _join: JoinSwarm) -> Answer<'_, SwarmMember> {
        todo!()
    }

    fn leave(&self, _swarm_id: SwarmId, _agent_id: String) -> Answer<'_, LeftSwarm> {
        todo!()
    }

    fn members(&self, _swarm_id: SwarmId) -> Answer<'_, SwarmMembers> {
        todo!()
    }

    fn set_state(&self, _state: SetState) -> Answer<'_, StateEntry> {
        todo!()
    }

    fn get_state(&self, _swarm_id: SwarmId, _key: String) -> Answer<'_, Option<StateEntry>> {
        todo!()
    }

    fn broadcast(&self, _broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        todo!()
    }

    fn events(&self, _query: EventQuery) -> Answer<'_, EventPage> {
        todo!()
    }

    fn claim(&self, _request: ClaimRequest) -> Answer<'_, Claim> {
        todo!()
    }

    fn release(&self, _request: ReleaseRequest) -> Answer<'_, Released> {
        todo!()
    }
}
