//! Tasks and their attempts in the ledger: created, started, interrupted.

use super::append::Ledger;
use super::entry::fact_of;
use super::{EntryRef, Fact, LedgerError, RunConditions, RunInterrupted, RunStarted, TaskCreated, Transition, chain};
use crate::domain::{Cause, Fence, RunRecord, RunState, Task, TaskId, TaskReport, TaskStatus};
use crate::store::{NewRun, StoreError};

/// What a new attempt is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStart {
    /// Marks the environment of its commands.
    pub cookie: String,
    /// How long the lease holds without renewal, in milliseconds.
    pub lease_ms: i64,
    /// What is recorded. Its criteria's digest must be the one that the task was created with.
    pub conditions: RunConditions,
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
            return Err(LedgerError::CriteriaChanged(task.id.clone()));
        }
        let created = TaskCreated {
            title: task.title.clone(),
            description: task.description.clone(),
            criteria: Some(task.criteria.redacted(self.redactor())),
            criteria_digest: task.criteria_digest.clone(),
        };
        let mut append = self.begin(None).await?;
        append.transaction.insert_task(task).await?;
        let written = append.write(Some(&task.id), None, &Fact::TaskCreated(Box::new(created))).await?;
        self.finish(append).await?;
        Ok(written)
    }

    /// Starts the next attempt of a task: takes the lease with a new token, sets IN_PROGRESS, and appends
    /// `run_started` and the transition, all in one transaction.
    ///
    /// A run whose lease has ended holds its task until it is recorded as interrupted.
    ///
    /// # Errors
    /// [`LedgerError::Held`] while another run has the task, [`LedgerError::NotRunnable`] for a task that cannot go
    /// to IN_PROGRESS, [`LedgerError::CriteriaChanged`] when its bar is not the one that the chain knows.
    pub async fn start_run(&self, id: &TaskId, start: RunStart) -> Result<(Fence, Vec<EntryRef>), LedgerError> {
        let mut append = self.begin(None).await?;
        let mut task = append.transaction.task(id).await?;
        if let Some(run) = append.transaction.running_of(id).await? {
            return Err(LedgerError::Held(Box::new(run)));
        }
        let from = task.status;
        if !from.can_become(TaskStatus::InProgress) {
            return Err(LedgerError::NotRunnable(from));
        }
        let fixed = match append.transaction.creation_of(id).await? {
            Some((text, hash)) if chain::digest(&text) == hash => fact_of(&text, None),
            _ => None,
        };
        let fixed = match &fixed {
            Some(Fact::TaskCreated(created)) => Some(&created.criteria_digest),
            _ => None,
        };
        // The row may have been edited and put back since the caller set its bar from it.
        if fixed != Some(&task.criteria_digest) || fixed != Some(&start.conditions.criteria_digest) {
            return Err(LedgerError::CriteriaChanged(id.clone()));
        }

        let token = append.transaction.next_token().await?;
        append.set_token(token);
        let attempt = task.attempt.saturating_add(1);
        let fence = Fence { task_id: id.clone(), attempt, token };
        let run = NewRun {
            fence: &fence,
            holder: &start.conditions.holder,
            cookie: &start.cookie,
            started_at: append.at(),
            lease_expires_at: append.at().plus_ms(start.lease_ms),
            config_digest: &start.conditions.config_digest,
            production_origin: &start.conditions.production_origin,
        };
        append.transaction.insert_run(&run).await?;
        let started = RunStarted { attempt, token, conditions: start.conditions };
        append.write(Some(id), Some(attempt), &Fact::RunStarted(Box::new(started))).await?;
        let transition = Transition { from, to: TaskStatus::InProgress, cause: None };
        append.write(Some(id), Some(attempt), &Fact::Transition(transition)).await?;
        append.move_task(&mut task, &transition, attempt).await?;
        let written = self.finish(append).await?;
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
        let mut append = self.begin(Some(fence.token)).await?;
        let now = append.transaction.running_of(&fence.task_id).await?;
        if now.is_none_or(|now| now.fence != *fence || now.lease_expires_at != run.lease_expires_at) {
            return Ok(false);
        }
        let mut task = match append.transaction.task(&fence.task_id).await {
            Err(StoreError::NoTask(_)) => return Ok(false),
            task => task?,
        };
        let interrupted = RunInterrupted { holder: run.holder.clone(), lease_expired_at: run.lease_expires_at };
        let (id, attempt) = (Some(&fence.task_id), Some(fence.attempt));
        append.write(id, attempt, &Fact::RunInterrupted(interrupted)).await?;
        if task.status != status {
            let cause = (status != TaskStatus::Done).then_some(Cause::Interrupted);
            let transition = Transition { from: task.status, to: status, cause };
            append.write(id, attempt, &Fact::Transition(transition)).await?;
            append.move_task(&mut task, &transition, fence.attempt).await?;
        }
        let at = append.at();
        append.transaction.end_run(fence, RunState::Interrupted, report, at).await?;
        self.finish(append).await?;
        Ok(true)
    }
}
