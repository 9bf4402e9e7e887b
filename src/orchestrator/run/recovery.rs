//! Finds runs whose process is gone, records and sweeps them, at the first call that touches tasks.

use super::report::report;
use crate::domain::{Cause, RunRecord, TaskStatus};
use crate::executor::{Liveness, current_process, liveness, sweep};
use crate::ledger::LedgerError;
use crate::orchestrator::{Orchestrator, OrchestratorError};

/// How often an interruption is tried when the task moves meanwhile.
const TRIES: u32 = 5;
/// How many interrupted runs are swept again when a process begins: the newest.
const SWEPT_AGAIN: u32 = 50;

impl Orchestrator {
    /// Records every run whose process is gone as interrupted, after what it left running was ended. The lease decides
    /// only where the process cannot be seen or is stopped: another clock must not end a run that lives. A stopped one
    /// that goes on later is refused by its fence.
    ///
    /// A sweep that was cut off, or met a process that the kernel held fast, is repeated by the first call of each process.
    pub(in crate::orchestrator) async fn recover(&self) -> Result<(), OrchestratorError> {
        let now = self.deps.clock.now();
        if self.registry.is_first_recovery() {
            let boot_id = current_process().boot_id;
            sweep(&self.deps.ledger.store().interrupted_cookies(&boot_id, SWEPT_AGAIN).await?).await;
        }
        for run in self.deps.ledger.store().running().await? {
            let ours = self.registry.get(&run.fence.task_id).is_some();
            match liveness(&run.holder.process) {
                _ if ours => {}
                Liveness::Lives => {}
                Liveness::Gone => {
                    // Before it is recorded: a process that is killed in between leaves the run as it is.
                    sweep(std::slice::from_ref(&run.cookie)).await;
                    self.record_interruption(&run).await?;
                }
                Liveness::Unknown if run.lease_expires_at > now => {}
                // It may still live, so nothing of it is ended before the store has taken its task away.
                Liveness::Unknown => self.record_interruption(&run).await?,
            }
        }
        Ok(())
    }

    /// A run that only seemed gone may still move its task: then it is looked at anew.
    async fn record_interruption(&self, run: &RunRecord) -> Result<(), OrchestratorError> {
        for _ in 1..TRIES {
            match self.try_to_record_interruption(run).await {
                Err(LedgerError::Transition(_) | LedgerError::Misuse { .. }) => {}
                answer => return Ok(answer?),
            }
        }
        Ok(self.try_to_record_interruption(run).await?)
    }

    async fn try_to_record_interruption(&self, run: &RunRecord) -> Result<(), LedgerError> {
        let ledger = &self.deps.ledger;
        let mut task = ledger.store().task(&run.fence.task_id).await?;
        if let Some(status) = interrupted_status(task.status) {
            task.status = status;
            task.cause = Some(Cause::Interrupted);
        }
        let entries = ledger.task_entries(&task.id, Some(run.fence.attempt)).await?;
        let head = ledger.head().await?;
        let report = report(&task, &entries, false, &head, self.deps.clock.now());
        if ledger.interrupt(run, task.status, &report).await? {
            let swept = sweep(std::slice::from_ref(&run.cookie)).await;
            tracing::info!(task.id = %task.id, attempt = run.fence.attempt, swept, "a run was interrupted");
            self.after_interruption(&report).await;
        }
        Ok(())
    }
}

/// Returns the status of a task whose run ended in the middle, or nothing when its last status is an end already.
const fn interrupted_status(status: TaskStatus) -> Option<TaskStatus> {
    match status {
        TaskStatus::Pending | TaskStatus::InProgress => Some(TaskStatus::LocalFail),
        TaskStatus::LocalOk | TaskStatus::Validating => Some(TaskStatus::ProdFail),
        TaskStatus::LocalFail | TaskStatus::ProdOk | TaskStatus::ProdFail | TaskStatus::EnvDrift | TaskStatus::Done => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a24_an_interrupted_task_never_stands_as_passed() {
        for status in TaskStatus::ALL {
            if let Some(next) = interrupted_status(status) {
                assert!(status.can_become(next) || status == TaskStatus::Pending, "{status} -> {next}");
                assert!(matches!(next, TaskStatus::LocalFail | TaskStatus::ProdFail));
            }
        }
    }
}
