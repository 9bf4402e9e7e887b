//! `run`.

use crate::cli::arguments::Run;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::interrupt::Interrupt;
use crate::cli::live::LiveView;
use crate::cli::output::Output;
use crate::cli::render::{report, report_verdict};
use crate::domain::RunRequest;
use crate::domain::TaskReport;
use crate::orchestrator::{Orchestrator, RunHandle};

/// Runs a task to its end and tells its verdict.
///
/// # Errors
/// Bad input, or when the run could not be carried through.
pub(super) fn run(context: &Context, words: &Run) -> Result<Exit, CliError> {
    let request = RunRequest {
        description: words.description.clone(),
        settle_seconds: words.settle,
        keep_going: words.keep_going,
        htask_id: words.htask.clone(),
        swarm_id: words.swarm.clone(),
        ..words.criteria.request(words.title.clone(), words.task.clone())
    };
    let report = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        let (view, sink) = LiveView::start(&context.output);
        let started = tokio::select! {
            answer = orchestrator.start_task(request, sink) => answer,
            () = interrupt.next() => {
                orchestrator.shut_down().await;
                return Err(CliError::interrupted());
            }
        };
        let answer = match started {
            Ok(handle) => finish(&orchestrator, &handle, &mut interrupt, &context.output).await,
            Err(error) => Err(error.into()),
        };
        let task = view.task();
        view.finish();
        answer.map_err(|error| match (error.exit, task) {
            (Exit::Interrupted, Some(task)) => {
                CliError { hint: format!("`snipara-orchestrator run --task {task}` runs it again"), ..error }
            }
            (Exit::CouldNot, Some(task)) if error.code == "store_unavailable" => CliError {
                hint: format!(
                    "free some space or see what `snipara-orchestrator doctor` says, then `snipara-orchestrator run \
                     --task {task}`; the attempt is recorded as interrupted as soon as its lease ran out"
                ),
                ..error
            },
            _ => error,
        })
    })?;
    show(context, &report)?;
    Ok(exit_code::of_task(&report))
}

/// Waits for the end. The first signal stops the run with all its processes and waits until that is recorded; the
/// second one does not wait.
async fn finish(
    orchestrator: &Orchestrator,
    handle: &RunHandle,
    interrupt: &mut Interrupt,
    output: &Output,
) -> Result<TaskReport, CliError> {
    let mut stopping = false;
    loop {
        tokio::select! {
            answer = handle.wait(None) => {
                let report = answer.ok_or_else(|| CliError::bug("a wait without a limit ended early"))??;
                orchestrator.shut_down().await;
                return Ok(report);
            }
            () = interrupt.next() => {
                if stopping {
                    return Err(CliError::interrupted());
                }
                stopping = true;
                output.note("stopping the run and all its processes; once more to leave at once");
                handle.cancel();
            }
        }
    }
}

/// Shows a report: the document, the whole panel, or the verdict alone.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn show(context: &Context, task: &TaskReport) -> Result<(), CliError> {
    let quiet = context.output.quiet;
    context.output.result(task, |paint| if quiet { report_verdict(task, *paint) } else { report(task, *paint) })
}
