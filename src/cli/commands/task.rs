//! `task list`, `task show`, `task log`, `task cancel`.

use std::time::Duration;

use serde_json::json;

use super::run::show;
use crate::cli::arguments::TaskCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render::{task_log, tasks};

/// Lists, shows or cancels tasks. Exit code 0 says that the question was answered, whatever the task's status is.
///
/// # Errors
/// When there is no such task, or when the store cannot be read.
pub(super) fn task(context: &Context, command: &TaskCommand) -> Result<Exit, CliError> {
    context.ask(async |orchestrator| match command {
        TaskCommand::List { limit } => {
            let list = orchestrator.tasks(*limit).await?;
            context.output.result(&json!({ "tasks": list }), |paint| tasks(&list, *paint))
        }
        TaskCommand::Show { id, wait } => {
            show(context, &orchestrator.task_status(id, Duration::from_secs(*wait)).await?)
        }
        TaskCommand::Log { id, attempt } => {
            let log = orchestrator.task_log(id, *attempt).await?;
            context.audit.task(&log.task_id);
            context.output.result(&log, |paint| task_log(&log, *paint, context.opened.production()))
        }
        TaskCommand::Cancel { id } => show(context, &orchestrator.cancel_task(id).await?),
    })?;
    Ok(Exit::Success)
}
