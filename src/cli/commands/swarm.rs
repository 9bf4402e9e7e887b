//! `swarm-create` and `swarm-join`.

use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::domain::{JoinSwarm, NewSwarm, one_line};
use crate::snipara::payload;

/// Makes a swarm, or answers the one of that name.
///
/// # Errors
/// Bad input, or nobody answers.
pub(super) fn create(context: &Context, swarm: NewSwarm) -> Result<Exit, CliError> {
    let swarm = context.ask(async |orchestrator| orchestrator.create_swarm(swarm).await)?;
    let how = if swarm.reused { "was there already" } else { "is new" };
    let text = format!("{}  {} ({how})\n", swarm.swarm_id, one_line(&swarm.name, usize::MAX));
    context.output.answer(&payload::swarm(&swarm), |_| text)
}

/// Lets an agent join a swarm.
///
/// # Errors
/// Bad input, no such swarm, or nobody answers.
pub(super) fn join(context: &Context, join: JoinSwarm) -> Result<Exit, CliError> {
    let swarm_id = join.swarm_id.clone();
    let member = context.ask(async |orchestrator| orchestrator.join_swarm(join).await)?;
    let text = format!("{} is {} in {}\n", one_line(&member.agent_id, usize::MAX), member.role, swarm_id);
    context.output.answer(&payload::member(&member), |_| text)
}
