//! `list_memories`: lists memories page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{MemoryFilter, MemoryPage, one_line};
use crate::snipara::payload::{self, Payload};
use crate::tools::{Answered, CallContext, LINE, ToolCall, ToolSpec, Toolset, form, shorten_rows, shown_lines, told};

/// Says what `list_memories` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "list_memories",
        title: "List memories",
        description: "List memories page by page; recall finds by relevance.",
        toolset: Toolset::Memory,
        forms: vec![
            form!("memories", "Filtered, sorted, paged listing of memories.", memories => payload::memory_page),
        ],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Memories {
    memories: Vec<Payload>,
}

async fn call(context: CallContext, filter: MemoryFilter) -> Answered<Memories> {
    let offset = filter.offset;
    let page = context.orchestrator.memories(filter).await?;
    let mut lines = vec![format!("{} of {} memories", page.memories.len(), page.total_count)];
    lines.extend(shown_lines(&page.memories, |memory| {
        let status = memory.status.as_str().to_lowercase();
        format!("> {} ({}, {status}): {}", memory.memory_id, memory.memory_type, one_line(&memory.content, LINE))
    }));
    let next_step = after_list(&page, offset);
    let mut payload = payload::memory_page(&page);
    shorten_rows(&mut payload, "memories");
    told(payload, lines, next_step)
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
