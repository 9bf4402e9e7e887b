//! Shared state: versions, and keys that end.

use serde_json::Value;

use crate::domain::{SetState, StateEntry, SwarmId, Timestamp};
use crate::snipara::SniparaError;
use crate::store::{Store, StoreTransaction, StoredState};

use super::lookup::existing_swarm;

/// Writes a key.
///
/// An expired key counts as absent for `expected_version`, but its version goes on from where it was. So a writer that
/// still knows an old version never matches by accident. A writer need not be a member (snipara-wire.md §3). A member's
/// write is a sign of life. Without `ttl_seconds` the key does not expire, even when it had an expiry before
/// (snipara-wire.md §S6: the public server keeps the old expiry).
pub(super) async fn set(
    transaction: &mut StoreTransaction,
    state: SetState,
    now: Timestamp,
) -> Result<StateEntry, SniparaError> {
    existing_swarm(transaction, &state.swarm_id).await?;
    let before = transaction.swarm_state(&state.swarm_id, &state.key, now).await?;
    let current = before.as_ref().filter(|state| state.value.is_some()).map_or(0, |state| state.version);
    if let Some(expected) = state.expected_version
        && expected != current
    {
        return Err(SniparaError::VersionConflict { key: state.key, expected, current });
    }
    let stored = StoredState {
        key: state.key,
        value: Some(state.value.clone()),
        version: before.map_or(0, |state| state.version).saturating_add(1),
        updated_by: state.agent_id,
        updated_at: now,
        expires_at: state.ttl_seconds.map(|seconds| now.plus_ms(seconds.saturating_mul(1000))),
    };
    transaction.sweep_swarm_state(&state.swarm_id, now).await?;
    transaction.put_swarm_state(&state.swarm_id, &stored).await?;
    transaction.touch_swarm_member(&state.swarm_id, &stored.updated_by, now).await?;
    Ok(entry(stored, state.value))
}

/// Reads a key; nothing when it is not there or has expired.
pub(super) async fn get(
    store: &Store,
    swarm_id: &SwarmId,
    key: &str,
    now: Timestamp,
) -> Result<Option<StateEntry>, SniparaError> {
    let Some(stored) = store.swarm_key(swarm_id, key, now).await? else {
        // This error names the swarm that may have been meant.
        existing_swarm(&mut store.begin_read().await?, swarm_id).await?;
        return Ok(None);
    };
    Ok(stored.and_then(|mut stored| stored.value.take().map(|value| entry(stored, value))))
}

fn entry(stored: StoredState, value: Value) -> StateEntry {
    StateEntry {
        key: stored.key,
        value,
        version: stored.version,
        updated_at: Some(stored.updated_at),
        updated_by: Some(stored.updated_by),
        expires_at: stored.expires_at,
    }
}
