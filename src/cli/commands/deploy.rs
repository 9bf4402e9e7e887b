//! `deploy`.

use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::render::command_run;
use crate::domain::DeployRequest;

/// Runs a deployment and records it.
///
/// # Errors
/// Unknown provider, names that are not allowed, or when it could not be recorded.
pub(super) fn deploy(context: &Context, request: DeployRequest) -> Result<Exit, CliError> {
    let run = context.ask_cancelling(async |orchestrator, cancel| orchestrator.deploy(request, cancel).await)?;
    let quiet = context.output.quiet;
    context.output.result(&run, |paint| command_run(&run, *paint, quiet))?;
    Ok(exit_code::of_command(&run))
}
