//! One attempt of a task, also an earlier one, for as long as the ledger is kept.

use std::time::Duration;

use crate::domain::{Fence, RunRecord, TaskReport, TaskStatus, Timestamp};
use crate::orchestrator::error::Disagreement;
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError, UnavailableError};

/// Where one attempt of a task stands, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptStanding {
    /// What it answers, or would answer now.
    pub report: TaskReport,
    /// When it began.
    pub started_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
}

impl Orchestrator {
    /// Tells where one attempt of a task stands, whoever runs or ran it.
    ///
    /// # Errors
    /// When there is no such task or attempt, or as [`Orchestrator::task_status`].
    pub async fn attempt_status(&self, task_id: &str, attempt: u32) -> Result<AttemptStanding, OrchestratorError> {
        // Every question about a task goes this way: it finds runs whose process is gone, and believes no edited row.
        let present = self.task_status(task_id, Duration::ZERO).await?;
        let store = self.deps.ledger.store();
        let Some(run) = store.run(&present.task_id, attempt).await? else {
            return Err(InvalidError::UnknownAttempt { task_id: present.task_id, attempt }.into());
        };
        let started_at = run.started_at;
        if attempt != present.attempt {
            let changed_at = run.ended_at.unwrap_or(started_at);
            return Ok(AttemptStanding { report: earlier(run)?, started_at, changed_at });
        }
        let changed_at = match run.ended_at {
            Some(ended_at) if !present.running => ended_at,
            _ => store.task(&present.task_id).await?.updated_at.max(started_at),
        };
        Ok(AttemptStanding { report: present, started_at, changed_at })
    }
}

/// Returns what an attempt answered that others followed. Nothing follows one that is done: such a row was edited.
fn earlier(run: RunRecord) -> Result<TaskReport, OrchestratorError> {
    let kept = run.report.filter(|report| !matches!(report.status, TaskStatus::ProdOk | TaskStatus::Done));
    let Fence { task_id, attempt, .. } = run.fence;
    kept.ok_or_else(|| UnavailableError::from(Disagreement::EarlierAttempt { task_id, attempt }).into())
}
