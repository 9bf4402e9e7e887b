//! Memories as clients read them (snipara-wire.md §2, recall, remember, memories, forget).

use serde_json::{Value, json};

use super::{Payload, object};
use crate::domain::{Memory, MemoryId, MemoryPage, MemoryStatus, Recalled, RecalledMemory, Remembered};

/// Returns a memory: `content` and `text` are the same.
pub fn memory(memory: &Memory) -> Payload {
    let mut payload = object(memory);
    payload.insert("text".to_owned(), json!(memory.content));
    payload
}

/// Returns a recalled memory: `relevance`, `relevance_score` and `score` are the same, rounded to four digits.
pub fn recalled_memory(recalled: &RecalledMemory) -> Payload {
    let mut payload = memory(&recalled.memory);
    let relevance = json!((recalled.relevance * 10_000.0).round() / 10_000.0);
    for name in ["relevance", "relevance_score", "score"] {
        payload.insert(name.to_owned(), relevance.clone());
    }
    payload
}

/// Returns what `recall` found; inactive memories are `warnings` with a `reason`.
pub fn recalled(recalled: &Recalled) -> Payload {
    let warnings = recalled.inactive.iter().map(|inactive| {
        let mut warning = recalled_memory(inactive);
        let reason = match (&inactive.memory.superseded_by, &inactive.memory.status_reason) {
            (Some(by), _) => format!("superseded by {by}"),
            (None, Some(reason)) => reason.clone(),
            (None, None) => inactive.memory.status.as_str().to_lowercase(),
        };
        warning.insert("reason".to_owned(), json!(reason));
        Value::Object(warning)
    });
    let mut payload = Payload::new();
    let memories = recalled.memories.iter().map(recalled_memory).map(Value::Object).collect();
    payload.insert("memories".to_owned(), Value::Array(memories));
    payload.insert("warnings".to_owned(), Value::Array(warnings.collect()));
    payload.insert("total_searched".to_owned(), json!(recalled.total_searched));
    payload
}

/// Returns what `remember` did.
pub fn remembered(remembered: &Remembered) -> Payload {
    let mut payload = memory(&remembered.memory);
    payload.insert("created".to_owned(), json!(true));
    payload.insert("near_duplicates".to_owned(), json!(remembered.near_duplicates));
    payload.insert("superseded".to_owned(), json!(remembered.superseded));
    payload.insert("warnings".to_owned(), json!(remembered.warnings));
    payload
}

/// Returns a page of memories.
pub fn memory_page(page: &MemoryPage) -> Payload {
    let mut payload = Payload::new();
    payload.insert("memories".to_owned(), page.memories.iter().map(memory).map(Value::Object).collect());
    payload.insert("total_count".to_owned(), json!(page.total_count));
    payload.insert("has_more".to_owned(), json!(page.has_more));
    payload
}

/// Returns how many memories were removed.
pub fn forgotten(deleted_count: u64) -> Payload {
    let message = match deleted_count {
        1 => "1 memory removed".to_owned(),
        count => format!("{count} memories removed"),
    };
    object(&json!({ "deleted_count": deleted_count, "message": message }))
}

/// Returns a memory that was invalidated.
pub fn memory_invalidated(invalidated: &Memory) -> Payload {
    let mut payload = memory(invalidated);
    payload.insert("invalidated".to_owned(), json!(true));
    payload
}

/// Returns a memory that was replaced: under the contract's four names, and as it is now.
pub fn memory_superseded(old: &Memory, new: &MemoryId) -> Payload {
    let mut payload = memory(old);
    payload.extend(object(&json!({
        "old_memory_id": old.memory_id, "old_status": old.status, "new_memory_id": new,
        "new_status": MemoryStatus::Active, "superseded": true,
    })));
    payload
}
