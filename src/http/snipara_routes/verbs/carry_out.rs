//! From a tool's name to its family.

use crate::http::snipara_routes::documents;
use crate::http::snipara_routes::failure::Failure;
use crate::http::snipara_routes::published::Published;
use crate::mcp::Server;
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::Payload;

use super::{flat_tasks, htasks};

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
        "settings" => Ok(documents::settings(orchestrator.project().as_str())),
        "help" => documents::help(server, given),
        "htask_create" => htasks::create(orchestrator, given).await,
        "htask_create_feature" => htasks::create_feature(orchestrator, given).await,
        "htask_get" => htasks::get(orchestrator, given).await,
        "htask_tree" => htasks::tree(orchestrator, given).await,
        "htask_update" => htasks::update(orchestrator, given).await,
        "htask_block" => htasks::block(orchestrator, given).await,
        "htask_unblock" => htasks::unblock(orchestrator, given).await,
        "htask_complete" => htasks::complete(orchestrator, given).await,
        "htask_close" => htasks::close(orchestrator, given).await,
        "htask_recommend_batch" => htasks::recommend_batch(orchestrator, given).await,
        "htask_audit_trail" => htasks::audit_trail(orchestrator, given).await,
        "task_create" => flat_tasks::create(orchestrator, given).await,
        "task_claim" => flat_tasks::claim(orchestrator, given).await,
        "task_complete" => flat_tasks::complete(orchestrator, given).await,
        _ => Err(OrchestratorError::internal(format!("{name} is listed, and nothing carries it out")).into()),
    }
}
