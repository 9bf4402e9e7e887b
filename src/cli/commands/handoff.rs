//! `agents coordinate`, `team-sync gate`, `team-sync check-evidence`.

use std::path::Path;

use crate::cli::arguments::{AgentsCommand, TeamSyncCommand};
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::Handoff;

/// Makes a handoff the shared state of a swarm.
///
/// # Errors
/// A file that cannot be used, no such swarm, or nobody answers.
pub(super) fn agents(context: &Context, command: &AgentsCommand) -> Result<Exit, CliError> {
    let AgentsCommand::Coordinate { plan, swarm_id } = command;
    let handoff = read(&plan.file)?;
    let coordination =
        context.ask(async |orchestrator| orchestrator.coordinate(&handoff, swarm_id.as_deref()).await)?;
    for warning in &coordination.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    let quiet = context.output.quiet;
    context.output.answer(&coordination, |paint| render::coordination(&coordination, *paint, quiet))
}

/// Shows what a handoff requires, or compares evidence with it; needs neither settings nor store.
///
/// # Errors
/// A file that cannot be used.
pub(super) fn team_sync(context: &Context, command: &TeamSyncCommand) -> Result<Exit, CliError> {
    let quiet = context.output.quiet;
    match command {
        TeamSyncCommand::Gate { plan } => {
            let gate = read(&plan.file)?.gate();
            context.output.answer(&gate, |paint| render::handoff_gate(&gate, *paint, quiet))
        }
        TeamSyncCommand::CheckEvidence { plan, evidence } => {
            let check = read(&plan.file)?.check_evidence(evidence);
            context.output.result(&check, |paint| render::evidence_check(&check, *paint, quiet))?;
            Ok(if check.passed { Exit::Success } else { Exit::Refused })
        }
    }
}

/// Reads the handoff; whatever is wrong with the file is an error of usage that names it.
fn read(file: &Path) -> Result<Handoff, CliError> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        CliError::usage(format!("--plan {}: cannot be read: {error}", file.display()), "give the handoff file")
    })?;
    Handoff::read(&text)
        .map_err(|error| CliError::usage(format!("--plan {}: {error}", file.display()), format!("{}.", error.fix)))
}
