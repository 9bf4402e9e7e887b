//! The trait over the store: every verb that writes is one transaction, committed before it is answered.

use super::{claims, membership, state, stream};
use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeftSwarm, NewSwarm, ReleaseRequest, Released,
    SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers, Timestamp,
};
use crate::snipara::embedded::Embedded;
use crate::snipara::embedded::written::written;
use crate::snipara::{Answer, SniparaError, Swarms};
use crate::store::StoreTransaction;

impl Embedded {
    async fn reading(&self) -> Result<(StoreTransaction, Timestamp), SniparaError> {
        let transaction = self.settings.store.begin_read().await?;
        Ok((transaction, self.settings.clock.now()))
    }
}

impl Swarms for Embedded {
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm> {
        written!(self.settings.store.begin_write(), membership::create, swarm, self.settings.clock.now())
    }

    fn make_of(&self, swarm_id: SwarmId) -> Answer<'_, ()> {
        written!(self.settings.store.begin_write(), membership::make_of, swarm_id, self.settings.clock.now())
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        written!(self.settings.store.begin_write(), membership::join, join, self.settings.clock.now())
    }

    fn leave(&self, swarm_id: SwarmId, agent_id: String) -> Answer<'_, LeftSwarm> {
        written!(self.settings.store.begin_write(), membership::leave, &swarm_id, &agent_id, self.settings.clock.now())
    }

    fn members(&self, swarm_id: SwarmId) -> Answer<'_, SwarmMembers> {
        Box::pin(async move {
            let (mut transaction, now) = self.reading().await?;
            membership::members(&mut transaction, &swarm_id, now).await
        })
    }

    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry> {
        written!(self.settings.store.begin_write(), state::set, state, self.settings.clock.now())
    }

    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>> {
        Box::pin(async move { state::get(&self.settings.store, &swarm_id, &key, self.settings.clock.now()).await })
    }

    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        written!(self.settings.store.begin_write(), stream::broadcast, broadcast, self.settings.clock.now())
    }

    fn events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        Box::pin(async move {
            let (mut transaction, _) = self.reading().await?;
            stream::events(&mut transaction, query).await
        })
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim> {
        written!(self.settings.store.begin_write(), claims::claim, request, self.settings.clock.now())
    }

    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released> {
        written!(self.settings.store.begin_write(), claims::release, request, self.settings.clock.now())
    }
}
