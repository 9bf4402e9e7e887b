//! What production shows before a deploy: a task's safe checks, observed without a run (docs/design/gate.md G18).

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::report::report;
use crate::domain::{Request, RunRequest, Task, TaskId, TaskReport};
use crate::gatekeeper::{EvidenceRecorder, ProofStamp, Requirements};
use crate::orchestrator::{InternalError, InvalidError, Orchestrator, OrchestratorError};

/// A baseline that is being observed in the background of this process.
#[derive(Debug)]
pub struct BaselineHandle {
    task_id: TaskId,
    observing: JoinHandle<Result<TaskReport, OrchestratorError>>,
    /// Stops the observation when nobody waits for it any more.
    stop: DropGuard,
}

impl BaselineHandle {
    /// Returns the task that is observed.
    pub const fn task_id(&self) -> &TaskId {
        &self.task_id
    }

    /// Waits for the end, at most `limit`; nothing when it goes on then, which it does without this handle.
    ///
    /// # Errors
    /// When what was observed could not be recorded.
    pub async fn wait(self, limit: Option<Duration>) -> Result<Option<TaskReport>, OrchestratorError> {
        let ended = match limit {
            Some(limit) => tokio::time::timeout(limit, self.observing).await.ok(),
            None => Some(self.observing.await),
        };
        let Some(ended) = ended else {
            self.stop.disarm();
            return Ok(None);
        };
        ended.map_err(InternalError::from)?.map(Some)
    }
}

impl Orchestrator {
    /// Makes the task, or takes one that was not run yet, and begins to observe its safe checks. The task stays pending; what
    /// is observed is recorded with it and is no proof. A later run compares with it.
    ///
    /// # Errors
    /// Bad input, a task that was run already, or when the ledger cannot be written.
    pub async fn start_baseline(&self, request: RunRequest) -> Result<BaselineHandle, OrchestratorError> {
        let _starting = self.tracker.token();
        self.goes_on()?;
        let production = self.production()?.clone();
        self.nothing_held_back()?;
        request.check()?;
        self.recover().await?;
        let (task, new) = self.asked_task(&request, &production).await?;
        if task.attempt > 0 {
            return Err(InvalidError::WasRun { task_id: task.id, status: task.status }.into());
        }
        let requirements = self.gatekeeper()?.requirements(&task.criteria)?;
        requirements.checklist().iter().try_for_each(|item| self.can_ask(item.prepared()))?;
        if new {
            self.deps.ledger.create_task(&task).await?;
            self.own(&task.id).await?;
        }
        let (this, task_id, cancel) = (self.clone(), task.id.clone(), self.stop.child_token());
        let stop = cancel.clone().drop_guard();
        let observing = self.tracker.spawn(async move { this.baseline(&task, &requirements, &cancel).await });
        Ok(BaselineHandle { task_id, observing, stop })
    }

    async fn baseline(
        &self,
        task: &Task,
        requirements: &Requirements,
        cancel: &CancellationToken,
    ) -> Result<TaskReport, OrchestratorError> {
        let stamp = ProofStamp {
            commit: self.deps.executor.build_identity().await,
            criteria_digest: Some(task.criteria_digest.clone()),
            config_digest: Some(self.deps.config_digest.clone()),
            untrusted_settings: !self.deps.untrusted.is_empty(),
            caller: None,
        };
        let recorder = EvidenceRecorder::of_baseline(self.deps.ledger.clone(), task.id.clone(), stamp);
        self.gatekeeper()?.for_run(&self.deps.executor).observe_baseline(&recorder, requirements, cancel).await?;
        let entries = self.deps.ledger.task_entries(&task.id, Some(0)).await?;
        let head = self.deps.ledger.head().await?;
        let mut report = report(task, &entries, false, &head, self.deps.clock.now());
        report.warnings.splice(0..0, self.setting_warnings().iter().cloned());
        Ok(report)
    }
}
