//! `task list`, `task show`, `task cancel`.

use std::time::Duration;

use serde_json::json;

use super::run::show;
use crate::cli::arguments::TaskCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::render::tasks;

/// Lists, shows or cancels tasks. Exit code 0 says that the question was answered, whatever the task's status is.
///
/// # Errors
/// When there is no such task, or when the store cannot be read.
pub(super) fn task(context: &Context, command: &TaskCommand) -> Result<Exit, CliError> {
    context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        match command {
            TaskCommand::List { limit } => {
                let list = interrupt.unless_interrupted(orchestrator.tasks(*limit)).await?;
                context.output.result(&json!({ "tasks": list }), |paint| tasks(&list, *paint))
            }
            TaskCommand::Show { id, wait } => {
                let wait = Duration::from_secs(*wait);
                let report = interrupt.unless_interrupted(orchestrator.task_status(id, wait)).await?;
                show(context, &report)
            }
            TaskCommand::Cancel { id } => {
                let report = interrupt.unless_interrupted(orchestrator.cancel_task(id)).await?;
                show(context, &report)
            }
        }
    })?;
    Ok(Exit::Success)
}
