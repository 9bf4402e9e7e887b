//! Keeping a memory.

use super::duplicates::duplicates_expression;
use super::known::{known, replaced};
use super::similarity::{Fingerprint, NEAR_DUPLICATE, SAFE_TO_SUPERSEDE, similarity};
use super::stored::memory_of;
use super::terms::indexed;
use crate::domain::{
    MemoryId, MemoryScope, MemoryStatus, NewMemory, Reconciliation, Remembered, SimilarMemory, Timestamp,
};
use crate::snipara::SniparaError;
use crate::store::{MemorySelection, Store, StoreTransaction, StoredMemory};

/// The most near-duplicates that are returned.
const MAX_TOLD: usize = 5;
/// The most memories that are compared with a new one, the newest first.
const MAX_COMPARED: usize = 50;
/// The most places in the index that are read for those.
const MAX_FOUND: usize = 500;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Keeps a memory with its words and its replacements, or changes nothing.
pub(super) async fn remember(store: &Store, new: NewMemory, now: Timestamp) -> Result<Remembered, SniparaError> {
    let index = indexed(&new.content);
    let fingerprint = Fingerprint::of(&new.content);
    let mut stored = to_store(&new, now);

    let mut writing = store.begin_write().await?;
    let mut superseded = Vec::new();
    if let Some(old) = &new.supersedes {
        let old = known(&mut writing, old).await?;
        superseded.push(old.id.clone());
        writing.set_memory_status(&replaced(old, &stored.id, None)).await?;
    }
    let mut near = match new.reconciliation {
        Reconciliation::Off => Vec::new(),
        Reconciliation::Recommend | Reconciliation::AutoSafe => near(&mut writing, &stored, &fingerprint, now).await?,
    };
    if new.reconciliation == Reconciliation::AutoSafe {
        for (_, old) in near.extract_if(.., |(alike, old)| *alike >= SAFE_TO_SUPERSEDE && same_place(old, &stored)) {
            superseded.push(old.id.clone());
            let reason = Some("a newer memory says the same".to_owned());
            writing.set_memory_status(&replaced(old, &stored.id, reason)).await?;
        }
    }
    stored.row_number = writing.insert_memory(&stored).await?;
    writing.index_memory(stored.row_number, &index.words, &index.identifiers).await?;
    writing.commit().await?;

    near.truncate(MAX_TOLD);
    let near_duplicates = near.into_iter().map(|(alike, old)| SimilarMemory {
        memory_id: old.id,
        content: old.content,
        similarity: (alike * 10_000.0).round() / 10_000.0,
    });
    Ok(Remembered {
        near_duplicates: near_duplicates.collect(),
        superseded,
        warnings: Vec::new(),
        memory: memory_of(stored, now),
    })
}

fn to_store(new: &NewMemory, now: Timestamp) -> StoredMemory {
    StoredMemory {
        row_number: 0,
        id: MemoryId::generate(),
        memory_type: new.memory_type,
        scope: new.scope,
        agent_id: new.agent_id.clone(),
        category: new.category.clone(),
        content: new.content.clone(),
        status: MemoryStatus::Active,
        status_reason: None,
        superseded_by: None,
        source: new.source.clone(),
        created_at: now,
        expires_at: new.ttl_days.map(|days| now.plus_ms(days.saturating_mul(DAY_MS))),
        last_accessed_at: None,
        access_count: 0,
    }
}

/// Returns the active memories that say nearly the same, the most alike first, then the newest.
///
/// Private memories of other agents are left out.
async fn near(
    writing: &mut StoreTransaction,
    new: &StoredMemory,
    fingerprint: &Fingerprint,
    now: Timestamp,
) -> Result<Vec<(f64, StoredMemory)>, SniparaError> {
    let Some(expression) = duplicates_expression(fingerprint.terms()) else { return Ok(Vec::new()) };
    let found = writing.matches(&[expression], MAX_FOUND).await?;
    let row_numbers: Vec<i64> = found.into_iter().flat_map(|matches| matches.row_numbers).collect();
    let active = MemorySelection { status: Some(MemoryStatus::Active), ..MemorySelection::default() };
    let compared = writing.memories_at(&row_numbers, &active, now, MAX_COMPARED).await?;
    let mut near: Vec<(f64, StoredMemory)> = compared
        .into_iter()
        .filter(|old| old.scope != MemoryScope::Agent || old.agent_id == new.agent_id)
        .map(|old| (similarity(fingerprint, &Fingerprint::of(&old.content)), old))
        .filter(|(alike, _)| *alike >= NEAR_DUPLICATE)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| right.1.row_number.cmp(&left.1.row_number)));
    Ok(near)
}

/// Tells whether two memories have the same scope, type, category and agent. Only then is it safe to replace one by the
/// other (snipara-wire.md §4.2).
fn same_place(old: &StoredMemory, new: &StoredMemory) -> bool {
    (old.scope, old.memory_type, &old.category, &old.agent_id)
        == (new.scope, new.memory_type, &new.category, &new.agent_id)
}
