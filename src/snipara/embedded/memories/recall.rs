//! Finding memories again.

use super::candidates::{COMMON, Candidate, candidates, matching, second_step};
use super::decay::decayed;
use super::question::{PreparedQuery, meaningful_words};
use super::ranking::{Traits, Weights, phrases, relevance};
use crate::domain::{Memory, MemoryId, MemoryStatus, RecallQuery, Recalled, RecalledMemory, Timestamp};
use crate::snipara::SniparaError;
use crate::store::{MemorySelection, Store, StoreError, StoredMemory};

/// The fewest memories that are weighed in full, however few are asked for.
const LEAST_WEIGHED: usize = 64;
/// How many memories are weighed in full for each one asked for.
const WEIGHED_EACH: usize = 4;
/// How many bytes of a memory are searched for phrases.
const PHRASE_BYTES: usize = 4_096;

/// Answers a question, and notes that the returned memories were recalled.
pub(super) async fn recall(store: &Store, query: &RecallQuery, now: Timestamp) -> Result<Recalled, SniparaError> {
    let question = PreparedQuery::read(&query.query);
    let limit = usize::try_from(query.limit).unwrap_or_default();
    let mut reading = store.begin_read().await?;
    let total_searched = reading.memory_total().await?;
    let found = reading.matches(&question.probes, COMMON).await?;
    let counts = matching(&found, total_searched);
    let step = second_step(&question, &found, &counts);
    let second = reading.matches(&step.expressions, 10 * COMMON).await?;
    let weights = Weights::new(&question, &counts, total_searched);
    // Warnings must be more relevant than answers, unless the caller says otherwise.
    let least =
        if query.include_inactive { query.min_relevance } else { query.min_relevance.min(query.warning_threshold) };
    let candidates = candidates(&found, &second, &step, &weights, least);
    let selection = MemorySelection {
        memory_type: query.memory_type,
        scope: query.scope,
        agent_id: query.agent_id.clone(),
        category: query.category.clone(),
        status: None,
    };
    let row_numbers: Vec<i64> = candidates.iter().map(|candidate| candidate.row_number).collect();
    let weighed = LEAST_WEIGHED.max(WEIGHED_EACH.saturating_mul(limit));
    let stored = reading.memories_at(&row_numbers, &selection, now, weighed).await?;
    reading.commit().await?;

    let ranked = ranked(&question, &candidates, stored, now);
    let mut recalled = Recalled { total_searched, ..Recalled::default() };
    for memory in ranked {
        let holds = memory.memory.status == MemoryStatus::Active || query.include_inactive;
        let (list, least) = if holds {
            (&mut recalled.memories, query.min_relevance)
        } else {
            (&mut recalled.inactive, query.warning_threshold)
        };
        if memory.relevance >= least && memory.relevance > 0.0 && list.len() < limit {
            list.push(memory);
        }
    }
    note_recall(store, &mut recalled.memories, now).await;
    Ok(recalled)
}

/// Weighs memories. The most relevant come first, then the newer ones, then by id.
fn ranked(
    question: &PreparedQuery,
    candidates: &[Candidate],
    stored: Vec<StoredMemory>,
    now: Timestamp,
) -> Vec<RecalledMemory> {
    // Both lie in the same order, and candidates that were filtered out are missing from the second.
    let mut rest = candidates.iter();
    let mut ranked: Vec<RecalledMemory> = Vec::with_capacity(stored.len());
    for StoredMemory { row_number, memory } in stored {
        let coverage = rest.find(|candidate| candidate.row_number == row_number);
        let coverage = coverage.map_or(0.0, |candidate| candidate.coverage);
        let memory = decayed(memory, now);
        let words = meaningful_words(beginning(&memory.content));
        let phrases = phrases(&question.words, &words);
        let traits = Traits { phrases, words: words.len(), confidence: memory.confidence };
        ranked.push(RecalledMemory { relevance: relevance(coverage, traits), memory });
    }
    ranked.sort_by(|left, right| {
        let (newer, older) = (&left.memory, &right.memory);
        right
            .relevance
            .total_cmp(&left.relevance)
            .then_with(|| older.created_at.cmp(&newer.created_at))
            .then_with(|| newer.memory_id.cmp(&older.memory_id))
    });
    ranked
}

/// Returns the beginning of a text, cut at a character.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(PHRASE_BYTES)).unwrap_or(text)
}

/// Notes that memories were recalled, which stops their decay (snipara-wire.md §S5).
///
/// The answer is given even when the store cannot be written now. Then the note is lost.
async fn note_recall(store: &Store, recalled: &mut [RecalledMemory], now: Timestamp) {
    let ids: Vec<MemoryId> = recalled.iter().map(|recalled| recalled.memory.memory_id.clone()).collect();
    if ids.is_empty() {
        return;
    }
    match write_note(store, &ids, now).await {
        Ok(()) => recalled.iter_mut().for_each(|recalled| noted(&mut recalled.memory, now)),
        Err(error) => tracing::debug!(%error, "that memories were recalled could not be noted"),
    }
}

async fn write_note(store: &Store, ids: &[MemoryId], now: Timestamp) -> Result<(), StoreError> {
    let mut note = store.begin_note().await?;
    note.touch_memories(ids, now).await?;
    note.commit().await
}

fn noted(memory: &mut Memory, now: Timestamp) {
    memory.last_accessed_at = Some(now);
    memory.access_count = memory.access_count.saturating_add(1);
}
