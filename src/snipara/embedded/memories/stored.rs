//! A memory as the store keeps it, and as the domain knows it.

use super::decay::confidence;
use crate::domain::{Memory, Timestamp};
use crate::store::StoredMemory;

/// Returns how sure a memory is now.
pub(super) fn confidence_of(stored: &StoredMemory, now: Timestamp) -> f64 {
    confidence(stored.last_accessed_at.unwrap_or(stored.created_at), now)
}

/// Returns a memory as the domain knows it.
pub(super) fn memory_of(stored: StoredMemory, now: Timestamp) -> Memory {
    let confidence = confidence_of(&stored, now);
    Memory {
        memory_id: stored.id,
        memory_type: stored.memory_type,
        scope: stored.scope,
        agent_id: stored.agent_id,
        category: stored.category,
        content: stored.content,
        status: stored.status,
        status_reason: stored.status_reason,
        superseded_by: stored.superseded_by,
        confidence,
        source: stored.source,
        created_at: stored.created_at,
        expires_at: stored.expires_at,
        last_accessed_at: stored.last_accessed_at,
        access_count: u64::try_from(stored.access_count).unwrap_or_default(),
    }
}
