//! The link between a run and the htask that it is for.

use std::time::Duration;

use super::next_step::next_step_for_htask;
use super::prefetch_context::WARNING;
use crate::domain::{HTaskRef, RunRequest, TaskId, TaskReport, TaskStatus, one_line};
use crate::orchestrator::timeout::{CallFailure, with_timeout};
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::snipara::{SniparaError, SniparaKind};
use crate::store::{Store, StoreError};

/// How long the neighbour may take to tell whether an htask exists.
const PATIENCE: Duration = Duration::from_secs(3);

/// The htask of a run, and what the caller is to be warned of.
#[derive(Debug, Default)]
pub(super) struct LinkedHTask {
    pub(super) htask: Option<HTaskRef>,
    pub(super) warnings: Vec<String>,
}

impl Orchestrator {
    /// Finds the htask that a run is asked for; nothing about tasks is written.
    ///
    /// An htask that does not exist is refused. When the hosted service cannot say, the run goes on with a warning: an
    /// outage never keeps anybody from proving anything (gate.md G8).
    pub(super) async fn asked_htask(&self, request: &RunRequest) -> Result<LinkedHTask, OrchestratorError> {
        let Some(task_id) = request.htask_id.clone() else { return Ok(LinkedHTask::default()) };
        let swarm_id = match request.swarm_id.clone() {
            Some(id) => Ok(self.swarm_meant(id).await?),
            None => {
                let this = self.clone();
                with_timeout(PATIENCE, async move { this.project_swarm().await }).await
            }
        };
        let swarm_id = match swarm_id {
            Ok(id) => id,
            Err(failure) => {
                let why = self.outage(failure)?;
                let warning = format!(
                    "{WARNING}did not tell which swarm is the project's: {why}; the run is not linked to htask {task_id}"
                );
                return Ok(LinkedHTask { htask: None, warnings: vec![warning] });
            }
        };
        let task_id = self.htask_meant(&swarm_id, task_id).await?;
        let htask = HTaskRef { swarm_id, task_id };
        let (htasks, asked) = (self.deps.snipara.htasks.clone(), htask.clone());
        let warnings = match with_timeout(PATIENCE, async move { htasks.get(asked).await }).await {
            Ok(_) => Vec::new(),
            Err(failure) => {
                let why = self.outage(failure)?;
                vec![format!("{WARNING}did not tell whether htask {} exists: {why}; the run went on", htask.task_id)]
            }
        };
        Ok(LinkedHTask { htask: Some(htask), warnings })
    }

    /// Returns why the hosted service could not say; an error when it said no, and whenever the embedded store fails.
    fn outage(&self, failure: CallFailure<SniparaError>) -> Result<String, OrchestratorError> {
        match failure {
            CallFailure::Error(error @ (SniparaError::NotFound { .. } | SniparaError::Field(_))) => Err(error.into()),
            failure if self.deps.snipara.kind == SniparaKind::Hosted => Ok(one_line(&failure.to_string(), 200)),
            CallFailure::Error(error) => Err(error.into()),
            failure => Err(UnavailableError::HTaskLookup { why: failure.to_string() }.into()),
        }
    }

    /// Refuses a second htask for a task.
    pub(super) async fn same_htask(&self, id: &TaskId, asked: Option<&HTaskRef>) -> Result<(), OrchestratorError> {
        let Some(asked) = asked else { return Ok(()) };
        match self.deps.ledger.store().htask_of(id).await? {
            Some(linked) if linked != *asked => {
                let (linked, asked) = (linked.task_id.to_string(), asked.task_id.to_string());
                Err(InvalidError::OtherHTask { task_id: id.clone(), linked, asked }.into())
            }
            _ => Ok(()),
        }
    }

    /// Notes which htask a task is for.
    pub(super) async fn link_htask(&self, id: &TaskId, htask: Option<&HTaskRef>) -> Result<(), OrchestratorError> {
        let Some(htask) = htask else { return Ok(()) };
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        transaction.link_htask(id, htask, self.deps.clock.now()).await?;
        Ok(transaction.commit().await?)
    }
}

/// Names the htask of a task that is done in its next step.
pub(in crate::orchestrator) async fn name_htask(store: &Store, report: &mut TaskReport) -> Result<(), StoreError> {
    if report.status == TaskStatus::Done
        && let Some(htask) = store.htask_of(&report.task_id).await?
    {
        report.next_step = next_step_for_htask(report, &htask);
    }
    Ok(())
}
