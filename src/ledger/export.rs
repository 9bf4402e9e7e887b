//! What leaves the ledger: receipts of attempts, and the chain line by line.

use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::append::Ledger;
use super::{Entry, Fact, LedgerError, fact};
use crate::domain::{CanonicalError, RunRecord, RunState, Task, TaskId, TaskStatus};

/// Names the shape of a receipt's predicate.
pub const RECEIPT_PREDICATE_TYPE: &str = "https://snipara.com/orchestrator/task-receipt/v1";

/// The type of the statement (in-toto attestation framework, Statement v1).
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

const PAGE: i64 = 1000;

impl Ledger {
    /// Makes the receipt of an attempt (the last one when not given): an in-toto Statement v1, `signed: false`.
    ///
    /// # Errors
    /// [`LedgerError::NoAttempt`], or when an entry does not have its hash, or when the store cannot be read.
    pub async fn receipt(&self, id: &TaskId, attempt: Option<u32>) -> Result<Value, LedgerError> {
        let mut task = self.store().task(id).await?;
        task.criteria = task.criteria.redacted(self.redactor());
        let attempt = attempt.unwrap_or(task.attempt);
        let run = self.store().run(id, attempt).await?;
        let run = run.ok_or_else(|| LedgerError::NoAttempt { task_id: id.clone(), attempt })?;
        let entries = self.task_entries(id, Some(attempt)).await?;
        Ok(receipt(self.project(), &task, &run, &entries)?)
    }

    /// Reads the chain from entry `from` to entry `to` (to its end when not given) as JSON lines, page by page.
    ///
    /// A line is `{"seq", "hash", "prev_hash", "canonical", "body", "key_id", "signature"}`. `canonical` is the text
    /// exactly as it is stored: `jq -j .canonical | sha256sum` gives the hash. Nothing is judged here.
    pub fn export_lines(
        &self,
        from: u64,
        to: Option<u64>,
    ) -> impl Stream<Item = Result<String, LedgerError>> + Send + use<> {
        let first = i64::try_from(from.saturating_sub(1)).unwrap_or(i64::MAX);
        let last = to.and_then(|to| i64::try_from(to).ok()).unwrap_or(i64::MAX);
        let ledger = self.clone();
        stream::try_unfold(first, move |after| {
            let ledger = ledger.clone();
            async move {
                let mut page = ledger.store().entries_since(after, PAGE).await?;
                page.retain(|entry| entry.seq <= last);
                let Some(end) = page.last().map(|entry| entry.seq) else { return Ok(None) };
                let lines: Vec<String> = page.iter().map(|entry| json!(entry).to_string()).collect();
                Ok::<_, LedgerError>(Some((stream::iter(lines).map(Ok), end)))
            }
        })
        .try_flatten()
    }
}

/// Puts a receipt together from what is in the ledger.
fn receipt(project: &str, task: &Task, run: &RunRecord, entries: &[Entry]) -> Result<Value, CanonicalError> {
    let started = entries.iter().find_map(|entry| match &entry.fact {
        Fact::RunStarted(started) => Some(&started.conditions),
        _ => None,
    });
    let build = started.and_then(|started| started.commit.as_ref());
    let last = entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Transition(transition) => Some(transition),
        _ => None,
    });
    // A tombstone is evidence of nothing: its hash does not cover what it says.
    let whole = || entries.iter().filter(|entry| !entry.is_tombstone);
    let decision = whole().rev().find(|entry| matches!(entry.fact, Fact::Decision(_)));
    let proofs = whole().filter(|entry| matches!(entry.fact, Fact::Proof(_)));

    let mut subject: Vec<Value> = Vec::new();
    if let Some(build) = build {
        subject.push(json!({ "name": "commit", "digest": { "gitCommit": build.head } }));
    }
    subject.extend(entries.iter().map(|entry| {
        let digest = entry.hash.strip_prefix("sha256:").unwrap_or(&entry.hash);
        json!({ "name": format!("ledger/{project}/{}", entry.seq), "digest": { "sha256": digest } })
    }));

    Ok(json!({
        "_type": STATEMENT_TYPE,
        "subject": subject,
        "predicateType": RECEIPT_PREDICATE_TYPE,
        "predicate": {
            "signed": false,
            "project": project,
            "task_id": task.id,
            "title": task.title,
            "attempt": run.fence.attempt,
            "status": last.map_or(TaskStatus::Pending, |transition| transition.to),
            "cause": last.and_then(|transition| transition.cause),
            "running": run.state == RunState::Running,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "criteria": task.criteria,
            "criteria_digest": task.criteria_digest,
            "config_digest": started.map(|started| &started.config_digest),
            "production_origin": started.map(|started| &started.production_origin),
            "commit": build.map(|build| json!({ "dirty": build.dirty, "head": build.head })),
            "proofs": proofs.map(with_place).collect::<Result<Vec<_>, _>>()?,
            "decision": decision.map(with_place).transpose()?,
        },
    }))
}

/// Returns an entry's fact with its number and hash.
fn with_place(entry: &Entry) -> Result<Value, CanonicalError> {
    let (mut payload, _) = fact::shown(&entry.fact, None)?;
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("seq".to_owned(), entry.seq.into());
        fields.insert("hash".to_owned(), entry.hash.clone().into());
    }
    Ok(payload)
}
