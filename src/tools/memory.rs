//! Toolset `memory`: remember, recall and list; forgetting lies beside it.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    MemoryFilter, MemoryId, MemoryOrder, MemoryPage, MemoryScope, MemoryStatus, MemoryType, NewMemory, RecallQuery,
    Recalled, Remembered, counted, one_line,
};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::{self, Payload};

use super::payload_reply::{Answered, LINE, shorten_answer, shorten_rows, shown_lines, told};

/// How long a memory may be in the text of an answer, in characters.
const TOLD_MEMORY: usize = 600;
/// How long a quoted memory may be, in characters.
const QUOTE: usize = 80;

/// Says what `remember` is.
pub(super) fn remember_spec() -> ToolSpec {
    ToolSpec {
        name: "remember",
        title: "Remember",
        description: "When you learned or decided something that later tasks need: keep it. No secrets.",
        toolset: Toolset::Memory,
        default: true,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(remember),
    }
}

/// Says what `recall` is.
pub(super) fn recall_spec() -> ToolSpec {
    ToolSpec {
        name: "recall",
        title: "Recall",
        description: "Before you start: what earlier tasks learned and decided.",
        toolset: Toolset::Memory,
        default: true,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(recall),
    }
}

/// Says what `list_memories` is.
pub(super) fn list_memories_spec() -> ToolSpec {
    ToolSpec {
        name: "list_memories",
        title: "List memories",
        description: "List memories page by page; recall finds by relevance.",
        toolset: Toolset::Memory,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(list_memories),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RememberParams {
    content: String,
    /// Default fact.
    #[serde(default, rename = "type")]
    memory_type: Option<MemoryType>,
    /// Such as failures, architecture.
    #[serde(default)]
    category: Option<String>,
    /// Default project.
    #[serde(default)]
    scope: Option<MemoryScope>,
    /// For scope agent.
    #[serde(default)]
    agent_id: Option<String>,
    #[serde(default)]
    #[schemars(range(min = 1, max = 3650))]
    ttl_days: Option<i64>,
    /// memory_id of the one this replaces.
    #[serde(default)]
    supersedes: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Kept {
    memory_id: String,
}

impl Request for RememberParams {}

async fn remember(context: CallContext, given: RememberParams) -> Answered<Kept> {
    let supersedes = given.supersedes.as_deref().map(|id| memory_id("supersedes", id)).transpose()?;
    let memory = NewMemory {
        scope: given.scope.unwrap_or(MemoryScope::Project),
        agent_id: given.agent_id,
        category: given.category,
        ttl_days: given.ttl_days,
        supersedes,
        // The contract's default (snipara-wire.md §4.2, `remember`).
        ..NewMemory::new(given.content, given.memory_type.unwrap_or(MemoryType::Fact))
    };
    memory.check()?;
    let remembered = context.orchestrator.remember(memory).await?;
    let kept = &remembered.memory;
    let mut lines = vec![format!("remembered as {}: {}", kept.memory_id, kept.memory_type)];
    lines.extend(remembered.near_duplicates.iter().map(|near| {
        let share = (near.similarity * 100.0).round();
        format!("near-duplicate {} ({share} %): {}", near.memory_id, one_line(&near.content, LINE))
    }));
    lines.extend(remembered.superseded.iter().map(|id| format!("superseded: {id}")));
    lines.extend(remembered.warnings.iter().map(|warning| format!("warning: {}", one_line(warning, LINE))));
    let next_step = after_remember(&remembered);
    let mut payload = payload::remembered(&remembered);
    shorten_rows(&mut payload, "near_duplicates");
    shorten_answer(&mut payload);
    told(payload, lines, next_step)
}

fn after_remember(remembered: &Remembered) -> String {
    if let Some(near) = remembered.near_duplicates.iter().find(|near| !remembered.superseded.contains(&near.memory_id))
    {
        let quote = one_line(&near.content, QUOTE);
        return format!("Forget or supersede {} if it says the same: \"{quote}\".", near.memory_id);
    }
    if let Some(warning) = remembered.warnings.first() {
        return format!("Check what was kept: {}.", one_line(warning, LINE).trim_end_matches('.'));
    }
    match remembered.superseded.first() {
        Some(old) => format!("Go on: {old} is kept, and recalled no more."),
        None => "Go on: recall finds it by its words.".to_owned(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecallParams {
    /// What you are about to do, an error, a name.
    query: String,
    /// Default 5.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
    #[serde(default, rename = "type")]
    memory_type: Option<MemoryType>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    scope: Option<MemoryScope>,
    #[serde(default)]
    agent_id: Option<String>,
    /// Default 0.5.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    min_relevance: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Memories {
    memories: Vec<Payload>,
}

impl Request for RecallParams {}

async fn recall(context: CallContext, given: RecallParams) -> Answered<Memories> {
    let asked = RecallQuery::new(given.query);
    let query = RecallQuery {
        limit: given.limit.unwrap_or(asked.limit),
        memory_type: given.memory_type,
        category: given.category,
        scope: given.scope,
        agent_id: given.agent_id,
        min_relevance: given.min_relevance.unwrap_or(asked.min_relevance),
        ..asked
    };
    query.check()?;
    let filtered = query.memory_type.is_some() || query.category.is_some() || query.scope.is_some();
    let recalled = context.orchestrator.recall(query).await?;
    let mut lines =
        vec![format!("{} of {}", recalled.memories.len(), counted(recalled.total_searched, "memory", "memories"))];
    lines.extend(shown_lines(&recalled.memories, |found| {
        let memory = &found.memory;
        let category = memory.category.as_ref().map(|name| format!("/{}", one_line(name, 40))).unwrap_or_default();
        let content = one_line(&memory.content, TOLD_MEMORY);
        format!("- {} ({:.2}, {}{category}): {content}", memory.memory_id, found.relevance, memory.memory_type)
    }));
    let mut payload = payload::recalled(&recalled);
    lines.extend(shown_lines(&recalled.inactive, |found| {
        let status = found.memory.status.as_str().to_lowercase();
        format!("no longer valid ({status}): {} {}", found.memory.memory_id, one_line(&found.memory.content, LINE))
    }));
    let next_step = after_recall(&recalled, filtered);
    shorten_rows(&mut payload, "memories");
    shorten_rows(&mut payload, "warnings");
    told(payload, lines, next_step)
}

fn after_recall(recalled: &Recalled, filtered: bool) -> String {
    match (recalled.memories.as_slice(), recalled.inactive.first()) {
        ([], Some(inactive)) => {
            format!("Do not rely on {}: it does not hold any more.", inactive.memory.memory_id)
        }
        ([], None) if filtered => "Try other words, or leave the filters out.".to_owned(),
        ([], None) => "Try other words, or go on without: nothing is remembered about this.".to_owned(),
        _ => "Use what applies; check it before you rely on it.".to_owned(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListMemoriesParams {
    #[serde(default, rename = "type")]
    memory_type: Option<MemoryType>,
    #[serde(default)]
    scope: Option<MemoryScope>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    status: Option<MemoryStatus>,
    /// A text that they hold.
    #[serde(default)]
    search: Option<String>,
    /// Default 20.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
    #[serde(default)]
    #[schemars(range(min = 0))]
    offset: Option<i64>,
    /// Invalidated and superseded ones, too.
    #[serde(default)]
    include_inactive: Option<bool>,
    /// Default created_at.
    #[serde(default)]
    sort_by: Option<MemoryOrder>,
    /// asc or desc (default).
    #[serde(default)]
    sort_order: Option<String>,
}

impl Request for ListMemoriesParams {}

async fn list_memories(context: CallContext, given: ListMemoriesParams) -> Answered<Memories> {
    let usual = MemoryFilter::default();
    let filter = MemoryFilter {
        memory_type: given.memory_type,
        scope: given.scope,
        category: given.category,
        status: given.status,
        search: given.search,
        limit: given.limit.unwrap_or(usual.limit),
        offset: given.offset.unwrap_or(usual.offset),
        include_inactive: given.include_inactive.unwrap_or(usual.include_inactive),
        sort_by: given.sort_by.unwrap_or(usual.sort_by),
        ascending: given.sort_order.as_deref().map_or(Ok(usual.ascending), ascending)?,
    };
    filter.check()?;
    let offset = filter.offset;
    let page = context.orchestrator.memories(filter).await?;
    let mut lines = vec![format!("{} of {} memories", page.memories.len(), page.total_count)];
    lines.extend(shown_lines(&page.memories, |memory| {
        let status = memory.status.as_str().to_lowercase();
        format!("- {} ({}, {status}): {}", memory.memory_id, memory.memory_type, one_line(&memory.content, LINE))
    }));
    let next_step = after_list(&page, offset);
    let mut payload = payload::memory_page(&page);
    shorten_rows(&mut payload, "memories");
    told(payload, lines, next_step)
}

fn ascending(order: &str) -> Result<bool, OrchestratorError> {
    match order.to_ascii_lowercase().as_str() {
        "asc" => Ok(true),
        "desc" => Ok(false),
        _ => Err(OrchestratorError::invalid(
            format!("sort_order is `{}`: it must be asc or desc", one_line(order, 60)),
            "Give asc or desc.",
        )),
    }
}

fn after_list(page: &MemoryPage, offset: i64) -> String {
    let count = i64::try_from(page.memories.len()).unwrap_or(i64::MAX);
    if page.has_more {
        format!("Call list_memories with offset {} for more.", offset.saturating_add(count))
    } else if page.memories.is_empty() {
        "Leave filters out, or go on without: no memory matches.".to_owned()
    } else {
        "Forget or supersede what does not hold any more.".to_owned()
    }
}

pub(super) fn memory_id(field: &str, given: &str) -> Result<MemoryId, OrchestratorError> {
    Ok(MemoryId::parse(given).map_err(|error| crate::domain::FieldError { field: field.to_owned(), ..error })?)
}
