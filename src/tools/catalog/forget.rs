//! `forget`: removes one memory by its id, or many, which a person allows by typing how many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{ForgetQuery, InvalidateRequest, Memory, MemoryId, one_line};
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::payload;
use crate::tools::{
    Asked, CallContext, Form, FormAnswer, FormError, JsonObject, PayloadReply, Question, QuestionField, ToolCall,
    ToolReply, ToolSpec, Toolset, shorten_answer, told,
};

/// From how many memories on a person is asked; one can be named by its id anyway.
const MANY: usize = 2;
/// How many of them a person is shown.
const SHOWN: usize = 5;
/// How long a shown memory may be, in characters.
const QUOTE: usize = 100;

/// Says what `forget` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "forget",
        title: "Forget",
        description: "Remove memories for good: one by memory_id, or all that match every filter given; a person then types how many.",
        toolset: Toolset::Memory,
        destructive: true,
        idempotent: true,
        forms: vec![
            Form::of("forget", "Remove memories: one id, or everything that matches all filters.", published)
                .asking_a_person(forgets_by_filter),
            Form::of("memory_invalidate", "Mark a memory no longer valid, keep the row.", published_invalidate),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Forgotten {
    deleted_count: u64,
}

async fn published(orchestrator: Orchestrator, query: ForgetQuery) -> Result<JsonObject, FormError> {
    Ok(payload::forgotten(orchestrator.forget(query).await?))
}

async fn published_invalidate(orchestrator: Orchestrator, asked: InvalidateRequest) -> Result<JsonObject, FormError> {
    let InvalidateRequest { memory_id, reason } = asked;
    Ok(payload::memory_invalidated(&orchestrator.invalidate_memory(memory_id, reason).await?))
}

/// Without an id, many may go at once.
fn forgets_by_filter(given: &JsonObject) -> bool {
    given.get("memory_id").is_none_or(Value::is_null)
}

async fn call(
    context: CallContext,
    query: ForgetQuery,
) -> Result<ToolReply<PayloadReply<Forgotten>>, OrchestratorError> {
    let id = query.memory_id.clone();
    if let (true, Some(id)) = (query.invalidate, &id) {
        return invalidate(&context.orchestrator, id.clone(), query.reason).await;
    }
    let orchestrator = &context.orchestrator;
    if id.is_none() {
        let found = orchestrator.forgettable(&query).await?;
        if found.len() >= MANY {
            let question = question(&query, &found);
            match context.person.ask(&question).await? {
                Asked::Pending => return Ok(ToolReply::Asked),
                Asked::Answered(answer) => allowed(orchestrator, &query, &found, &question, &answer).await?,
            }
        }
    }
    let count = orchestrator.forget(query).await?;
    if let (0, Some(id)) = (count, &id) {
        let message = format!("there is no memory `{id}` that fits the filters");
        return Err(OrchestratorError::not_found(message, "Find its memory_id with list_memories."));
    }
    let next_step = match count {
        0 => "Check the filters with list_memories: no memory matched them all.",
        _ => "Go on: they are gone for good.",
    };
    let answer = told(payload::forgotten(count), vec![format!("{count} removed")], next_step.to_owned())?;
    Ok(ToolReply::Answer(answer))
}

async fn invalidate(
    orchestrator: &Orchestrator,
    id: MemoryId,
    reason: Option<String>,
) -> Result<ToolReply<PayloadReply<Forgotten>>, OrchestratorError> {
    let memory = orchestrator.invalidate_memory(id, reason).await?;
    let mut payload = payload::memory(&memory);
    payload.insert("deleted_count".to_owned(), 0.into());
    shorten_answer(&mut payload);
    let line = format!("{} is kept and not valid any more", memory.memory_id);
    let answer = told(payload, vec![line], "Remember what holds instead, if anything does.".to_owned())?;
    Ok(ToolReply::Answer(answer))
}

fn ids(memories: &[Memory]) -> Vec<&MemoryId> {
    memories.iter().map(|memory| &memory.memory_id).collect()
}

fn question(query: &ForgetQuery, found: &[Memory]) -> Question {
    let count = found.len();
    let mut message = vec![format!("An agent wants to remove {count} memories for good ({}):", filters(query))];
    let shown = found.iter().take(SHOWN);
    message.extend(shown.map(|memory| format!("- {}: {}", memory.memory_type, one_line(&memory.content, QUOTE))));
    if count > SHOWN {
        message.push(format!("and {} more.", count - SHOWN));
    }
    Question {
        tool: "forget",
        subject: json!({
            "type": query.memory_type, "category": query.category, "older_than_days": query.older_than_days,
            "memories": ids(found),
        }),
        message: message.join("\n"),
        fields: vec![QuestionField {
            name: "count",
            title: "How many memories are removed",
            description: format!("Type {count} to allow it."),
            required: true,
        }],
        instead: format!(
            "Forget them one by one by memory_id, or a person runs at a terminal: {}",
            at_a_terminal(query)
        ),
    }
}

fn filters(query: &ForgetQuery) -> String {
    let mut filters = Vec::new();
    if let Some(memory_type) = query.memory_type {
        filters.push(format!("type {memory_type}"));
    }
    if let Some(category) = &query.category {
        filters.push(format!("category {}", one_line(category, QUOTE)));
    }
    if let Some(days) = query.older_than_days {
        filters.push(format!("older than {days} days"));
    }
    filters.join(", ")
}

/// A person may paste this: only a plain word of the agent's stands in it.
fn at_a_terminal(query: &ForgetQuery) -> String {
    let mut command = "`snipara-orchestrator forget".to_owned();
    if let Some(memory_type) = query.memory_type {
        command.push_str(&format!(" --type {memory_type}"));
    }
    if let Some(category) = &query.category {
        let plain = category.starts_with(|first: char| first.is_ascii_alphanumeric())
            && category.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
        command.push_str(&format!(" --category {}", if plain { category.as_str() } else { "CATEGORY" }));
    }
    if let Some(days) = query.older_than_days {
        command.push_str(&format!(" --older-than-days {days}"));
    }
    command.push('`');
    command
}

/// Refuses a wrong number, and memories that came or went while the person thought about it.
async fn allowed(
    orchestrator: &Orchestrator,
    query: &ForgetQuery,
    found: &[Memory],
    question: &Question,
    answer: &FormAnswer,
) -> Result<(), OrchestratorError> {
    let typed = answer.text("count").unwrap_or_default();
    if typed != found.len().to_string() {
        return Err(question.rejected(&format!("`{typed}` was typed, not {}", found.len())));
    }
    let now = orchestrator.forgettable(query).await?;
    if ids(&now) != ids(found) {
        return Err(question.rejected("memories came or went while the person was asked"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_an_agent_becomes_a_command() {
        let of = |category: &str| {
            at_a_terminal(&ForgetQuery { category: Some(category.to_owned()), ..ForgetQuery::default() })
        };
        assert_eq!(of("failures"), "`snipara-orchestrator forget --category failures`");
        for category in ["a; rm -rf ~", "$(id)", "`id`", "--memory-id", "a b", ""] {
            assert_eq!(of(category), "`snipara-orchestrator forget --category CATEGORY`", "{category}");
        }
    }
}
