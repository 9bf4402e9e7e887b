//! What production shows before a deploy: a task's safe checks, observed without a run (docs/design/gate.md G18).

use super::report::report;
use crate::domain::{Request, RunRequest, TaskReport};
use crate::gatekeeper::{EvidenceRecorder, ProofStamp};
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError};

impl Orchestrator {
    /// Makes the task, or takes one that was not run yet, and observes its safe checks now. The task stays pending; what is
    /// observed is recorded with it and is no proof. A later run compares with it.
    ///
    /// # Errors
    /// Bad input, a task that was run already, or when the ledger cannot be written.
    pub async fn observe_baseline(&self, request: RunRequest) -> Result<TaskReport, OrchestratorError> {
        let _observing = self.tracker.token();
        self.goes_on()?;
        let production = self.production()?.clone();
        request.check()?;
        self.recover().await?;
        let (task, new) = self.asked_task(&request, &production).await?;
        if task.attempt > 0 {
            return Err(InvalidError::WasRun { task_id: task.id, status: task.status }.into());
        }
        let gatekeeper = self.gatekeeper()?;
        let requirements = gatekeeper.requirements(&task.criteria)?;
        if new {
            self.deps.ledger.create_task(&task).await?;
            self.own(&task.id).await?;
        }
        let stamp = ProofStamp {
            commit: Box::pin(self.deps.executor.build_identity()).await,
            criteria_digest: Some(task.criteria_digest.clone()),
            config_digest: Some(self.deps.config_digest.clone()),
            caller: None,
        };
        let recorder = EvidenceRecorder::of_baseline(self.deps.ledger.clone(), task.id.clone(), stamp);
        gatekeeper.observe_baseline(&recorder, &requirements, &self.stop.child_token()).await?;
        let entries = self.deps.ledger.task_entries(&task.id, Some(0)).await?;
        let head = self.deps.ledger.head().await?;
        Ok(report(&task, &entries, false, &head, self.deps.clock.now()))
    }
}
