//! `remember`: keeps a memory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{NewMemory, Remembered, SupersedeRequest, one_line};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, LINE, ToolCall, ToolSpec, Toolset, form, shorten_answer,
    shorten_rows, told,
};

/// How long a quoted memory may be, in characters.
const QUOTE: usize = 80;

/// Says what `remember` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "remember",
        title: "Remember",
        description: "When you learned or decided something that later tasks need: keep it. No secrets.",
        toolset: Toolset::Memory,
        default: true,
        forms: vec![
            form!("remember", "Store one durable memory.", remember => payload::remembered),
            Form::of("memory_supersede", "Link an old memory to the one that replaces it.", published_supersede),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Kept {
    memory_id: String,
}

async fn published_supersede(orchestrator: Orchestrator, asked: SupersedeRequest) -> Result<JsonObject, FormError> {
    let SupersedeRequest { old_memory_id, new_memory_id, reason } = asked;
    let old = orchestrator.supersede_memory(old_memory_id, new_memory_id.clone(), reason).await?;
    Ok(payload::memory_superseded(&old, &new_memory_id))
}

async fn call(context: CallContext, memory: NewMemory) -> Answered<Kept> {
    let remembered = context.orchestrator.remember(memory).await?;
    let kept = &remembered.memory;
    let mut lines = vec![format!("remembered as {}: {}", kept.memory_id, kept.memory_type)];
    lines.extend(remembered.near_duplicates.iter().map(|near| {
        let share = (near.similarity * 100.0).round();
        format!("> near-duplicate {} ({share} %): {}", near.memory_id, one_line(&near.content, LINE))
    }));
    lines.extend(remembered.superseded.iter().map(|id| format!("superseded: {id}")));
    lines.extend(remembered.warnings.iter().map(|warning| format!("> warning: {}", one_line(warning, LINE))));
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
        return format!("Check what was kept ({}).", one_line(warning, LINE).trim_end_matches('.'));
    }
    match remembered.superseded.first() {
        Some(old) => format!("Go on: {old} is kept, and recalled no more."),
        None => "Go on: recall finds it by its words.".to_owned(),
    }
}
