//! Memories: what was learned or decided, kept for later tasks.
//!
//! Names, words and limits: snipara-wire.md §4.2 and §6.1.

use serde::{Deserialize, Serialize};

use super::{MemoryId, Timestamp, wire_enum};

wire_enum! {
    /// What kind of thing a memory is.
    #[derive(Default)]
    MemoryType, "memory type" {
        #[default] Fact = "fact", Decision = "decision", Learning = "learning", Preference = "preference", Todo = "todo",
        Context = "context",
    }
}

wire_enum! {
    /// Whom a memory is for.
    #[derive(Default)]
    MemoryScope, "memory scope" { Agent = "agent", #[default] Project = "project", Team = "team", User = "user" }
}

wire_enum! {
    /// Whether a memory holds.
    MemoryStatus, "memory status" { Active = "ACTIVE", Invalidated = "INVALIDATED", Superseded = "SUPERSEDED" }
}

wire_enum! {
    /// What happens to older memories that say the same.
    #[derive(Default)]
    Reconciliation, "memory_reconciliation_mode" { Off = "off", #[default] Recommend = "recommend", AutoSafe = "auto_safe" }
}

/// A memory as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Its id.
    pub memory_id: MemoryId,
    /// Its type.
    #[serde(rename = "type")]
    pub memory_type: MemoryType,
    /// Whom it is for.
    pub scope: MemoryScope,
    /// The agent, for the scope `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Its category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What is remembered.
    pub content: String,
    /// Whether it holds.
    pub status: MemoryStatus,
    /// Why it does not hold any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// The memory that replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<MemoryId>,
    /// How sure it is now, 0 to 1: decays by 1 % a day since it was last recalled, to 0.1 (snipara-wire.md §6.3).
    pub confidence: f64,
    /// Who or what it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was made; [`Timestamp::UNKNOWN`] when a host does not tell.
    #[serde(skip_serializing_if = "Timestamp::is_unknown")]
    pub created_at: Timestamp,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last recalled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_accessed_at: Option<Timestamp>,
    /// How often it was recalled.
    pub access_count: u64,
}

/// A memory that says nearly the same as another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarMemory {
    /// Its id.
    pub memory_id: MemoryId,
    /// What it says.
    pub content: String,
    /// How alike they are, 0 to 1; 0.9 and more is a near-duplicate (snipara-wire.md §6.2).
    pub similarity: f64,
}

/// What `remember` did.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// The new memory.
    pub memory: Memory,
    /// Active memories that say nearly the same, the most alike first.
    pub near_duplicates: Vec<SimilarMemory>,
    /// Which memories it replaced.
    pub superseded: Vec<MemoryId>,
    /// What the caller should know besides: that a secret was taken out.
    pub warnings: Vec<String>,
}

/// A memory that answers a question.
#[derive(Debug, Clone, PartialEq)]
pub struct RecalledMemory {
    /// The memory.
    pub memory: Memory,
    /// How well it answers, 0 to 1.
    pub relevance: f64,
}

/// What `recall` found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recalled {
    /// The memories, best first.
    pub memories: Vec<RecalledMemory>,
    /// Relevant memories that do not hold any more.
    pub inactive: Vec<RecalledMemory>,
    /// How many memories were looked through.
    pub total_searched: u64,
}

/// A page of memories.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemoryPage {
    /// The memories.
    pub memories: Vec<Memory>,
    /// How many there are in all.
    pub total_count: u64,
    /// Whether there are more behind these.
    pub has_more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_type_is_refused_with_all_types_and_the_nearest() {
        let error = MemoryType::parse("desicion").expect_err("refused").to_string();
        assert!(error.contains("did you mean `decision`?") && error.contains("fact, decision, learning"), "{error}");
        assert_eq!(MemoryType::parse("Decision"), Ok(MemoryType::Decision));
    }
}
