//! A host's memories.

use serde_json::json;

use super::{Fields, Missing};
use crate::domain::{
    Memory, MemoryId, MemoryPage, MemoryScope, MemoryStatus, MemoryType, NewMemory, Recalled, RecalledMemory,
    Remembered, SimilarMemory, Timestamp,
};
use crate::snipara::payload::Payload;

const MEMORY_ID: &[&str] = &["memory_id", "id"];
const CONTENT: &[&str] = &["content", "text"];

/// Reads a row; a host may leave out nearly everything (snipara-wire.md §2: the orchestrators read three fields).
fn memory(row: Fields<'_>) -> Option<Memory> {
    row.read(&json!({
        "memory_id": row.id(MEMORY_ID, MemoryId::parse)?,
        "type": row.parsed(&["memory_type"]).unwrap_or(MemoryType::Fact), "scope": MemoryScope::Project,
        "agent_id": row.object(&["owner"]).and_then(|owner| owner.word(&["agent_id"])),
        "content": row.text(CONTENT).unwrap_or_default(),
        "status": MemoryStatus::Active, "status_reason": row.word(&["reason"]),
        "confidence": row.number(&["confidence"]).unwrap_or(1.0), "created_at": Timestamp::UNKNOWN,
        "access_count": row.count(&["access_count"]).unwrap_or_default(),
    }))
}

/// Reads a row of an answer to a question. A row without an id is shown all the same.
fn recalled_memory(row: Fields<'_>) -> Option<RecalledMemory> {
    let unnamed;
    let row = match row.id(MEMORY_ID, MemoryId::parse) {
        Some(_) => row,
        None => {
            row.text(CONTENT)?;
            let mut copy = row.0.clone();
            copy.insert("memory_id".to_owned(), "unknown".into());
            unnamed = copy;
            Fields(&unnamed)
        }
    };
    let relevance = row.number(&["relevance", "relevance_score", "score"]).unwrap_or_default().clamp(0.0, 1.0);
    Some(RecalledMemory { memory: memory(row)?, relevance })
}

/// Reads the result of `recall`. Warnings that are texts (snipara-wire.md §S5) name no memory and are left out.
///
/// # Errors
/// When there is no list.
pub fn recalled(payload: &Payload) -> Result<Recalled, Missing> {
    let payload = Fields(payload);
    let memories: Vec<_> = payload.rows(&["memories"])?.filter_map(recalled_memory).collect();
    let inactive = payload.objects(&["warnings"]).filter_map(recalled_memory).collect();
    let total_searched = payload.count(&["total_searched"]).unwrap_or(memories.len() as u64);
    Ok(Recalled { memories, inactive, total_searched })
}

/// Reads the result of `remember`. Fields that the host does not repeat are taken from the request.
///
/// # Errors
/// When there is no id.
pub fn remembered(payload: &Payload, asked: &NewMemory) -> Result<Remembered, Missing> {
    let fields = Fields(payload);
    let mut memory = memory(fields).ok_or(Missing("memory_id"))?;
    memory.memory_type = fields.parsed(&["type"]).unwrap_or(asked.memory_type);
    memory.scope = fields.parsed(&["scope"]).unwrap_or(asked.scope);
    memory.category = memory.category.or_else(|| asked.category.clone());
    memory.source = memory.source.or_else(|| asked.source.clone());
    memory.agent_id = memory.agent_id.or_else(|| asked.agent_id.clone());
    if fields.text(CONTENT).is_none() {
        memory.content.clone_from(&asked.content);
    }
    let near_duplicates = fields.objects(&["near_duplicates", "matched_memories"]).filter_map(|row| {
        Some(SimilarMemory {
            memory_id: row.id(MEMORY_ID, MemoryId::parse)?,
            content: row.text(CONTENT).unwrap_or_default(),
            similarity: row.number(&["similarity", "relevance", "score"]).unwrap_or_default(),
        })
    });
    Ok(Remembered {
        memory,
        near_duplicates: near_duplicates.collect(),
        superseded: fields.ids(&["superseded"], MemoryId::parse),
        warnings: fields.texts(&["warnings"]),
    })
}

/// Reads a page of memories.
///
/// # Errors
/// When there is no list.
pub fn memory_page(payload: &Payload) -> Result<MemoryPage, Missing> {
    let payload = Fields(payload);
    let memories: Vec<_> = payload.rows(&["memories"])?.filter_map(memory).collect();
    Ok(MemoryPage {
        total_count: payload.count(&["total_count", "total"]).unwrap_or(memories.len() as u64),
        has_more: payload.flag(&["has_more"]).unwrap_or_default(),
        memories,
    })
}

/// Reads how many memories were removed.
///
/// # Errors
/// When there is no number.
pub fn forgotten(payload: &Payload) -> Result<u64, Missing> {
    Fields(payload).count(&["deleted_count"]).ok_or(Missing("deleted_count"))
}

/// Reads what invalidating or superseding did; the public server tells neither status nor content
/// (snipara-wire.md §S5), so the status is what was asked for.
///
/// # Errors
/// When there is no id.
pub fn memory_changed(payload: &Payload, status: MemoryStatus, reason: Option<String>) -> Result<Memory, Missing> {
    let fields = Fields(payload);
    let mut row = payload.clone();
    if let Some(id) = fields.word(&["old_memory_id", "memory_id"]) {
        row.insert("memory_id".to_owned(), id.into());
    }
    let mut memory = memory(Fields(&row)).ok_or(Missing("memory_id"))?;
    memory.status = fields.parsed(&["status", "old_status"]).unwrap_or(status);
    memory.status_reason = memory.status_reason.or(reason);
    memory.superseded_by = memory.superseded_by.or_else(|| fields.id(&["new_memory_id"], MemoryId::parse));
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn payload(value: Value) -> Payload {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn e19_rows_with_nulls_are_read_and_not_crashed_on() {
        let host = json!({"memories": [
            {"memory_id": "m1", "type": "decision", "content": null, "relevance_score": null, "created_at": null},
            {"type": "workflow", "content": "no id", "relevance": 0.7},
            {"memory_id": "m3", "text": "other spelling", "score": "0.9", "confidence": null},
            null, 7, {},
        ], "warnings": ["sensitive_memory_filtered"]});
        let found = recalled(&payload(host)).expect("reads");
        let rows: Vec<_> = found
            .memories
            .iter()
            .map(|row| (row.memory.memory_id.as_str(), row.memory.content.as_str(), row.relevance))
            .collect();
        assert_eq!(rows, [("m1", "", 0.0), ("unknown", "no id", 0.7), ("m3", "other spelling", 0.9)]);
        assert!(found.inactive.is_empty());
    }

    #[test]
    fn an_answer_without_what_was_asked_for_is_not_taken_for_an_empty_one() {
        assert_eq!(recalled(&payload(json!({"text": "hello"}))), Err(Missing("memories")));
        assert_eq!(forgotten(&payload(json!({"message": "ok"}))), Err(Missing("deleted_count")));
        let asked = NewMemory::new("x", MemoryType::Todo);
        assert!(remembered(&payload(json!({"created": true})), &asked).is_err());
        let kept = remembered(&payload(json!({"memory_id": "m", "type": null})), &asked).expect("reads");
        assert_eq!((kept.memory.content.as_str(), kept.memory.memory_type), ("x", MemoryType::Todo));
    }
}
