//! The runs that go on in this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::domain::{TaskId, TaskReport, TaskStatus};
use crate::orchestrator::{InternalError, OrchestratorError};

/// How a run ended; nothing while it goes on.
pub(super) type Finished = Option<Result<TaskReport, OrchestratorError>>;

/// A run that goes on in this process. Cheap to clone; dropping it does not stop the run.
#[derive(Debug, Clone)]
pub struct RunHandle {
    task_id: TaskId,
    attempt: u32,
    cancel: CancellationToken,
    finished: watch::Receiver<Finished>,
}

impl RunHandle {
    pub(super) fn new(
        task_id: TaskId,
        attempt: u32,
        cancel: CancellationToken,
        finished: watch::Receiver<Finished>,
    ) -> Self {
        Self { task_id, attempt, cancel, finished }
    }

    /// Returns the task.
    pub fn task_id(&self) -> &TaskId {
        &self.task_id
    }

    /// Returns the attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Stops the run with all its processes; [`RunHandle::wait`] then answers a cancelled report.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for the end, at most `limit` when given; `None` when the run still goes on then.
    ///
    /// # Errors
    /// When the run could not be carried through.
    pub async fn wait(&self, limit: Option<Duration>) -> Option<Result<TaskReport, OrchestratorError>> {
        let mut finished = self.finished.clone();
        let ended = async move {
            match finished.wait_for(Option::is_some).await {
                Ok(result) => result.clone(),
                Err(_) => Some(Err(InternalError::NoAnswer.into())),
            }
        };
        match limit {
            Some(limit) => tokio::time::timeout(limit, ended).await.ok().flatten(),
            None => ended.await,
        }
    }

    fn is_over(&self) -> bool {
        self.finished.borrow().is_some() || self.finished.has_changed().is_err()
    }
}

/// The runs of this process by task, and how the last one of each ended.
#[derive(Debug, Default)]
pub(in crate::orchestrator) struct Registry {
    live: Mutex<HashMap<TaskId, RunHandle>>,
    ended: Mutex<HashMap<TaskId, (u32, Option<TaskStatus>)>>,
    has_recovered: AtomicBool,
}

impl Registry {
    /// Tells whether this process looks for lost runs for the first time.
    pub(super) fn is_first_recovery(&self) -> bool {
        !self.has_recovered.swap(true, Ordering::Relaxed)
    }

    pub(super) fn insert(&self, handle: RunHandle) {
        let mut runs = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|_, run| !run.is_over());
        runs.insert(handle.task_id.clone(), handle);
    }

    /// Returns the run of a task that goes on here.
    pub(in crate::orchestrator) fn get(&self, id: &TaskId) -> Option<RunHandle> {
        let runs = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        runs.get(id).filter(|run| !run.is_over()).cloned()
    }

    /// Remembers how an attempt of this process ended; no status when it could not be carried through.
    pub(super) fn remember(&self, id: TaskId, attempt: u32, status: Option<TaskStatus>) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (attempt, status));
    }

    /// Tells whether this process ran an attempt and knows that it ended otherwise than the store says.
    pub(in crate::orchestrator) fn knows_better(&self, id: &TaskId, attempt: u32, status: TaskStatus) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.get(id).is_some_and(|(known, ended)| *known == attempt && *ended != Some(status))
    }

    pub(in crate::orchestrator) fn all(&self) -> Vec<RunHandle> {
        let runs = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        runs.values().filter(|run| !run.is_over()).cloned().collect()
    }
}
