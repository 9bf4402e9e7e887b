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
    let memories: Vec<Payload> = recalled.memories.iter().map(recalled_memory).collect();
    let warnings: Vec<Value> = warnings.collect();
    object(&json!({ "memories": memories, "warnings": warnings, "total_searched": recalled.total_searched }))
}

/// Returns what `remember` did.
pub fn remembered(remembered: &Remembered) -> Payload {
    let mut payload = memory(&remembered.memory);
    payload.extend(object(&json!({
        "created": true, "near_duplicates": remembered.near_duplicates, "superseded": remembered.superseded,
        "warnings": remembered.warnings,
    })));
    payload
}

/// Returns a page of memories.
pub fn memory_page(page: &MemoryPage) -> Payload {
    let memories: Vec<Payload> = page.memories.iter().map(memory).collect();
    object(&json!({ "memories": memories, "total_count": page.total_count, "has_more": page.has_more }))
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
