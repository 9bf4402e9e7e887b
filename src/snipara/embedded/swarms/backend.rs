//! The trait over the store: every verb that writes is one transaction, committed before it is answered.

use std::sync::Arc;

use super::{claims, membership, state, stream};
use crate::domain::{
    Broadcast, Claim, ClaimRequest, EventPage, EventQuery, JoinSwarm, LeftSwarm, NewSwarm, ReleaseRequest, Released,
    SetState, StateEntry, Swarm, SwarmEvent, SwarmId, SwarmMember, SwarmMembers, Timestamp,
};
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::{Answer, SniparaError, Swarms};
use crate::store::StoreTransaction;

/// The trait [`Swarms`] over the store.
#[derive(Debug)]
pub struct EmbeddedSwarms {
    settings: Arc<EmbeddedSettings>,
}

impl EmbeddedSwarms {
    /// Makes it; nothing is read or written.
    pub fn new(settings: Arc<EmbeddedSettings>) -> Self {
        Self { settings }
    }

    /// Begins to write. Returns the time of the write, which is later than that of every write before.
    async fn writing(&self) -> Result<(StoreTransaction, Timestamp), SniparaError> {
        let transaction = self.settings.store.begin_write().await?;
        Ok((transaction, self.settings.clock.now()))
    }

    async fn reading(&self) -> Result<(StoreTransaction, Timestamp), SniparaError> {
        let transaction = self.settings.store.begin_read().await?;
        Ok((transaction, self.settings.clock.now()))
    }
}

impl Swarms for EmbeddedSwarms {
    fn create(&self, swarm: NewSwarm) -> Answer<'_, Swarm> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let swarm = membership::create(&mut transaction, swarm, now).await?;
            transaction.commit().await?;
            Ok(swarm)
        })
    }

    fn join(&self, join: JoinSwarm) -> Answer<'_, SwarmMember> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let member = membership::join(&mut transaction, join, now).await?;
            transaction.commit().await?;
            Ok(member)
        })
    }

    fn leave(&self, swarm_id: SwarmId, agent_id: String) -> Answer<'_, LeftSwarm> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let left = membership::leave(&mut transaction, &swarm_id, &agent_id, now).await?;
            transaction.commit().await?;
            Ok(left)
        })
    }

    fn members(&self, swarm_id: SwarmId) -> Answer<'_, SwarmMembers> {
        Box::pin(async move {
            let (mut transaction, now) = self.reading().await?;
            membership::members(&mut transaction, &swarm_id, now).await
        })
    }

    fn set_state(&self, state: SetState) -> Answer<'_, StateEntry> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let entry = state::set(&mut transaction, state, now).await?;
            transaction.commit().await?;
            Ok(entry)
        })
    }

    fn get_state(&self, swarm_id: SwarmId, key: String) -> Answer<'_, Option<StateEntry>> {
        Box::pin(async move { state::get(&self.settings.store, &swarm_id, &key, self.settings.clock.now()).await })
    }

    fn broadcast(&self, broadcast: Broadcast) -> Answer<'_, SwarmEvent> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let event = stream::broadcast(&mut transaction, broadcast, now).await?;
            transaction.commit().await?;
            Ok(event)
        })
    }

    fn events(&self, query: EventQuery) -> Answer<'_, EventPage> {
        Box::pin(async move {
            let (mut transaction, _) = self.reading().await?;
            stream::events(&mut transaction, query).await
        })
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Claim> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let claim = claims::claim(&mut transaction, request, now).await?;
            transaction.commit().await?;
            Ok(claim)
        })
    }

    fn release(&self, request: ReleaseRequest) -> Answer<'_, Released> {
        Box::pin(async move {
            let (mut transaction, now) = self.writing().await?;
            let released = claims::release(&mut transaction, request, now).await?;
            transaction.commit().await?;
            Ok(released)
        })
    }
}
