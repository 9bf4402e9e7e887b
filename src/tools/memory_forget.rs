//! Forgetting: one memory by its id, or many, which a person allows by typing how many.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::question::{Asked, FormAnswer, Question, QuestionField};
use super::reply::Reply;
use crate::domain::{ForgetQuery, Memory, MemoryId, MemoryType, one_line};
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::payload;

use super::memory::memory_id;
use super::payload_reply::{PayloadReply, shorten_answer, told};

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
        default: false,
        scope: Scope::Write,
        destructive: true,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(forget),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ForgetParams {
    #[serde(default)]
    memory_id: Option<String>,
    #[serde(default, rename = "type")]
    memory_type: Option<MemoryType>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    #[schemars(range(min = 0, max = 100000))]
    older_than_days: Option<i64>,
    /// Keep the one of memory_id, but mark it as not valid any more.
    #[serde(default)]
    invalidate: Option<bool>,
    /// Why it is not valid any more.
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Forgotten {
    deleted_count: u64,
}

impl Request for ForgetParams {}

async fn forget(
    context: CallContext,
    given: ForgetParams,
) -> Result<Reply<PayloadReply<Forgotten>>, OrchestratorError> {
    let id = given.memory_id.as_deref().map(|id| memory_id("memory_id", id)).transpose()?;
    let query = ForgetQuery {
        memory_id: id.clone(),
        memory_type: given.memory_type,
        category: given.category,
        older_than_days: given.older_than_days,
    };
    if given.invalidate.unwrap_or_default() {
        return invalidate(&context, &query, given.reason).await;
    }
    if given.reason.is_some() {
        let message = "reason is given without invalidate: what is removed keeps no reason";
        return Err(OrchestratorError::invalid(
            message,
            "Add invalidate: true to keep the memory, or leave reason out.",
        ));
    }
    query.check()?;
    let orchestrator = &context.orchestrator;
    if id.is_none() {
        let found = orchestrator.forgettable(&query).await?;
        if found.len() >= MANY {
            let question = question(&query, &found);
            match context.person.ask(&question).await? {
                Asked::Pending => return Ok(Reply::Asked),
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
    Ok(Reply::Answer(answer))
}

async fn invalidate(
    context: &CallContext,
    query: &ForgetQuery,
    reason: Option<String>,
) -> Result<Reply<PayloadReply<Forgotten>>, OrchestratorError> {
    let only_id = ForgetQuery { memory_id: query.memory_id.clone(), ..ForgetQuery::default() } == *query;
    let Some(id) = query.memory_id.clone().filter(|_| only_id) else {
        let message = "invalidate needs memory_id and no other filter";
        return Err(OrchestratorError::invalid(message, "Invalidate one memory at a time, by its memory_id."));
    };
    let memory = context.orchestrator.invalidate_memory(id, reason).await?;
    let mut payload = payload::memory(&memory);
    payload.insert("deleted_count".to_owned(), 0.into());
    shorten_answer(&mut payload);
    let line = format!("{} is kept and not valid any more", memory.memory_id);
    let answer = told(payload, vec![line], "Remember what holds instead, if anything does.".to_owned())?;
    Ok(Reply::Answer(answer))
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
