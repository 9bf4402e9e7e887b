//! Shared state: versions, and keys that end.

use crate::domain::{SetState, StateEntry, SwarmId, Timestamp};
use crate::snipara::SniparaError;
use crate::store::{Store, StoreTransaction};

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
    let current = before.as_ref().filter(|state| !state.value.is_null()).map_or(0, |state| state.version);
    if let Some(expected) = state.expected_version
        && expected != current
    {
        return Err(SniparaError::VersionConflict { key: state.key, expected, current });
    }
    let entry = StateEntry {
        key: state.key,
        value: state.value,
        version: before.map_or(0, |state| state.version).saturating_add(1),
        updated_at: Some(now),
        updated_by: Some(state.agent_id.clone()),
        expires_at: state.ttl_seconds.map(|seconds| now.plus_ms(seconds.saturating_mul(1000))),
    };
    transaction.sweep_swarm_state(&state.swarm_id, now).await?;
    transaction.put_swarm_state(&state.swarm_id, &entry).await?;
    transaction.touch_swarm_member(&state.swarm_id, &state.agent_id, now).await?;
    Ok(entry)
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
    Ok(stored.filter(|entry| !entry.value.is_null()))
}
