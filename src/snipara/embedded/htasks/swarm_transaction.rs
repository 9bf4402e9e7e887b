//! A swarm in an open transaction: finding its htasks, and recording what happens to them.

use serde_json::Value;

use super::lease::end_expired;
use crate::domain::{EventId, HTask, HTaskId, HTaskStatus, Swarm, SwarmId, Timestamp, one_line};
use crate::snipara::SniparaError;
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::embedded::swarms::{existing_swarm, meant};
use crate::store::{StoreTransaction, StoredEvent, StoredHTask};

/// The prefix of the events about htasks in the swarm's stream.
pub(in crate::snipara::embedded) const EVENT_PREFIX: &str = "htask.";

/// A swarm in an open transaction.
#[derive(Debug)]
pub(super) struct SwarmTransaction {
    pub(super) transaction: StoreTransaction,
    pub(super) swarm: Swarm,
    /// The time of the whole transaction. For a writer it is later than that of every write before.
    pub(super) now: Timestamp,
}

/// A change to record; the htask is as it is after it.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) what: &'static str,
    pub(super) task: &'a HTask,
    pub(super) actor: &'a str,
    pub(super) from: Option<HTaskStatus>,
    pub(super) payload: Value,
}

impl SwarmTransaction {
    /// Opens a swarm to write; leases that have ended are ended first.
    pub(super) async fn to_write(settings: &EmbeddedSettings, swarm_id: &SwarmId) -> Result<Self, SniparaError> {
        let mut transaction = settings.store.begin_write().await?;
        let now = settings.clock.now();
        let swarm = existing_swarm(&mut transaction, swarm_id).await?;
        end_expired(&mut transaction, swarm_id, now).await?;
        Ok(Self { transaction, swarm, now })
    }

    /// Opens a swarm to read; leases that have ended are ended first.
    pub(super) async fn to_read(settings: &EmbeddedSettings, swarm_id: &SwarmId) -> Result<Self, SniparaError> {
        let mut transaction = settings.store.begin_read().await?;
        let now = settings.clock.now();
        let swarm = existing_swarm(&mut transaction, swarm_id).await?;
        if !transaction.has_expired_htasks(swarm_id, now).await? {
            return Ok(Self { transaction, swarm, now });
        }
        drop(transaction);
        let written = Self::to_write(settings, swarm_id).await?;
        let (swarm, now) = (written.swarm.clone(), written.now);
        written.commit().await?;
        Ok(Self { transaction: settings.store.begin_read().await?, swarm, now })
    }

    /// Commits everything that was written.
    pub(super) async fn commit(self) -> Result<(), SniparaError> {
        Ok(self.transaction.commit().await?)
    }

    /// Returns an htask of the swarm.
    pub(super) async fn task(&mut self, id: &HTaskId) -> Result<StoredHTask, SniparaError> {
        match self.transaction.htask(&self.swarm.swarm_id, id).await? {
            Some(task) => Ok(task),
            None => {
                let known = self.transaction.htask_titles(&self.swarm.swarm_id).await?;
                let id = one_line(id.as_str(), 80);
                Err(SniparaError::NotFound { what: "htask", nearest: meant("htask_", &id, &known), id })
            }
        }
    }

    /// Returns the ancestors of an htask, nearest first.
    pub(super) async fn ancestors(&mut self, task: &HTask) -> Result<Vec<StoredHTask>, SniparaError> {
        let mut ancestors: Vec<StoredHTask> = Vec::new();
        let mut above = task.parent_id.clone();
        while let Some(id) = above {
            let ancestor = self.task(&id).await?;
            above = ancestor.task.parent_id.clone();
            ancestors.push(ancestor);
        }
        Ok(ancestors)
    }

    /// Appends a change to the swarm's stream.
    pub(super) async fn record(&mut self, change: Change<'_>) -> Result<(), SniparaError> {
        record(&mut self.transaction, &self.swarm.swarm_id, change, self.now).await
    }
}

/// Appends a change to a swarm's stream.
pub(super) async fn record(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    change: Change<'_>,
    now: Timestamp,
) -> Result<(), SniparaError> {
    let event = StoredEvent {
        seq: 0,
        id: EventId::generate(),
        swarm_id: swarm_id.clone(),
        task_id: Some(change.task.task_id.clone()),
        event_type: format!("{EVENT_PREFIX}{}", change.what),
        agent_id: Some(change.actor.to_owned()),
        from_status: change.from,
        to_status: Some(change.task.status),
        payload: change.payload,
        created_at: now,
    };
    transaction.append_event(event).await?;
    Ok(())
}

/// Returns the actor of a change that names none: the agent that has claimed the htask, or else its owner.
pub(super) fn actor_of(task: &HTask) -> String {
    task.claim.as_ref().map_or_else(|| task.owner.clone(), |claim| claim.claimed_by.clone())
}
