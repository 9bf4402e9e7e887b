//! Keeping a memory.

use super::duplicates::duplicates_expression;
use super::known::{known, replaced};
use super::similarity::{Fingerprint, NEAR_DUPLICATE, SAFE_TO_SUPERSEDE, similarity};
use super::terms::indexed;
use crate::domain::{
    Memory, MemoryScope, MemoryStatus, NewMemory, Reconciliation, Remembered, SimilarMemory, Timestamp,
};
use crate::snipara::SniparaError;
use crate::store::{MemorySelection, Store, StoreTransaction, StoredMemory};

/// The most near-duplicates that are returned.
const MAX_TOLD: usize = 5;
/// The most memories that are compared with a new one, the newest first.
const MAX_COMPARED: usize = 50;
/// The most places in the index that are read for those.
const MAX_FOUND: usize = 500;

/// Keeps a memory with its words and its replacements, or changes nothing.
pub(super) async fn remember(store: &Store, new: NewMemory, now: Timestamp) -> Result<Remembered, SniparaError> {
    let index = indexed(&new.content);
    let fingerprint = Fingerprint::of(&new.content);
    let memory = new.kept(now);

    let mut writing = store.begin_write().await?;
    let mut superseded = Vec::new();
    if let Some(old) = &new.supersedes {
        let old = known(&mut writing, old).await?;
        superseded.push(old.memory_id.clone());
        writing.set_memory_status(&replaced(old, &memory.memory_id, None)).await?;
    }
    let mut near = match new.reconciliation {
        Reconciliation::Off => Vec::new(),
        Reconciliation::Recommend | Reconciliation::AutoSafe => near(&mut writing, &memory, &fingerprint, now).await?,
    };
    if new.reconciliation == Reconciliation::AutoSafe {
        for (_, old) in near.extract_if(.., |(alike, old)| *alike >= SAFE_TO_SUPERSEDE && same_place(old, &memory)) {
            superseded.push(old.memory_id.clone());
            let reason = Some("a newer memory says the same".to_owned());
            writing.set_memory_status(&replaced(old, &memory.memory_id, reason)).await?;
        }
    }
    let row_number = writing.insert_memory(&memory).await?;
    writing.index_memory(row_number, &index.words, &index.identifiers).await?;
    writing.commit().await?;

    near.truncate(MAX_TOLD);
    let near_duplicates = near.into_iter().map(|(alike, old)| SimilarMemory {
        memory_id: old.memory_id,
        content: old.content,
        similarity: (alike * 10_000.0).round() / 10_000.0,
    });
    Ok(Remembered { near_duplicates: near_duplicates.collect(), superseded, warnings: Vec::new(), memory })
}

/// Returns the active memories that say nearly the same, the most alike first, then the newest.
///
/// Private memories of other agents are left out.
async fn near(
    writing: &mut StoreTransaction,
    new: &Memory,
    fingerprint: &Fingerprint,
    now: Timestamp,
) -> Result<Vec<(f64, Memory)>, SniparaError> {
    let Some(expression) = duplicates_expression(fingerprint.terms()) else { return Ok(Vec::new()) };
    let found = writing.matches(&[expression], MAX_FOUND).await?;
    let row_numbers: Vec<i64> = found.into_iter().flat_map(|matches| matches.row_numbers).collect();
    let active = MemorySelection { status: Some(MemoryStatus::Active), ..MemorySelection::default() };
    let compared = writing.memories_at(&row_numbers, &active, now, MAX_COMPARED).await?;
    let mut near: Vec<(f64, StoredMemory)> = compared
        .into_iter()
        .filter(|old| old.memory.scope != MemoryScope::Agent || old.memory.agent_id == new.agent_id)
        .map(|old| (similarity(fingerprint, &Fingerprint::of(&old.memory.content)), old))
        .filter(|(alike, _)| *alike >= NEAR_DUPLICATE)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| right.1.row_number.cmp(&left.1.row_number)));
    Ok(near.into_iter().map(|(alike, old)| (alike, old.memory)).collect())
}

/// Tells whether two memories have the same scope, type, category and agent. Only then is it safe to replace one by the
/// other (snipara-wire.md §4.2).
fn same_place(old: &Memory, new: &Memory) -> bool {
    (old.scope, old.memory_type, &old.category, &old.agent_id)
        == (new.scope, new.memory_type, &new.category, &new.agent_id)
}
