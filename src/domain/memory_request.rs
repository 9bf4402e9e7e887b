//! What is asked about memories (snipara-wire.md §4.2).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    FieldError, InvalidRequest, MAX_TEXT_BYTES, Memory, MemoryId, MemoryScope, MemoryStatus, MemoryType,
    Reconciliation, Request, Timestamp, check_length, check_range, check_text, integer, is_false, wire_enum,
};

/// The longest category, in bytes.
const MAX_CATEGORY_BYTES: usize = 200;
/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 20_480;
/// The longest life of a memory that ends, in days.
const MAX_TTL_DAYS: i64 = 3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many memories a recall answers when it does not say.
const RECALL_LIMIT: i64 = 5;
/// How many memories a list answers when it does not say.
const LIST_LIMIT: i64 = 20;
/// The most memories that one recall or list answers.
const MAX_LIMIT: i64 = 1_000;
/// The least relevance of a recalled memory when the question does not say.
const DEFAULT_MIN_RELEVANCE: f64 = 0.5;
/// From which relevance on an inactive memory is a warning when the question does not say.
const DEFAULT_WARNING_THRESHOLD: f64 = 0.72;

/// A memory to keep; by default a fact of the project that lives for ever.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMemory {
    /// What to remember.
    #[serde(rename(serialize = "text"))]
    #[schemars(extend("x-alias" = ["text"]))]
    pub content: String,
    /// Its type.
    #[serde(rename = "type", default)]
    #[schemars(extend("x-model" = "Default fact."))]
    pub memory_type: MemoryType,
    /// Its category: a word of your own.
    #[schemars(extend("x-model" = "Such as failures, architecture."))]
    pub category: Option<String>,
    /// Whom it is for.
    #[serde(default)]
    #[schemars(extend("x-model" = "Default project."))]
    pub scope: MemoryScope,
    /// The agent, for the scope agent.
    #[schemars(extend("x-model" = "For scope agent."))]
    pub agent_id: Option<String>,
    /// How many days it lives; for ever when not given.
    #[schemars(range(min = 1, max = 3650))]
    pub ttl_days: Option<i64>,
    /// The memory that it replaces. The contract has no argument for it.
    #[serde(skip_serializing)]
    #[schemars(extend("x-model" = "memory_id of the one this replaces."))]
    pub supersedes: Option<MemoryId>,
    /// Who or what it comes from.
    #[schemars(extend("x-unlisted" = true))]
    pub source: Option<String>,
    /// What happens to older memories that say the same.
    #[serde(rename = "memory_reconciliation_mode", default)]
    #[schemars(extend("x-unlisted" = true))]
    pub reconciliation: Reconciliation,
}

impl NewMemory {
    /// Makes a memory of the project that lives for ever.
    pub fn new(content: impl Into<String>, memory_type: MemoryType) -> Self {
        Self { content: content.into(), memory_type, ..Self::default() }
    }

    /// Returns it as it is kept from now on, under a new id.
    pub fn kept(&self, now: Timestamp) -> Memory {
        Memory {
            memory_id: MemoryId::generate(),
            memory_type: self.memory_type,
            scope: self.scope,
            agent_id: self.agent_id.clone(),
            category: self.category.clone(),
            content: self.content.clone(),
            status: MemoryStatus::Active,
            status_reason: None,
            superseded_by: None,
            confidence: 1.0,
            source: self.source.clone(),
            created_at: now,
            expires_at: self.ttl_days.map(|days| now.plus_ms(days.saturating_mul(DAY_MS))),
            last_accessed_at: None,
            access_count: 0,
        }
    }
}

impl Request for NewMemory {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_text("content", &self.content, MAX_TEXT_BYTES)?;
        if let Some(category) = &self.category {
            check_text("category", category, MAX_CATEGORY_BYTES)?;
        }
        check_range("ttl_days", self.ttl_days, 1..=MAX_TTL_DAYS)?;
        if let Some(source) = &self.source {
            check_length("source", source, MAX_CATEGORY_BYTES)?;
        }
        if self.scope == MemoryScope::Agent && self.agent_id.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(FieldError::new("agent_id", "is missing for the scope agent", "give the agent's id").into());
        }
        Ok(())
    }
}

/// A question to the memories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecallQuery {
    /// The question.
    #[schemars(extend("x-model" = "What you are about to do, an error, a name."))]
    pub query: String,
    /// How many at most.
    #[serde(default = "integer::<RECALL_LIMIT>")]
    #[schemars(range(min = 1, max = 1000), extend("x-model" = "Default 5."))]
    pub limit: i64,
    /// Of this type only.
    #[serde(rename = "type")]
    pub memory_type: Option<MemoryType>,
    /// Of this category only.
    pub category: Option<String>,
    /// For these only.
    pub scope: Option<MemoryScope>,
    /// Of this agent only, for the scope agent.
    pub agent_id: Option<String>,
    /// The least relevance, 0 to 1.
    #[serde(default = "default_min_relevance")]
    #[schemars(range(min = 0.0, max = 1.0), extend("x-model" = "Default 0.5."))]
    pub min_relevance: f64,
    /// Show invalidated and superseded memories in the list instead of as warnings; expired ones never come.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schemars(extend("x-unlisted" = true))]
    pub include_inactive: bool,
    /// From which relevance on an inactive memory is a warning, 0 to 1. Older servers know no such argument, so it is
    /// sent only where it is unusual.
    #[serde(default = "default_warning_threshold", skip_serializing_if = "is_default_warning_threshold")]
    #[schemars(extend("x-unlisted" = true))]
    pub warning_threshold: f64,
}

const fn default_min_relevance() -> f64 {
    DEFAULT_MIN_RELEVANCE
}

const fn default_warning_threshold() -> f64 {
    DEFAULT_WARNING_THRESHOLD
}

fn is_default_warning_threshold(value: &f64) -> bool {
    (value - DEFAULT_WARNING_THRESHOLD).abs() < f64::EPSILON
}

impl RecallQuery {
    /// Makes a question with the contract's defaults.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            limit: RECALL_LIMIT,
            memory_type: None,
            category: None,
            scope: None,
            agent_id: None,
            min_relevance: DEFAULT_MIN_RELEVANCE,
            include_inactive: false,
            warning_threshold: DEFAULT_WARNING_THRESHOLD,
        }
    }
}

impl Request for RecallQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_text("query", &self.query, MAX_QUERY_BYTES)?;
        check_range("limit", self.limit, 1..=MAX_LIMIT)?;
        for (field, share) in [("min_relevance", self.min_relevance), ("warning_threshold", self.warning_threshold)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(FieldError::new(field, format!("is {share}"), "give a number from 0 to 1").into());
            }
        }
        Ok(())
    }
}

wire_enum! {
    /// By what a list is sorted.
    #[derive(Default)]
    MemoryOrder, "sort_by" {
        #[default] CreatedAt = "created_at", Confidence = "confidence", AccessCount = "access_count",
        LastAccessed = "last_accessed", ExpiresAt = "expires_at",
    }
}

wire_enum! {
    /// Which end of a sorted list comes first.
    #[derive(Default)]
    SortOrder, "sort_order" { Ascending = "asc", #[default] Descending = "desc" }
}

/// Which memories to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemoryFilter {
    /// Of this type only.
    #[serde(rename = "type")]
    pub memory_type: Option<MemoryType>,
    /// For these only.
    pub scope: Option<MemoryScope>,
    /// Of this category only.
    pub category: Option<String>,
    /// With this status only; active ones when not given, or all with include_inactive.
    pub status: Option<MemoryStatus>,
    /// Holding this text only, in any case.
    #[schemars(extend("x-model" = "A text that they hold."))]
    pub search: Option<String>,
    /// How many at most.
    #[serde(default = "integer::<LIST_LIMIT>")]
    #[schemars(range(min = 1, max = 1000), extend("x-model" = "Default 20."))]
    pub limit: i64,
    /// How many to leave out at the beginning.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub offset: i64,
    /// List invalidated and superseded ones, too.
    #[serde(default)]
    #[schemars(extend("x-model" = "Invalidated and superseded ones, too."))]
    pub include_inactive: bool,
    /// By what they are sorted.
    #[serde(default)]
    #[schemars(extend("x-model" = "Default created_at."))]
    pub sort_by: MemoryOrder,
    /// Which end comes first: asc or desc.
    #[serde(default)]
    #[schemars(with = "String", extend("x-model" = "asc or desc (default)."))]
    pub sort_order: SortOrder,
}

impl Default for MemoryFilter {
    fn default() -> Self {
        Self {
            memory_type: None,
            scope: None,
            category: None,
            status: None,
            search: None,
            limit: LIST_LIMIT,
            offset: 0,
            include_inactive: false,
            sort_by: MemoryOrder::default(),
            sort_order: SortOrder::default(),
        }
    }
}

impl Request for MemoryFilter {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_range("limit", self.limit, 1..=MAX_LIMIT)?;
        check_range("offset", self.offset, 0..=i64::MAX)?;
        Ok(self.search.as_deref().map_or(Ok(()), |search| check_length("search", search, MAX_QUERY_BYTES))?)
    }
}

/// Which memories to remove, or which one to mark as not valid any more. Filters are joined with "and"; no filter
/// removes nothing (snipara-wire.md §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetQuery {
    /// The memory.
    pub memory_id: Option<MemoryId>,
    /// Those of this type.
    #[serde(rename = "type")]
    pub memory_type: Option<MemoryType>,
    /// Those of this category.
    pub category: Option<String>,
    /// Those made longer ago than this many days.
    #[schemars(range(min = 0, max = 100000))]
    pub older_than_days: Option<i64>,
    /// Keep it, but mark it as not valid any more.
    #[serde(default, skip_serializing)]
    #[schemars(extend("x-model" = "Keep the one of memory_id, but mark it as not valid any more."))]
    pub invalidate: bool,
    /// Why it is not valid any more.
    #[serde(skip_serializing)]
    #[schemars(extend("x-model" = "Why it is not valid any more."))]
    pub reason: Option<String>,
}

impl Request for ForgetQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        if self.invalidate {
            let only_id = Self {
                invalidate: true,
                memory_id: self.memory_id.clone(),
                reason: self.reason.clone(),
                ..Self::default()
            };
            if self.memory_id.is_none() || *self != only_id {
                let fix = "invalidate one memory at a time, by its memory_id";
                return Err(FieldError::new("invalidate", "needs memory_id and no other filter", fix).into());
            }
            return Ok(());
        }
        if self.reason.is_some() {
            let fix = "add invalidate: true to keep the memory, or leave reason out";
            let problem = "is given without invalidate: what is removed keeps no reason";
            return Err(FieldError::new("reason", problem, fix).into());
        }
        if *self == Self::default() {
            let fix = "give memory_id, or type, category, older_than_days; nothing is removed without one";
            return Err(FieldError::new("memory_id", "is missing, and so is every other filter", fix).into());
        }
        Ok(check_range("older_than_days", self.older_than_days, 0..=100_000)?)
    }
}

/// A memory to mark as not valid any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-model" = true))]
pub struct InvalidateRequest {
    /// The memory.
    pub memory_id: MemoryId,
    /// Why.
    pub reason: Option<String>,
}

impl Request for InvalidateRequest {}

/// A memory to mark as replaced by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-model" = true))]
pub struct SupersedeRequest {
    /// The old memory.
    pub old_memory_id: MemoryId,
    /// The one that replaces it.
    pub new_memory_id: MemoryId,
    /// Why.
    pub reason: Option<String>,
}

impl Request for SupersedeRequest {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_requests_are_refused_by_field() {
        let field = |error: InvalidRequest| match error {
            InvalidRequest::Field(error) => error.field,
            InvalidRequest::LiveCheck { .. } => String::new(),
        };
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
