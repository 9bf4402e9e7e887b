//! `swarm list`, `swarm create`, `swarm join`.

use serde_json::json;

use crate::cli::arguments::SwarmCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::{IdKind, JoinSwarm, NewSwarm, one_line};
use crate::snipara::payload;

/// How many swarms are listed.
const LISTED: u32 = 100;

/// Does what was asked of swarms.
///
/// # Errors
/// Those of each.
pub(super) fn swarm(context: &Context, command: SwarmCommand) -> Result<Exit, CliError> {
    match command {
        SwarmCommand::List => list(context),
        SwarmCommand::Create(swarm) => create(context, swarm.0),
        SwarmCommand::Join(join) => self::join(context, join.0),
    }
}

/// Lists the swarms of this machine's store; the hosted service has no list.
fn list(context: &Context) -> Result<Exit, CliError> {
    let swarms = context.ask(async |orchestrator| orchestrator.known_ids(IdKind::Swarm, LISTED).await)?;
    let rows: Vec<_> = swarms.iter().map(|swarm| json!({ "swarm_id": swarm.id, "name": swarm.title })).collect();
    context.output.answer(&json!({ "swarms": rows }), |paint| render::swarms(&swarms, *paint))
}

/// Makes a swarm, or answers the one of that name.
///
/// # Errors
/// Bad input, or nobody answers.
fn create(context: &Context, swarm: NewSwarm) -> Result<Exit, CliError> {
    let swarm = context.ask(async |orchestrator| orchestrator.create_swarm(swarm).await)?;
    let how = if swarm.reused { "was there already" } else { "is new" };
    let text = format!("{}  {} ({how})\n", swarm.swarm_id, one_line(&swarm.name, usize::MAX));
    context.output.answer(&payload::swarm(&swarm), |_| text)
}

/// Lets an agent join a swarm.
///
/// # Errors
/// Bad input, no such swarm, or nobody answers.
fn join(context: &Context, join: JoinSwarm) -> Result<Exit, CliError> {
    let swarm_id = join.swarm_id.clone();
    let member = context.ask(async |orchestrator| orchestrator.join_swarm(join).await)?;
    let text = format!("{} is {} in {}\n", one_line(&member.agent_id, usize::MAX), member.role, swarm_id);
    context.output.answer(&payload::member(&member), |_| text)
}
