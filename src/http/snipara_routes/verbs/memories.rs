//! Memories.

use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{self, Payload, arguments};

use super::carry_out::Told;

pub(super) async fn remember(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let memory = arguments::new_memory(given)?;
    memory.check()?;
    Ok(payload::remembered(&orchestrator.remember(memory).await?))
}

pub(super) async fn recall(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::recall_query(given)?;
    query.check()?;
    Ok(payload::recalled(&orchestrator.recall(query).await?))
}

pub(super) async fn memories(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let filter = arguments::memory_filter(given)?;
    filter.check()?;
    Ok(payload::memory_page(&orchestrator.memories(filter).await?))
}

pub(super) async fn forget(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::forget(given)?;
    query.check()?;
    Ok(payload::forgotten(orchestrator.forget(query).await?))
}

pub(super) async fn invalidate(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let (memory_id, reason) = arguments::invalidate(given)?;
    Ok(payload::memory_invalidated(&orchestrator.invalidate_memory(memory_id, reason).await?))
}

pub(super) async fn supersede(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let (old, new, reason) = arguments::supersede(given)?;
    Ok(payload::memory_superseded(&orchestrator.supersede_memory(old, new.clone(), reason).await?, &new))
}
