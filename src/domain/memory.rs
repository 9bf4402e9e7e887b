//! Memories: what was learned or decided, kept for later tasks.
//!
//! Names, words and limits: snipara-wire.md §4.2 and §6.1.

use serde::{Deserialize, Serialize};

use super::field::{check_length, check_range, check_text};
use super::wire_enum::wire_enum;
use super::{FieldError, MAX_TEXT_BYTES, MemoryId, Timestamp};

wire_enum! {
    /// What kind of thing a memory is.
    MemoryType, "memory type" {
        Fact = "fact", Decision = "decision", Learning = "learning", Preference = "preference", Todo = "todo",
        Context = "context",
    }
}

wire_enum! {
    /// Whom a memory is for.
    MemoryScope, "memory scope" { Agent = "agent", Project = "project", Team = "team", User = "user" }
}

wire_enum! {
    /// Whether a memory holds.
    MemoryStatus, "memory status" { Active = "ACTIVE", Invalidated = "INVALIDATED", Superseded = "SUPERSEDED" }
}

wire_enum! {
    /// What happens to older memories that say the same.
    Reconciliation, "memory_reconciliation_mode" { Off = "off", Recommend = "recommend", AutoSafe = "auto_safe" }
}

/// The longest category, in bytes.
const MAX_CATEGORY_BYTES: usize = 200;
/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 20_480;
/// The longest life of a memory that ends, in days.
const MAX_TTL_DAYS: i64 = 3_650;
/// The most memories that one recall or list answers.
const MAX_LIMIT: i64 = 1_000;

/// A memory to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMemory {
    /// What to remember.
    pub content: String,
    /// Its type.
    pub memory_type: MemoryType,
    /// Whom it is for.
    pub scope: MemoryScope,
    /// The agent, for the scope `agent`.
    pub agent_id: Option<String>,
    /// A free category: `failures`, `architecture`.
    pub category: Option<String>,
    /// How many days it lives; `None` is for ever.
    pub ttl_days: Option<i64>,
    /// Who or what it comes from.
    pub source: Option<String>,
    /// The memory that this one replaces.
    pub supersedes: Option<MemoryId>,
    /// What happens to older memories that say the same.
    pub reconciliation: Reconciliation,
}

impl NewMemory {
    /// Makes a memory of the project that lives for ever.
    pub fn new(content: impl Into<String>, memory_type: MemoryType) -> Self {
        Self {
            content: content.into(),
            memory_type,
            scope: MemoryScope::Project,
            agent_id: None,
            category: None,
            ttl_days: None,
            source: None,
            supersedes: None,
            reconciliation: Reconciliation::Recommend,
        }
    }

    /// Refuses what cannot be kept.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_text("content", &self.content, MAX_TEXT_BYTES)?;
        if let Some(category) = &self.category {
            check_text("category", category, MAX_CATEGORY_BYTES)?;
        }
        if let Some(days) = self.ttl_days {
            check_range("ttl_days", days, 1..=MAX_TTL_DAYS)?;
        }
        if let Some(source) = &self.source {
            check_length("source", source, MAX_CATEGORY_BYTES)?;
        }
        if self.scope == MemoryScope::Agent && self.agent_id.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(FieldError::new("agent_id", "is missing for the scope agent", "give the agent's id"));
        }
        Ok(())
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What is remembered.
    pub content: String,
    /// Whether it holds.
    pub status: MemoryStatus,
    /// Why it does not hold any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// The memory that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<MemoryId>,
    /// How sure it is now, 0 to 1: decays by 1 % a day since it was last recalled, to 0.1 (snipara-wire.md §6.3).
    pub confidence: f64,
    /// Who or what it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was made; [`Timestamp::UNKNOWN`] when a host does not tell.
    #[serde(skip_serializing_if = "Timestamp::is_unknown")]
    pub created_at: Timestamp,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last recalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// A question to the memories.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallQuery {
    /// The question.
    pub query: String,
    /// How many at most.
    pub limit: i64,
    /// Of this type only.
    pub memory_type: Option<MemoryType>,
    /// Of this category only.
    pub category: Option<String>,
    /// For these only.
    pub scope: Option<MemoryScope>,
    /// Of this agent only, for the scope `agent`.
    pub agent_id: Option<String>,
    /// The least relevance, 0 to 1.
    pub min_relevance: f64,
    /// Whether invalidated and superseded memories come in the list instead of as warnings; expired ones never do.
    pub include_inactive: bool,
    /// From which relevance on an inactive memory is a warning.
    pub warning_threshold: f64,
}

impl RecallQuery {
    /// Makes a question with the contract's defaults: limit 5, minimum 0.5, warnings from 0.72.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            limit: 5,
            memory_type: None,
            category: None,
            scope: None,
            agent_id: None,
            min_relevance: 0.5,
            include_inactive: false,
            warning_threshold: 0.72,
        }
    }

    /// Refuses what cannot be asked.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_text("query", &self.query, MAX_QUERY_BYTES)?;
        check_range("limit", self.limit, 1..=MAX_LIMIT)?;
        for (field, share) in [("min_relevance", self.min_relevance), ("warning_threshold", self.warning_threshold)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(FieldError::new(field, format!("is {share}"), "give a number from 0 to 1"));
            }
        }
        Ok(())
    }
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

wire_enum! {
    /// By what a list is sorted.
    MemoryOrder, "sort_by" {
        CreatedAt = "created_at", Confidence = "confidence", AccessCount = "access_count",
        LastAccessed = "last_accessed", ExpiresAt = "expires_at",
    }
}

/// Which memories to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryFilter {
    /// Of this type only.
    pub memory_type: Option<MemoryType>,
    /// For these only.
    pub scope: Option<MemoryScope>,
    /// Of this category only.
    pub category: Option<String>,
    /// With this status only; `None` is active ones, or all with `include_inactive`.
    pub status: Option<MemoryStatus>,
    /// Holding this text, in any case.
    pub search: Option<String>,
    /// How many at most.
    pub limit: i64,
    /// How many to leave out at the beginning.
    pub offset: i64,
    /// Whether invalidated and superseded ones are listed, too.
    pub include_inactive: bool,
    /// By what they are sorted.
    pub sort_by: MemoryOrder,
    /// Whether the smallest comes first.
    pub ascending: bool,
}

impl Default for MemoryFilter {
    fn default() -> Self {
        Self {
            memory_type: None,
            scope: None,
            category: None,
            status: None,
            search: None,
            limit: 20,
            offset: 0,
            include_inactive: false,
            sort_by: MemoryOrder::CreatedAt,
            ascending: false,
        }
    }
}

impl MemoryFilter {
    /// Refuses what cannot be listed.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_range("limit", self.limit, 1..=MAX_LIMIT)?;
        check_range("offset", self.offset, 0..=i64::MAX)?;
        self.search.as_deref().map_or(Ok(()), |search| check_length("search", search, MAX_QUERY_BYTES))
    }
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

/// Which memories to remove; filters are joined with "and", no filter removes nothing (snipara-wire.md §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ForgetQuery {
    /// This one.
    pub memory_id: Option<MemoryId>,
    /// Those of a type.
    pub memory_type: Option<MemoryType>,
    /// Those of a category.
    pub category: Option<String>,
    /// Those made longer ago than this many days.
    pub older_than_days: Option<i64>,
}

impl ForgetQuery {
    /// Refuses a query without any filter, and one with an impossible age.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        if *self == Self::default() {
            let fix = "give memory_id, or type, category, older_than_days; nothing is removed without one";
            return Err(FieldError::new("memory_id", "is missing, and so is every other filter", fix));
        }
        self.older_than_days.map_or(Ok(()), |days| check_range("older_than_days", days, 0..=100_000))
    }
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

    #[test]
    fn impossible_requests_are_refused_by_field() {
        let field = |error: FieldError| error.field;
        assert_eq!(field(NewMemory::new(" ", MemoryType::Fact).check().expect_err("empty")), "content");
        let huge = NewMemory::new("x".repeat(MAX_TEXT_BYTES + 1), MemoryType::Fact);
        assert_eq!(field(huge.check().expect_err("huge")), "content");
        let ttl = NewMemory { ttl_days: Some(0), ..NewMemory::new("x", MemoryType::Fact) };
        assert_eq!(field(ttl.check().expect_err("no life")), "ttl_days");
        let limit = RecallQuery { limit: 0, ..RecallQuery::new("x") };
        assert_eq!(field(limit.check().expect_err("no limit")), "limit");
        assert_eq!(field(ForgetQuery::default().check().expect_err("no filter")), "memory_id");
    }
}
