//! `context`.

use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::render;
use crate::domain::ContextQuery;
use crate::snipara::payload;

/// Shows the sections of the project's documents that answer a question. Exit code 0 says that it was answered, also
/// where nothing was found.
///
/// # Errors
/// Bad input, or when the documents or the store cannot be read.
pub(super) fn query(context: &Context, query: ContextQuery) -> Result<Exit, CliError> {
    let answer = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        interrupt.unless_interrupted(orchestrator.query_context(query)).await
    })?;
    if !context.output.json {
        for warning in &answer.warnings {
            context.output.note(&format!("warning: {warning}"));
        }
    }
    context.output.result(&payload::context_answer(&answer), |paint| render::sections(&answer, *paint))?;
    Ok(Exit::Success)
}
