//! `swarm-create` and `swarm-join`.

use crate::cli::arguments::{SwarmCreate, SwarmJoin};
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::domain::{JoinSwarm, NewSwarm, SwarmId, one_line};
use crate::snipara::payload;

/// Makes a swarm, or answers the one of that name.
///
/// # Errors
/// Bad input, or nobody answers.
pub(super) fn create(context: &Context, words: SwarmCreate) -> Result<Exit, CliError> {
    let usual = NewSwarm::named(words.name);
    let swarm = NewSwarm {
        description: words.description,
        max_agents: words.max_agents,
        task_timeout_s: words.task_timeout.unwrap_or(usual.task_timeout_s),
        claim_timeout_s: words.claim_timeout.unwrap_or(usual.claim_timeout_s),
        ..usual
    };
    let swarm = context.ask(async |orchestrator| orchestrator.create_swarm(swarm).await)?;
    let how = if swarm.reused { "was there already" } else { "is new" };
    let text = format!("{}  {} ({how})\n", swarm.swarm_id, one_line(&swarm.name, usize::MAX));
    context.output.result(&payload::swarm(&swarm), |_| text)?;
    Ok(Exit::Success)
}

/// Lets an agent join a swarm.
///
/// # Errors
/// Bad input, no such swarm, or nobody answers.
pub(super) fn join(context: &Context, words: SwarmJoin) -> Result<Exit, CliError> {
    let join = JoinSwarm {
        swarm_id: SwarmId::parse(&words.swarm_id)?,
        agent_id: words.agent_id,
        name: words.name,
        role: words.role,
        capabilities: words.capability,
    };
    let member = context.ask(async |orchestrator| orchestrator.join_swarm(join).await)?;
    let text = format!("{} is {} in {}\n", one_line(&member.agent_id, usize::MAX), member.role, words.swarm_id);
    context.output.result(&payload::member(&member), |_| text)?;
    Ok(Exit::Success)
}
