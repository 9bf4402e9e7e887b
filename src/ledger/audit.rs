//! What lies beside the chain, compared with it: bodies, decisions, tasks and their reports.
//!
//! Runs after the chain itself held, so columns of entries can be trusted to say what their content says.

use std::collections::HashSet;

use serde::Deserialize;

use super::entry::fact_of;
use super::fact::REMOVED;
use super::{ChainProblem, Fact, HeadAccepted, LedgerError, Restored, chain};
use crate::domain::{Cause, ChainNotice, Criteria, Repaired, TaskStatus, one_line};
use crate::store::{StoreTransaction, TaskAudit};

const PAGE: i64 = 500;

/// Returns the first disagreement with the chain, and counts the bodies that were removed on purpose.
pub(super) async fn audit(
    transaction: &mut StoreTransaction,
    redacted: &mut u64,
) -> Result<Option<ChainProblem>, LedgerError> {
    if let Some(problem) = bodies(transaction, redacted).await? {
        return Ok(Some(problem));
    }
    if let Some(problem) = decisions(transaction).await? {
        return Ok(Some(problem));
    }
    tasks(transaction).await
}

/// Says where the chain rests on a person's word.
pub(super) async fn notices(transaction: &mut StoreTransaction) -> Result<Vec<ChainNotice>, LedgerError> {
    let mut notices = Vec::new();
    for kind in Fact::OF_A_PERSON {
        for text in transaction.canonical_of_kind(kind).await? {
            let seq = serde_json::from_str::<Numbered>(&text).ok().and_then(|entry| entry.seq.parse().ok());
            let what = match fact_of(&text, None) {
                Some(Fact::HeadAccepted(HeadAccepted { entries, problem, .. })) => {
                    format!("a person accepted {entries} entries: {}", one_line(&problem, 160))
                }
                Some(Fact::Restored(Restored { entries, entries_now, what, .. })) => {
                    let replaced = entries.map_or_else(|| "a ledger".to_owned(), |count| format!("{count} entries"));
                    let what = one_line(&what, 160);
                    format!("a backup with {entries_now} entries took the place of {replaced}: {what}")
                }
                Some(Fact::Repaired(repaired)) => {
                    let Repaired { entries, entries_known, .. } = *repaired;
                    let known = entries_known.map(|known| format!(" of {known}")).unwrap_or_default();
                    format!("a repair carried over {entries}{known} entries")
                }
                _ => format!("the {kind} cannot be read"),
            };
            notices.push(ChainNotice { seq: seq.unwrap_or_default(), what });
        }
    }
    notices.sort_by_key(|notice| notice.seq);
    Ok(notices)
}

async fn bodies(transaction: &mut StoreTransaction, redacted: &mut u64) -> Result<Option<ChainProblem>, LedgerError> {
    if let Some(seq) = transaction.first_entry_without_body().await? {
        let what = format!("the body of entry {seq} is missing and no redaction says that it was removed");
        return Ok(Some(ChainProblem::at(seq, what)));
    }
    let mut after = String::new();
    loop {
        let page = transaction.bodies_page(&after, PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(None) };
        after.clone_from(last);
        for (digest, body, removed_by) in page {
            let wrong = match (body, removed_by) {
                (Some(body), _) => chain::digest(&body) != digest,
                (None, Some(seq)) => {
                    let told = transaction.canonical_at(seq).await?.and_then(|text| fact_of(&text, None));
                    match told {
                        Some(Fact::Redaction(redaction)) => {
                            *redacted += 1;
                            redaction.body_digest != digest
                        }
                        Some(Fact::Repaired(repaired)) => !repaired.lost_bodies.contains(&digest),
                        _ => true,
                    }
                }
                (None, None) => true,
            };
            if wrong && let Some(seq) = transaction.first_entry_with_body(&digest).await? {
                let what = format!("the body of entry {seq} was changed: it does not have its digest");
                return Ok(Some(ChainProblem::at(seq, what)));
            }
        }
    }
}

async fn decisions(transaction: &mut StoreTransaction) -> Result<Option<ChainProblem>, LedgerError> {
    let mut after = i64::MIN;
    loop {
        let page = transaction.decisions_page(after, PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(None) };
        after = *last;
        for (seq, passed, canonical) in page {
            let Some(canonical) = canonical else {
                let what =
                    format!("a decision row names entry {seq}, which is not such a decision: the row was forged");
                return Ok(Some(ChainProblem::at(seq, what)));
            };
            let told = fact_of(&canonical, None);
            if !matches!(told, Some(Fact::Decision(decision)) if decision.verdict.passed == passed) {
                let what = format!("the decision row of entry {seq} says another verdict than the entry");
                return Ok(Some(ChainProblem::at(seq, what)));
            }
        }
    }
}

async fn tasks(transaction: &mut StoreTransaction) -> Result<Option<ChainProblem>, LedgerError> {
    if let Some((seq, id)) = transaction.first_task_without_row().await? {
        let what = format!("task {id} of entry {seq} is missing: its row was deleted");
        return Ok(Some(ChainProblem::at(seq, what)));
    }
    let lost = lost_criteria(transaction).await?;
    let mut after = String::new();
    loop {
        let page = transaction.audit_tasks(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        after.clone_from(&last.id);
        if let Some(problem) = page.iter().find_map(|task| judge(task, lost.contains(&task.id))) {
            return Ok(Some(problem));
        }
    }
}

/// Returns the tasks of which the chain says that a repair could not carry over their criteria.
async fn lost_criteria(transaction: &mut StoreTransaction) -> Result<HashSet<String>, LedgerError> {
    let repairs = transaction.canonical_of_kind(Fact::REPAIRED).await?;
    let lost = repairs.iter().filter_map(|text| match fact_of(text, None) {
        Some(Fact::Repaired(repaired)) => Some(repaired.lost_criteria),
        _ => None,
    });
    Ok(lost.flatten().collect())
}

/// Says what a task's row claims beyond the chain.
fn judge(task: &TaskAudit, criteria_are_lost: bool) -> Option<ChainProblem> {
    let id = one_line(&task.id, 60);
    let status = one_line(&task.status, 20);
    let Some(created) = &task.created else {
        return Some(ChainProblem::beside(format!("task {id} was never created by the ledger: its row was forged")));
    };
    let created = match fact_of(created, task.created_body.as_deref()) {
        Some(Fact::TaskCreated(created)) => Some(created),
        _ => None,
    };
    let digest = serde_json::from_str::<Criteria>(&task.criteria).ok().and_then(|criteria| criteria.digest().ok());
    let created = created.filter(|created| {
        (criteria_are_lost || digest.as_ref() == Some(&task.criteria_digest))
            && (created.criteria_digest == task.criteria_digest || were_redacted(&created.criteria_digest, task))
    });
    let Some(created) = created else {
        return Some(ChainProblem::beside(format!("the criteria of task {id} are not those it was created with")));
    };
    // Nothing is left to compare with once the texts were removed.
    let removed = task.created_body.is_none() && created.title == REMOVED;
    if !removed && (created.title != task.title || created.description != task.description) {
        return Some(ChainProblem::beside(format!("the title or description of task {id} was changed")));
    }
    let last = match task.transition.as_deref().map(|text| fact_of(text, None)) {
        None => None,
        Some(Some(Fact::Transition(transition))) => Some(transition),
        Some(_) => return Some(ChainProblem::beside(format!("the last transition of task {id} cannot be read"))),
    };
    let told = last.map_or(TaskStatus::Pending, |transition| transition.to).as_str();
    if told != task.status {
        let what = format!("task {id} says {status}, but the ledger's last transition of it says {told}");
        return Some(ChainProblem { seq: task.transition_seq.and_then(|seq| u64::try_from(seq).ok()), what });
    }
    if last.and_then(|transition| transition.cause).map(Cause::as_str) != task.cause.as_deref() {
        return Some(ChainProblem::beside(format!("the cause of task {id} is not the one of its last transition")));
    }
    if task.runs_started != task.attempt {
        let what = format!(
            "task {id} says that it was started {} times, but the ledger says {} times",
            task.attempt, task.runs_started
        );
        return Some(ChainProblem::beside(what));
    }
    let done = task.status == TaskStatus::ProdOk.as_str() || task.status == TaskStatus::Done.as_str();
    if done && task.passing_decision.is_none() {
        let what = format!("task {id} says {status}, but no gate let it pass before in that attempt");
        return Some(ChainProblem { seq: task.transition_seq.and_then(|seq| u64::try_from(seq).ok()), what });
    }
    let report = task.report.as_deref().map(serde_json::from_str::<Reported>);
    if report.is_some_and(|report| report.ok().is_none_or(|report| report.status != task.status)) {
        return Some(ChainProblem::beside(format!("the report of task {id} says another status than the task")));
    }
    None
}

/// Tells whether the chain says that the task's criteria are what is left of those it was created with.
fn were_redacted(created_digest: &str, task: &TaskAudit) -> bool {
    let redaction = task.criteria_redaction.as_deref().and_then(|text| fact_of(text, None));
    matches!(redaction, Some(Fact::Redaction(redaction)) if redaction.body_digest == created_digest
        && redaction.tombstone.as_ref() == Some(&task.criteria_digest))
}

/// The part of a run's report that is compared with the chain.
#[derive(Deserialize)]
struct Reported {
    status: String,
}

/// The number of an entry, in its text.
#[derive(Deserialize)]
struct Numbered {
    seq: String,
}
