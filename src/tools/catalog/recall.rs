//! `recall`: finds memories by relevance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{RecallQuery, Recalled, one_line, pluralize};
use crate::snipara::payload::{self, Payload};
use crate::tools::{Answered, CallContext, LINE, ToolCall, ToolSpec, Toolset, form, shorten_rows, shown_lines, told};

/// How long a memory may be in the text of an answer, in characters.
const TOLD_MEMORY: usize = 600;

/// Says what `recall` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "recall",
        title: "Recall",
        description: "Before you start: what earlier tasks learned and decided.",
        toolset: Toolset::Memory,
        default: true,
        forms: vec![form!("recall", "Ranked memory search by relevance.", recall => payload::recalled)],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Memories {
    memories: Vec<Payload>,
}

async fn call(context: CallContext, query: RecallQuery) -> Answered<Memories> {
    let filtered = query.memory_type.is_some() || query.category.is_some() || query.scope.is_some();
    let recalled = context.orchestrator.recall(query).await?;
    let mut lines =
        vec![format!("{} of {}", recalled.memories.len(), pluralize(recalled.total_searched, "memory", "memories"))];
    lines.extend(shown_lines(&recalled.memories, |found| {
        let memory = &found.memory;
        let category = memory.category.as_ref().map(|name| format!("/{}", one_line(name, 40))).unwrap_or_default();
        let content = one_line(&memory.content, TOLD_MEMORY);
        let who = memory.agent_id.as_ref().or(memory.source.as_ref());
        let who = who.map(|who| format!(" by {}", one_line(who, 40))).unwrap_or_default();
        format!("> {} ({:.2}, {}{category}){who}: {content}", memory.memory_id, found.relevance, memory.memory_type)
    }));
    let mut payload = payload::recalled(&recalled);
    lines.extend(shown_lines(&recalled.inactive, |found| {
        let status = found.memory.status.as_str().to_lowercase();
        format!("> no longer valid ({status}): {} {}", found.memory.memory_id, one_line(&found.memory.content, LINE))
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
