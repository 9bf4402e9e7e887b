//! The audit trail of an htask.

use super::swarm_transaction::{EVENT_PREFIX, SwarmTransaction};
use crate::domain::{HTaskEvent, HTaskId};
use crate::snipara::SniparaError;
use crate::store::EventSelection;

/// Returns the events of an htask, oldest first.
pub(super) async fn audit_trail(
    open: &mut SwarmTransaction,
    task_id: &HTaskId,
) -> Result<Vec<HTaskEvent>, SniparaError> {
    let task = open.task(task_id).await?;
    let selection = EventSelection { task_id: Some(task.task.task_id), limit: i64::MAX, ..EventSelection::default() };
    let (events, _) = open.transaction.events(&open.swarm.swarm_id, &selection).await?;
    let events = events.into_iter().map(|event| HTaskEvent {
        event_type: event.event_type.strip_prefix(EVENT_PREFIX).unwrap_or(&event.event_type).to_owned(),
        task_id: task_id.clone(),
        actor: event.agent_id,
        from_status: event.from_status,
        to_status: event.to_status,
        payload: event.payload,
        created_at: Some(event.created_at),
    });
    Ok(events.collect())
}
