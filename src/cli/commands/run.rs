//! `run`.

use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::interrupt::Interrupt;
use crate::cli::live::LiveView;
use crate::cli::output::Output;
use crate::cli::render::{report, report_verdict, run_end};
use crate::domain::{RunRequest, TaskId, TaskReport, TaskStatus};
use crate::orchestrator::{Orchestrator, OrchestratorError, RunHandle};

/// Runs a task to its end and tells its verdict.
///
/// # Errors
/// Bad input, or when the run could not be carried through.
pub(super) fn run(context: &Context, request: RunRequest) -> Result<Exit, CliError> {
    let report = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        let request = all_suites(request, &orchestrator)?;
        if request.baseline {
            return baseline(&orchestrator, request, &mut interrupt).await;
        }
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
            Err(error) => Err(Unfinished::Error(error)),
        };
        let task = view.task();
        drop(view);
        answer.map_err(|end| end.told(task.as_ref()))
    })?;
    let quiet = context.output.quiet;
    context.audit.task(&report.task_id);
    context.output.result(&report, |paint| match quiet {
        true => report_verdict(&report, *paint),
        false => run_end(&report, *paint, context.opened.production()),
    })?;
    // A baseline has observed what it was asked for, whatever that is.
    Ok(if report.status == TaskStatus::Pending { Exit::Success } else { exit_code::of_task(&report) })
}

/// Observes a baseline to its end. Who interrupts it is told the task that stays.
async fn baseline(
    orchestrator: &Orchestrator,
    request: RunRequest,
    interrupt: &mut Interrupt,
) -> Result<TaskReport, CliError> {
    let observing = orchestrator.start_baseline(request).await?;
    let task = observing.task_id().clone();
    let observed = tokio::select! {
        observed = observing.wait(None) => Some(observed),
        () = interrupt.next() => None,
    };
    orchestrator.shut_down().await;
    let interrupted = || CliError {
        hint: format!("`snipara-orchestrator run --task {task} --baseline` observes it again"),
        ..CliError::interrupted()
    };
    observed.ok_or_else(interrupted)??.ok_or_else(interrupted)
}

/// What says nothing of its own asks for everything that is configured.
fn all_suites(request: RunRequest, orchestrator: &Orchestrator) -> Result<RunRequest, CliError> {
    let says_nothing = request.title.is_none()
        && request.task_id.is_none()
        && request.suite.is_empty()
        && request.live_checks.as_ref().is_none_or(Vec::is_empty);
    if !says_nothing {
        return Ok(request);
    }
    let suite: Vec<String> = orchestrator.suite_names().map(str::to_owned).collect();
    if suite.is_empty() {
        return Err(CliError::usage(
            "a task needs a TITLE and an `--endpoint`, and no suites are configured that could be run instead",
            "snipara-orchestrator run \"What was deployed\" --endpoint /api/orders",
        ));
    }
    Ok(RunRequest { suite, ..request })
}

/// Why a run that was started told no report.
enum Unfinished {
    /// A person did not wait for the end.
    Interrupted,
    /// The run could not be carried through.
    Error(OrchestratorError),
}

impl Unfinished {
    /// Tells it with the command that runs the task again, where the task is known by now.
    fn told(self, task: Option<&TaskId>) -> CliError {
        let hint = match (&self, task) {
            (Self::Interrupted, Some(task)) => Some(format!("`snipara-orchestrator run --task {task}` runs it again")),
            (Self::Error(OrchestratorError::Unavailable(error)), Some(task)) if error.is_store() => Some(format!(
                "free some space or see what `snipara-orchestrator doctor` says, then `snipara-orchestrator run \
                 --task {task}`; the next command records this attempt as interrupted"
            )),
            _ => None,
        };
        let error = match self {
            Self::Interrupted => CliError::interrupted(),
            Self::Error(error) => error.into(),
        };
        CliError { hint: hint.unwrap_or(error.hint), ..error }
    }
}

/// Waits for the end. The first signal stops the run with all its processes and waits until that is recorded; the
/// second one does not wait.
async fn finish(
    orchestrator: &Orchestrator,
    handle: &RunHandle,
    interrupt: &mut Interrupt,
    output: &Output,
) -> Result<TaskReport, Unfinished> {
    let mut stopping = false;
    loop {
        tokio::select! {
            answer = handle.wait(None) => {
                let early = || Err(OrchestratorError::internal("a wait without a limit ended early"));
                let report = answer.unwrap_or_else(early).map_err(Unfinished::Error)?;
                orchestrator.shut_down().await;
                return Ok(report);
            }
            () = interrupt.next() => {
                if stopping {
                    return Err(Unfinished::Interrupted);
                }
                stopping = true;
                output.note("stopping the run and all its processes; once more to leave at once");
                handle.cancel();
            }
        }
    }
}

/// Shows where a task stands: the document, all of it, or the verdict alone.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn show(context: &Context, task: &TaskReport) -> Result<(), CliError> {
    let quiet = context.output.quiet;
    context.audit.task(&task.task_id);
    let production = context.opened.production();
    context.output.result(
        task,
        |paint| {
            if quiet { report_verdict(task, *paint) } else { report(task, *paint, production) }
        },
    )
}
