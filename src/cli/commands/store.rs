//! `backup`, `restore` and `store`.

use crate::app;
use crate::cli::arguments::{BackupWords, RestoreWords, StoreCommand};
use crate::cli::commands::Context;
use crate::cli::commands::confirm::{confirm, not_below_a_run};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::render;
use crate::domain::{one_line, pluralize};
use crate::orchestrator::OrchestratorError;

/// Writes a backup.
///
/// # Errors
/// When a file of that name is there, or when the store cannot be read or the file cannot be written.
pub(super) fn backup(context: &Context, words: &BackupWords) -> Result<Exit, CliError> {
    let file = context.environment.current_folder.join(&words.file);
    let report = context.ask(async |orchestrator| orchestrator.backup(&file, words.force).await)?;
    context.output.result(&report, |paint| render::backup(&report, *paint))?;
    Ok(if report.verified { Exit::Success } else { Exit::Refused })
}

/// Puts a backup in the store's place.
///
/// # Errors
/// When the backup is not whole, when another or a longer ledger is there and no person says yes, or when the store is
/// in use.
pub(super) fn restore(context: &Context, words: &RestoreWords) -> Result<Exit, CliError> {
    not_below_a_run(context, "what is put in the store's place")?;
    let config = context.settings()?;
    let file = context.environment.current_folder.join(&words.file);
    context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let restoration = interrupt.unless_interrupted(app::prepare_restore(&config, &file)).await?;
        if let Some(replaced) = &restoration.replaces {
            let entries = replaced.entries.map(|count| format!(" of {}", pluralize(count, "entry", "entries")));
            let what = format!(
                "the ledger{} in {} would be replaced: {}",
                entries.unwrap_or_default(),
                config.state_folder.display(),
                one_line(&replaced.what, 200)
            );
            confirm(context, words.yes, &what, &["a copy of it stays beside the store".to_owned()])?;
        }
        let report = restoration.finish().await.map_err(OrchestratorError::from)?;
        context.output.answer(&report, |paint| render::restored(&report, *paint))
    })
}

/// Looks at the store, or repairs it.
///
/// # Errors
/// When it cannot be looked at, is in use, or no person says yes; damage is an answer.
pub(super) fn store(context: &Context, command: &StoreCommand) -> Result<Exit, CliError> {
    if matches!(command, StoreCommand::Repair { replace: true, .. }) {
        not_below_a_run(context, "what is put in the store's place")?;
    }
    let config = context.settings()?;
    context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let output = &context.output;
        let found = interrupt.unless_interrupted(app::check_store(&config)).await?;
        let StoreCommand::Repair { replace, yes } = command else {
            output.result(&found, |paint| render::store_check(&found, *paint, output.quiet))?;
            return Ok(if found.ok { Exit::Success } else { Exit::Refused });
        };
        if found.ok {
            return output.answer(&found, |paint| render::store_check(&found, *paint, output.quiet));
        }
        let mut report = interrupt.unless_interrupted(app::repair_store(&config)).await?;
        if report.problem.is_some() {
            output.result(&report, |paint| render::repaired(&report, *paint))?;
            return Ok(Exit::Refused);
        }
        if *replace {
            let lines = render::repaired_lines(&report);
            let what = format!("the store in {} is replaced by what could be read", config.state_folder.display());
            confirm(context, *yes, &what, &lines)?;
            let restored = app::prepare_restore(&config, &report.file).await?.finish().await;
            report.kept = restored.map_err(OrchestratorError::from)?.kept;
            report.replaced = true;
        }
        output.answer(&report, |paint| render::repaired(&report, *paint))
    })
}
