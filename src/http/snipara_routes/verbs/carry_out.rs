//! From a tool's name to its family.

use crate::http::snipara_routes::failure::Failure;
use crate::http::snipara_routes::published::Published;
use crate::mcp::Server;
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::Payload;

use super::{context, swarms};

/// What a verb answers.
pub(super) type Told = Result<Payload, Failure>;

/// Carries out a published tool; the arguments hold no nulls.
pub(in crate::http::snipara_routes) async fn carry_out(server: &Server, tool: &Published, given: &Payload) -> Told {
    let orchestrator = server.orchestrator().await?;
    if let Some(form) = tool.form {
        return Ok(form.run(orchestrator.clone(), given).await?);
    }
    let name = tool.name;
    match name {
        "context_query" => context::context_query(orchestrator, given).await,
        "settings" => Ok(context::settings(orchestrator)),
        "help" => context::help(server, given),
        "swarm_create" => swarms::create(orchestrator, given).await,
        "swarm_join" => swarms::join(orchestrator, given).await,
        "swarm_leave" => swarms::leave(orchestrator, given).await,
        "swarm_members" => swarms::members(orchestrator, given).await,
        "claim" => swarms::claim(orchestrator, given).await,
        "release" => swarms::release(orchestrator, given).await,
        "broadcast" => swarms::broadcast(orchestrator, given).await,
        "swarm_events" => swarms::events(orchestrator, given).await,
        "state_get" => swarms::state_get(orchestrator, given).await,
        "state_set" => swarms::state_set(orchestrator, given).await,
        _ => Err(OrchestratorError::Bug { message: format!("{name} is listed, and nothing carries it out") }.into()),
    }
}
