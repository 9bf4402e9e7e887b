//! The Tasks extension (SEP-2663): a run as a task of the protocol, answered from the ledger alone.
//!
//! Nothing is kept here: a task of the protocol is one attempt of ours. Every process that opens the same ledger answers
//! for it, also after a restart, for as long as the ledger is kept.

use rmcp::RoleServer;
use rmcp::model::{CreateTaskResult, DetailedTask, GetTaskResult, JsonObject, Task, TaskPayload};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::domain::{Cause, TaskReport, TaskStatus, marked, one_line};
use crate::orchestrator::{AttemptStanding, InvalidError, OrchestratorError, RunHandle};
use crate::tools::{own_words, task_reply};

use super::protocol_version::is_stateless_era;
use super::server::Server;
use super::tool_call;

/// How often a client looks, in milliseconds.
const POLL_INTERVAL_MS: u64 = 1_000;
/// How long a status message may be, in characters.
const MESSAGE: usize = 300;
/// JSON-RPC's code for an internal error, the one that a run has whose process is gone.
const INTERNAL_ERROR: i32 = -32603;

/// Tells whether a call is answered by a task: the client says with each request that it knows them.
///
/// Requests of older versions do not say so. Some clients, such as the Inspector, name the extension at `initialize` and
/// then take a task for a broken result. There the answer is always the result itself.
pub(super) fn is_wanted(request: &RequestContext<RoleServer>) -> bool {
    is_stateless_era(request) && request.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks())
}

/// Returns the handle of a run that was just started; whoever asks for it from now on gets an answer.
///
/// # Errors
/// When the ledger does not tell of it.
pub(super) async fn created(server: &Server, run: &RunHandle) -> Result<CreateTaskResult, OrchestratorError> {
    let standing = server.orchestrator().await?.attempt_status(run.task_id().as_str(), run.attempt()).await?;
    Ok(CreateTaskResult::new(task_of(server, &standing)))
}

/// Answers `tasks/get`.
///
/// # Errors
/// When there is no such task.
pub(super) async fn get(
    server: &Server,
    id: &str,
    request: &RequestContext<RoleServer>,
) -> Result<GetTaskResult, OrchestratorError> {
    let (task_id, attempt) = read_id(id)?;
    let standing = server.orchestrator().await?.attempt_status(task_id, attempt).await?;
    let payload = payload(server, &standing.report, is_stateless_era(request)).await?;
    Ok(GetTaskResult::new(DetailedTask::new(task_of(server, &standing), payload)))
}

/// Answers `tasks/update`. A run never asks for anything, so the input is ignored.
///
/// # Errors
/// When there is no such task.
pub(super) async fn update(server: &Server, id: &str) -> Result<(), OrchestratorError> {
    let (task_id, attempt) = read_id(id)?;
    server.orchestrator().await?.attempt_status(task_id, attempt).await.map(drop)
}

/// Answers `tasks/cancel`; one that has ended stays as it is.
///
/// # Errors
/// When there is no such task, or when it could not be told to stop.
pub(super) async fn cancel(server: &Server, id: &str) -> Result<(), OrchestratorError> {
    let (task_id, attempt) = read_id(id)?;
    let orchestrator = server.orchestrator().await?;
    let standing = orchestrator.attempt_status(task_id, attempt).await?;
    if !standing.report.running {
        return Ok(());
    }
    match orchestrator.cancel_task(task_id).await {
        // It ended by itself in between.
        Ok(_) | Err(OrchestratorError::Invalid(InvalidError::NotRunning { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reads the id of a protocol's task: our task and its attempt, `task_….1`.
fn read_id(id: &str) -> Result<(&str, u32), OrchestratorError> {
    let read = id.rsplit_once('.').and_then(|(task_id, attempt)| Some((task_id, attempt.parse().ok()?)));
    let written = |(task_id, attempt): &(&str, u32)| format!("{task_id}.{attempt}") == id;
    read.filter(written).ok_or_else(|| {
        let message = format!("there is no task `{}`", one_line(id, 80));
        OrchestratorError::not_found(message, "give the taskId that tools/call answered")
    })
}

fn task_of(server: &Server, standing: &AttemptStanding) -> Task {
    let report = &standing.report;
    let mut task = Task::new(
        format!("{}.{}", report.task_id, report.attempt),
        rmcp::model::TaskStatus::Working,
        standing.started_at.to_rfc3339(),
        standing.changed_at.to_rfc3339(),
    )
    .with_status_message(shown(server, &message(report)));
    if report.running {
        task = task.with_poll_interval_ms(POLL_INTERVAL_MS);
    }
    task
}

fn shown(server: &Server, sentence: &str) -> String {
    let own = server.is_locked_down().then(|| own_words(sentence));
    one_line(&marked(own.as_deref().unwrap_or(sentence)), MESSAGE)
}

/// What a person reads: the phase while it runs, what came of it afterwards.
fn message(report: &TaskReport) -> String {
    if !report.running {
        let cause = report.cause.map(|cause| format!(" ({})", cause.as_str())).unwrap_or_default();
        return format!("{}{cause}: {}", report.status, report.next_step);
    }
    let phase = match report.status {
        TaskStatus::Pending | TaskStatus::InProgress | TaskStatus::LocalFail => "local tests",
        TaskStatus::LocalOk => "drift check",
        TaskStatus::Validating => "production checks",
        TaskStatus::ProdFail | TaskStatus::EnvDrift => "looking whether drift explains the failure",
        TaskStatus::ProdOk | TaskStatus::Done => "the gate let it pass",
    };
    format!("{}: {phase}", report.status)
}

/// Returns the protocol's status of an end. A refusal by the gate is a result like any other; only a run that nobody carried to
/// its end has failed.
async fn payload(server: &Server, report: &TaskReport, modern: bool) -> Result<TaskPayload, OrchestratorError> {
    if report.running {
        return Ok(TaskPayload::Working);
    }
    match report.cause {
        Some(Cause::Cancelled) => Ok(TaskPayload::Cancelled),
        Some(Cause::Interrupted) => Ok(TaskPayload::Failed { error: interrupted(server, report) }),
        Some(Cause::Failed | Cause::Unverified | Cause::Drift) | None => {
            Ok(TaskPayload::Completed { result: result(server, report, modern).await? })
        }
    }
}

/// Returns what `run_task` would have answered.
async fn result(server: &Server, report: &TaskReport, modern: bool) -> Result<JsonObject, OrchestratorError> {
    let answer = task_reply::answer(report).released(server.orchestrator().await?.redactor())?;
    let mut result = tool_call::result(server.let_out(answer));
    if !modern {
        // As rmcp does it for an answer that is not inside a task.
        result.result_type = None;
    }
    match serde_json::to_value(result)? {
        Value::Object(result) => Ok(result),
        _ => Err(OrchestratorError::internal("the result of a call is not an object")),
    }
}

fn interrupted(server: &Server, report: &TaskReport) -> JsonObject {
    let message = format!("attempt {} was interrupted: the process that ran it is gone", report.attempt);
    let data = json!({ "code": "interrupted", "task_id": report.task_id, "status": report.status, "hint": shown(server, &report.next_step) });
    JsonObject::from_iter([
        ("code".to_owned(), INTERNAL_ERROR.into()),
        ("message".to_owned(), message.into()),
        ("data".to_owned(), data),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_any_other_text_is_unknown() {
        assert_eq!(read_id("task_1.12").expect("read"), ("task_1", 12));
        for wrong in ["", "task_1", "task_1.", "task_1.x", "task_1.-1", "task_1.+1", "task_1.01", "task_1.99999999999"]
        {
            assert_eq!(read_id(wrong).expect_err("unknown").code(), "not_found", "{wrong}");
        }
    }
}
