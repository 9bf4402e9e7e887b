//! `recall`, `remember`, `memories` and `forget`.

use crate::cli::arguments::Forget;
use crate::cli::commands::Context;
use crate::cli::commands::confirm::confirm;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::{ForgetQuery, Memory, MemoryFilter, NewMemory, RecallQuery, Request, one_line};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload;

/// From how many memories on a person is asked; one can be named by its id anyway.
const MANY: usize = 2;
/// How many of them a person is shown.
const SHOWN: usize = 5;

/// Finds memories by relevance. Finding none is an answer, exit code 0.
///
/// # Errors
/// Bad input, or nobody answers.
pub(super) fn recall(context: &Context, query: RecallQuery) -> Result<Exit, CliError> {
    let found = context.ask(async |orchestrator| orchestrator.recall(query).await)?;
    context.output.answer(&payload::recalled(&found), |paint| render::recalled(&found, *paint))
}

/// Keeps a memory.
///
/// # Errors
/// Bad input, or nobody answers.
pub(super) fn remember(context: &Context, memory: NewMemory) -> Result<Exit, CliError> {
    let kept = context.ask(async |orchestrator| orchestrator.remember(memory).await)?;
    context.output.answer(&payload::remembered(&kept), |paint| render::remembered(&kept, *paint))
}

/// Lists memories, newest first.
///
/// # Errors
/// Bad input, or nobody answers.
pub(super) fn memories(context: &Context, filter: MemoryFilter) -> Result<Exit, CliError> {
    let page = context.ask(async |orchestrator| orchestrator.memories(filter).await)?;
    context.output.answer(&payload::memory_page(&page), |paint| render::memory_page(&page, *paint))
}

/// Removes memories for good, or marks one as not valid any more.
///
/// # Errors
/// No filter, no such memory, many without a person's consent, or nobody answers.
pub(super) fn forget(context: &Context, args: Forget) -> Result<Exit, CliError> {
    let (query, yes) = (args.query.0, args.yes);
    query.check().map_err(OrchestratorError::from)?;
    if let (true, Some(id)) = (query.invalidate, &query.memory_id) {
        let reason = query.reason.clone();
        let memory = context.ask(async |orchestrator| orchestrator.invalidate_memory(id.clone(), reason).await)?;
        let text = format!("{} is kept and marked as {}\n", memory.memory_id, memory.status.as_str().to_lowercase());
        return context.output.answer(&payload::memory(&memory), |_| text);
    }
    if query.memory_id.is_none() && !yes {
        allowed(context, &query)?;
    }
    let unknown = query.memory_id.as_ref().map(|id| {
        let message = format!("there is no memory `{id}` that fits the filters");
        OrchestratorError::not_found(message, "`snipara-orchestrator memories --include-inactive` lists them")
    });
    let count = context.ask(async |orchestrator| match (orchestrator.forget(query).await?, unknown) {
        (0, Some(unknown)) => Err(unknown),
        (count, _) => Ok(count),
    })?;
    let document = payload::forgotten(count);
    let text = format!("{}\n", document.get("message").and_then(serde_json::Value::as_str).unwrap_or_default());
    context.output.answer(&document, |_| text)
}

/// Asks a person before many are removed, and again when they came or went meanwhile.
fn allowed(context: &Context, query: &ForgetQuery) -> Result<(), CliError> {
    let found = || context.ask(async |orchestrator| orchestrator.forgettable(query).await);
    let ids = |memories: &[Memory]| memories.iter().map(|memory| memory.memory_id.clone()).collect::<Vec<_>>();
    let before = found()?;
    if before.len() < MANY {
        return Ok(());
    }
    let mut lines: Vec<String> = before
        .iter()
        .take(SHOWN)
        .map(|memory| format!("{}: {}", memory.memory_type, one_line(&memory.content, 100)))
        .collect();
    if before.len() > SHOWN {
        lines.push(format!("and {} more", before.len() - SHOWN));
    }
    confirm(context, false, &format!("{} memories are removed for good", before.len()), &lines)?;
    if ids(&found()?) != ids(&before) {
        return Err(CliError::usage("memories came or went while you were asked; nothing was removed", "try again"));
    }
    Ok(())
}
