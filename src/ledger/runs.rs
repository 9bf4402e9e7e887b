//! Tasks and their attempts in the book: created, started, interrupted.

use serde_json::{Map, Value, json};

use super::append::Ledger;
use super::{EntryKind, EntryRef, LedgerError, chain};
use crate::domain::{Cause, Fence, RunHolder, RunRecord, RunState, Task, TaskId, TaskReport, TaskStatus};
use crate::store::{NewRun, StoreError};

/// What a new attempt is started with.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStart {
    /// Who runs it.
    pub holder: RunHolder,
    /// Marks the environment of its commands.
    pub cookie: String,
    /// How long the lease holds without renewal, in milliseconds.
    pub lease_ms: i64,
    /// The digest of the configuration in force.
    pub config_digest: String,
    /// Production's origin.
    pub production_origin: String,
    /// What else is recorded: options, commit. A `criteria_digest` here must be the one that the task was created
    /// with.
    pub payload: Value,
}

impl Ledger {
    /// Creates a task: its row and its entry in one transaction. The row keeps the criteria as they are, so that the
    /// task can run again; the entry, which cannot be changed any more, tells them without secrets, with the digest.
    ///
    /// # Errors
    /// When the task is not pending or its criteria do not have their digest, or when the store cannot be written.
    pub async fn create_task(&self, task: &Task) -> Result<EntryRef, LedgerError> {
        if task.status != TaskStatus::Pending || task.attempt != 0 {
            return Err(LedgerError::misuse("a task is created pending"));
        }
        if task.criteria.digest()? != task.criteria_digest {
            return Err(LedgerError::CriteriaChanged { task_id: task.id.clone() });
        }
        let payload = json!({
            "title": task.title,
            "description": task.description,
            "criteria": task.criteria.redacted(self.redactor()),
            "criteria_digest": task.criteria_digest,
        });
        let mut writing = self.begin(None).await?;
        writing.transaction.insert_task(task).await?;
        let written = writing.write(EntryKind::TaskCreated, Some(&task.id), None, &payload).await?;
        self.finish(writing).await?;
        Ok(written)
    }

    /// Starts the next attempt of a task: takes the lease with a new token, sets IN_PROGRESS, and appends
    /// `run_started` and the transition, all in one transaction.
    ///
    /// A run whose lease ran out still holds its task until it was recorded as interrupted.
    ///
    /// # Errors
    /// [`LedgerError::Held`] while another run has the task, [`LedgerError::NotRunnable`] for a task that cannot go
    /// to IN_PROGRESS, [`LedgerError::CriteriaChanged`] when its bar is not the one that the chain knows.
    pub async fn start_run(&self, id: &TaskId, start: RunStart) -> Result<(Fence, Vec<EntryRef>), LedgerError> {
        let mut writing = self.begin(None).await?;
        let mut task = writing.transaction.task(id).await?;
        if let Some(run) = writing.transaction.running_of(id).await? {
            return Err(LedgerError::Held(Box::new(run)));
        }
        let from = task.status;
        if !from.can_become(TaskStatus::InProgress) {
            return Err(LedgerError::NotRunnable { status: from });
        }
        let fixed: Value = match writing.transaction.creation_of(id).await? {
            Some((text, hash)) if chain::digest(&text) == hash => serde_json::from_str(&text).unwrap_or(Value::Null),
            _ => Value::Null,
        };
        let fixed = fixed.pointer("/payload/criteria_digest").and_then(Value::as_str);
        // The row may have been edited and put back since the caller set its bar from it.
        let asked = start.payload.get("criteria_digest").and_then(Value::as_str).or(fixed);
        if fixed != Some(&task.criteria_digest) || asked != fixed {
            return Err(LedgerError::CriteriaChanged { task_id: id.clone() });
        }

        let token = writing.transaction.next_token().await?;
        writing.set_token(token);
        let attempt = task.attempt.saturating_add(1);
        let fence = Fence { task_id: id.clone(), attempt, token };
        let run = NewRun {
            fence: &fence,
            holder: &start.holder,
            cookie: &start.cookie,
            started_at: writing.at(),
            lease_expires_at: writing.at().plus_ms(start.lease_ms),
            config_digest: &start.config_digest,
            production_origin: &start.production_origin,
        };
        writing.transaction.insert_run(&run).await?;
        let payload = started(&fence, &start);
        writing.write(EntryKind::RunStarted, Some(id), Some(attempt), &payload).await?;
        let transition = transition(from, TaskStatus::InProgress, None);
        writing.write(EntryKind::Transition, Some(id), Some(attempt), &transition).await?;
        writing.set_status(&mut task, TaskStatus::InProgress, None, attempt).await?;
        let written = self.finish(writing).await?;
        Ok((fence, written))
    }

    /// Records that a run's process is gone: the entry, the transition to `status`, the run's end, in one transaction.
    /// Does nothing and answers `false` when the run was renewed, ended or taken over meanwhile.
    ///
    /// # Errors
    /// When the lifecycle has no such transition, the report is of another status, or the store cannot be written.
    pub async fn interrupt(
        &self,
        run: &RunRecord,
        status: TaskStatus,
        report: &TaskReport,
    ) -> Result<bool, LedgerError> {
        if report.status != status {
            return Err(LedgerError::misuse("an interrupted run's report is of another status"));
        }
        let fence = &run.fence;
        let mut writing = self.begin(Some(fence.token)).await?;
        let now = writing.transaction.running_of(&fence.task_id).await?;
        if now.is_none_or(|now| now.fence != *fence || now.lease_expires_at != run.lease_expires_at) {
            return Ok(false);
        }
        let mut task = match writing.transaction.task(&fence.task_id).await {
            Err(StoreError::NoTask(_)) => return Ok(false),
            task => task?,
        };
        let payload = json!({
            "holder": holder(&run.holder),
            "lease_expired_at": run.lease_expires_at,
        });
        let (id, attempt) = (Some(&fence.task_id), Some(fence.attempt));
        writing.write(EntryKind::RunInterrupted, id, attempt, &payload).await?;
        if task.status != status {
            let cause = (status != TaskStatus::Done).then_some(Cause::Interrupted);
            let transition = transition(task.status, status, cause);
            writing.write(EntryKind::Transition, id, attempt, &transition).await?;
            writing.set_status(&mut task, status, cause, fence.attempt).await?;
        }
        let at = writing.at();
        writing.transaction.end_run(fence, RunState::Interrupted, report, at).await?;
        self.finish(writing).await?;
        Ok(true)
    }
}

/// Our facts stand around the given ones and win over them.
fn started(fence: &Fence, start: &RunStart) -> Value {
    let mut payload = match &start.payload {
        Value::Object(fields) => fields.clone(),
        Value::Null => Map::new(),
        other => Map::from_iter([("payload".to_owned(), other.clone())]),
    };
    payload.insert("attempt".to_owned(), fence.attempt.into());
    payload.insert("token".to_owned(), fence.token.to_string().into());
    payload.insert("holder".to_owned(), holder(&start.holder));
    payload.insert("config_digest".to_owned(), start.config_digest.clone().into());
    payload.insert("production_origin".to_owned(), start.production_origin.clone().into());
    Value::Object(payload)
}

fn holder(holder: &RunHolder) -> Value {
    json!({
        "label": holder.label,
        "process": {
            "process_id": holder.process.process_id,
            "start_ticks": holder.process.start_ticks.to_string(),
            "boot_id": holder.process.boot_id,
        },
    })
}

fn transition(from: TaskStatus, to: TaskStatus, cause: Option<Cause>) -> Value {
    json!({ "from": from, "to": to, "cause": cause })
}
