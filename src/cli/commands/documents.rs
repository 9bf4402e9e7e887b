//! `context`.

use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::ContextQuery;
use crate::snipara::payload;

/// Shows the sections of the project's documents that answer a question. Exit code 0 says that it was answered, also
/// where nothing was found.
///
/// # Errors
/// Bad input, or when the documents or the store cannot be read.
pub(super) fn query(context: &Context, query: ContextQuery) -> Result<Exit, CliError> {
    let answer = context.ask(async |orchestrator| orchestrator.query_context(query).await)?;
    if !context.output.json {
        for warning in &answer.warnings {
            context.output.note(&format!("warning: {warning}"));
        }
    }
    context.output.answer(&payload::context_answer(&answer), |paint| render::sections(&answer, *paint))
}
