//! Tells where tasks stand, and stops them.

use std::time::Duration;

use tokio::time::Instant;

use super::error::Disagreement;
use super::run::{as_it_was_told, name_htask, report};
use super::{InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::domain::{RunRecord, RunState, Task, TaskId, TaskReport, TaskStatus};
use crate::ledger::{Entry, Fact, Head};

/// How often another process's run is looked at while somebody waits for it.
const LOOK: Duration = Duration::from_millis(200);

/// The production of an attempt whose start cannot be read.
const NOBODY_KNOWS: &str = "an address that the ledger does not tell";

impl Orchestrator {
    /// Tells where a task stands; waits at most `wait` for a running one to end, whoever runs it.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task_status(&self, task_id: &str, wait: Duration) -> Result<TaskReport, OrchestratorError> {
        let id = self.task_meant(task_id).await?;
        let until = Instant::now() + wait;
        loop {
            self.recover().await?;
            let (report, running) = self.standing(&id).await?;
            let left = until.saturating_duration_since(Instant::now());
            if !running || left.is_zero() {
                return Ok(report);
            }
            match self.registry.get(&id) {
                Some(handle) => {
                    if let Some(Err(error)) = handle.wait(Some(left)).await {
                        return Err(error);
                    }
                }
                None => tokio::time::sleep(left.min(LOOK)).await,
            }
        }
    }

    /// Stops a running task, whoever runs it, and tells where it then stands.
    ///
    /// # Errors
    /// When there is no such task, or when it does not run.
    pub async fn cancel_task(&self, task_id: &str) -> Result<TaskReport, OrchestratorError> {
        let id = self.task_meant(task_id).await?;
        self.recover().await?;
        let (report, running) = self.standing(&id).await?;
        if !running {
            return Err(InvalidError::NotRunning { task_id: id, status: report.status }.into());
        }
        if let Some(handle) = self.registry.get(&id) {
            handle.cancel();
        } else {
            self.deps.ledger.store().request_cancel(&id).await?;
        }
        self.task_status(id.as_str(), Duration::from_secs(30)).await
    }

    /// Lists the latest tasks, newest first.
    ///
    /// # Errors
    /// When the store cannot be read, or when it says that a task is done and the ledger does not.
    pub async fn tasks(&self, limit: u32) -> Result<Vec<Task>, OrchestratorError> {
        self.recover().await?;
        let tasks = self.seen_tasks(limit).await?;
        for task in &tasks {
            self.believed(task).await?;
        }
        Ok(tasks.into_iter().map(|task| self.shown(task)).collect())
    }

    /// Reads one task.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task(&self, task_id: &str) -> Result<Task, OrchestratorError> {
        let id = self.task_meant(task_id).await?;
        self.recover().await?;
        let task = self.deps.ledger.store().task(&id).await?;
        self.believed(&task).await?;
        Ok(self.shown(task))
    }

    /// Refuses a row that says "done" where the chain does not. Proven tasks move no more, so nothing comes between the
    /// two reads.
    async fn believed(&self, task: &Task) -> Result<(), OrchestratorError> {
        if !matches!(task.status, TaskStatus::ProdOk | TaskStatus::Done) {
            return Ok(());
        }
        self.remembered(task)?;
        let ledger = &self.deps.ledger;
        let head = ledger.head().await?;
        agrees(task, &ledger.task_entries(&task.id, Some(task.attempt)).await?, &head)
    }

    /// Returns a task as it may leave: its criteria without secrets.
    fn shown(&self, task: Task) -> Task {
        Task { criteria: task.criteria.redacted(&self.deps.redactor), ..task }
    }

    /// Stops every run of this process and waits until each has written its end.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tracker.close();
        for handle in self.registry.all() {
            handle.cancel();
        }
        self.tracker.wait().await;
    }

    /// Reads where a task stands, from its entries, and whether a run goes on.
    pub(super) async fn standing(&self, id: &TaskId) -> Result<(TaskReport, bool), OrchestratorError> {
        let ledger = &self.deps.ledger;
        let (task, run) = self.task_and_run(id).await?;
        let head = ledger.head().await?;
        let now = self.deps.clock.now();
        if task.attempt == 0 {
            agrees(&task, &[], &head)?;
            let observed = ledger.task_entries(id, Some(0)).await?;
            return Ok((report(&task, &observed, false, &head, now), false));
        }
        self.remembered(&task)?;
        let running = run.as_ref().is_some_and(|run| run.state == RunState::Running);
        let entries = ledger.task_entries(id, Some(task.attempt)).await?;
        if !running {
            agrees(&task, &entries, &head)?;
        }
        let mut report = report(&task, &entries, running, &head, now);
        if let Some(kept) = run.and_then(|run| run.report) {
            as_it_was_told(&mut report, &kept);
        }
        name_htask(ledger.store(), &mut report).await?;
        if let Some(elsewhere) = self.proven_elsewhere(&entries) {
            report.warnings.push(format!("this attempt asked {elsewhere}, which is not production here"));
            if task.status == TaskStatus::Done {
                report.next_step = format!(
                    "Do not report it as done: it was proven against {elsewhere}, not against production; create a new task by title."
                );
            }
        }
        Ok((report, running))
    }

    /// Reads a task and its last attempt, the task after the attempt: a row that was read before its run ended would
    /// look like one that somebody edited.
    async fn task_and_run(&self, id: &TaskId) -> Result<(Task, Option<RunRecord>), OrchestratorError> {
        let store = self.deps.ledger.store();
        let mut attempt = store.task(id).await?.attempt;
        loop {
            let run = store.run(id, attempt).await?;
            let task = store.task(id).await?;
            if task.attempt == attempt {
                return Ok((task, run));
            }
            // Another attempt began in between.
            attempt = task.attempt;
        }
    }

    /// Refuses a "done" of an attempt that ended otherwise in this very process, whatever the file tells by now.
    fn remembered(&self, task: &Task) -> Result<(), OrchestratorError> {
        let done = matches!(task.status, TaskStatus::ProdOk | TaskStatus::Done);
        if !done || !self.registry.knows_better(&task.id, task.attempt, task.status) {
            return Ok(());
        }
        let (task_id, status, attempt) = (task.id.clone(), task.status, task.attempt);
        Err(UnavailableError::from(Disagreement::EndedOtherwise { task_id, status, attempt }).into())
    }

    /// Returns the production of an attempt when it is another than this process's: somebody else's settings, such as
    /// a command line with another address, do not say what is done here. An attempt whose start cannot be read asked
    /// nobody knows whom.
    pub(super) fn proven_elsewhere(&self, entries: &[Entry]) -> Option<String> {
        let started = entries.iter().filter(|entry| !entry.is_tombstone).find_map(|entry| match &entry.fact {
            Fact::RunStarted(started) => Some(&started.conditions.production_origin),
            _ => None,
        });
        let Some(origin) = started else { return Some(NOBODY_KNOWS.to_owned()) };
        let here = self.deps.production.as_ref()?;
        (here.origin.to_string() != *origin).then(|| crate::domain::one_line(origin, 120))
    }
}

/// The row of a task is a convenience: where it says more than the chain, somebody edited the file.
fn agrees(task: &Task, entries: &[Entry], head: &Head) -> Result<(), OrchestratorError> {
    // The hash of a tombstone does not cover what it says.
    let whole = || entries.iter().filter(|entry| !entry.is_tombstone);
    let told = whole().rev().find_map(|entry| match &entry.fact {
        Fact::Transition(transition) => Some(transition.to),
        _ => None,
    });
    let told = told.unwrap_or(TaskStatus::Pending);
    let decided = whole().any(|entry| matches!(&entry.fact, Fact::Decision(decision) if decision.verdict.passed));
    let honest = told == task.status && (decided || !matches!(task.status, TaskStatus::ProdOk | TaskStatus::Done));
    if honest {
        return Ok(());
    }
    let (task_id, status, entries) = (task.id.clone(), task.status, head.entries);
    Err(UnavailableError::from(Disagreement::StoreEdited { task_id, status, entries, told }).into())
}
