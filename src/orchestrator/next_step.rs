//! What to do now: one imperative sentence for a model and for a person.

use crate::domain::{
    ANONYMOUS, Cause, DriftAnswer, DriftReport, Proof, ProofResult, Task, TaskReport, TaskStatus, one_line,
};

/// How long a quoted reason may be, in characters.
const QUOTE: usize = 160;

/// Returns the next step of a report whose other fields are filled in.
pub(super) fn next_step(task: &Task, report: &TaskReport, proofs: &[Proof], drift: Option<&DriftReport>) -> String {
    let id = &task.id;
    if report.running {
        return format!("Call task_status with task_id {id} and wait_seconds 45 until it has ended.");
    }
    match (task.status, report.cause) {
        (TaskStatus::Done, _) => format!("Report the task as done: task {id}, attempt {}.", report.attempt),
        (_, Some(Cause::Interrupted)) => {
            format!("Run it again with task_id {id}: the process that ran it ended before it was finished.")
        }
        (_, Some(Cause::Cancelled)) => format!("Run it again with task_id {id} when it may go on."),
        (TaskStatus::LocalFail, _) => local_fail(report, id.as_str()),
        (TaskStatus::EnvDrift, _) => env_drift(drift, id.as_str()),
        (TaskStatus::ProdFail, _) => prod_fail(report, proofs, id.as_str()),
        _ => format!("Run it with task_id {id}."),
    }
}

fn local_fail(report: &TaskReport, id: &str) -> String {
    match report.failing.first() {
        Some(row) if row.result == ProofResult::Unverified => {
            let why = first_line(row.error_message.as_deref());
            format!("Make `{}` runnable ({why}), then run it again with task_id {id}.", one_line(&row.endpoint, 80))
        }
        Some(row) => {
            let why = first_line(row.error_message.as_deref());
            format!("Fix `{}` ({why}), then run it again with task_id {id}.", one_line(&row.endpoint, 80))
        }
        None => format!("Fix the local tests, then run it again with task_id {id}."),
    }
}

fn env_drift(drift: Option<&DriftReport>, id: &str) -> String {
    let first = drift.into_iter().flat_map(|report| &report.checks).find_map(|check| match &check.answer {
        DriftAnswer::Found { recommendation, .. } => Some(one_line(recommendation, QUOTE)),
        _ => None,
    });
    let advice = first.unwrap_or_else(|| "Remove the drift".to_owned());
    format!("{}, then run it again with task_id {id}.", advice.trim_end_matches('.'))
}

fn prod_fail(report: &TaskReport, proofs: &[Proof], id: &str) -> String {
    let Some(row) = report.failing.first() else {
        let why = report.gate.as_ref().and_then(|gate| gate.reasons.first());
        return match why {
            Some(why) => format!("Meet the gate in a new task: {}.", one_line(why, QUOTE).trim_end_matches('.')),
            None => format!("Run it again with task_id {id}."),
        };
    };
    let why = first_line(row.error_message.as_deref());
    let anonymous = proofs.iter().any(|proof| proof.check == row.check && proof.user_tested == ANONYMOUS);
    match (row.result, row.response_code) {
        (ProofResult::Unverified, _) => {
            format!("Make {} observable ({why}), then run it again with task_id {id}.", row.check)
        }
        (_, Some(401 | 403)) if anonymous => format!(
            "Log in as a test user: set `user` on {} in a new task, or fix production ({why}) and run it again with task_id {id}.",
            row.check
        ),
        _ => format!(
            "Fix {} {} ({why}), deploy, then run it again with task_id {id}.",
            row.check,
            one_line(&row.endpoint, 100)
        ),
    }
}

fn first_line(message: Option<&str>) -> String {
    one_line(message.and_then(|message| message.lines().next()).unwrap_or("no reason was recorded"), QUOTE)
}
