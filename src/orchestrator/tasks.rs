//! Running tasks, asking where they stand, stopping them.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::consult::as_it_was_told;
use super::error::Disagreement;
use super::handle::RunHandle;
use super::htask_link::name_htask;
use super::lifecycle::{LEASE_MS, Run};
use super::report::report;
use super::request::shown_title;
use super::{InternalError, InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::domain::{
    CommandEnd, Criteria, Origin, Production, ProgressEvent, ProgressSink, Request, RunRecord, RunRequest, RunState,
    Task, TaskId, TaskReport, TaskStatus, one_line, silent_progress,
};
use crate::gatekeeper::{EvidenceRecorder, ProofStamp, Requirements};
use crate::ledger::{Entry, Fact, Head, RunConditions, RunStart};
use crate::limits::Permit;

/// How often another process's run is looked at while somebody waits for it.
const LOOK: Duration = Duration::from_millis(200);

impl Orchestrator {
    /// Starts a task: writes it, takes its lease, and runs it in the background of this process.
    ///
    /// # Errors
    /// Bad input, somebody else runs it (code `task_is_running`), or too many runs go on (code `busy`); nothing was
    /// written then.
    pub async fn start_task(
        &self,
        request: RunRequest,
        progress: ProgressSink,
    ) -> Result<RunHandle, OrchestratorError> {
        self.start(request, progress, self.run_limit.begin(self.caller_name())?).await
    }

    async fn start(
        &self,
        request: RunRequest,
        progress: ProgressSink,
        live: Permit,
    ) -> Result<RunHandle, OrchestratorError> {
        // Taken before it is asked: who stops this process waits for what is being started, too.
        let _starting = self.tracker.token();
        self.goes_on()?;
        let production = self.production()?.clone();
        request.check()?;
        let settle_ms = request.settle_ms(self.parts.default_settle_seconds);
        self.recover().await?;
        let (task, new) = self.asked_task(&request, &production).await?;
        let linked = self.asked_htask(&request).await?;
        self.same_htask(&task.id, linked.htask.as_ref()).await?;
        let gatekeeper = self.gatekeeper()?;
        let bar = gatekeeper.requirements(&task.criteria)?;
        self.commands_allowed(&bar, &task.criteria)?;
        self.goes_on()?;
        if new {
            self.parts.ledger.create_task(&task).await?;
            self.own(&task.id).await?;
        }
        self.link_htask(&task.id, linked.htask.as_ref()).await?;
        let cookie = format!("{}-{}", task.id, uuid::Uuid::new_v4().simple());
        let executor = self.parts.executor.with_run_cookie(&cookie);
        let commit = executor.build_identity().await;
        let start = RunStart {
            cookie,
            lease_ms: LEASE_MS,
            conditions: RunConditions {
                holder: self.parts.holder.clone(),
                config_digest: self.parts.config_digest.clone(),
                production_origin: production.origin.to_string(),
                criteria_digest: task.criteria_digest.clone(),
                commit: commit.clone(),
                gatekeeper: gatekeeper.id().to_owned(),
                settle_ms,
                keep_going: request.keep_going,
                fail_fast_on_drift: self.parts.fail_fast_on_drift,
            },
        };
        let (fence, first) = self.parts.ledger.start_run(&task.id, start).await?;
        let stamp = ProofStamp {
            commit,
            criteria_digest: Some(task.criteria_digest.clone()),
            config_digest: Some(self.parts.config_digest.clone()),
            // Of a task its owner is noted.
            caller: None,
        };
        let cancel = self.stop.child_token();
        let run = Run {
            parts: self.parts.clone(),
            gatekeeper: gatekeeper.for_run(&executor),
            task: Task { status: TaskStatus::InProgress, attempt: fence.attempt, cause: None, ..task },
            bar,
            recorder: EvidenceRecorder::new(self.parts.ledger.clone(), Some(fence.clone()), stamp, first),
            fence: fence.clone(),
            executor,
            settle_ms,
            keep_going: request.keep_going,
            warnings: linked.warnings,
            cancel: cancel.clone(),
            progress: progress.clone(),
        };
        self.flush_in_background();
        progress(ProgressEvent::Started { task_id: fence.task_id.clone(), attempt: fence.attempt });
        Ok(self.spawn(run, live, cancel, &fence.task_id, fence.attempt))
    }

    /// Refuses to begin anything when this process stops.
    fn goes_on(&self) -> Result<(), OrchestratorError> {
        if !self.stop.is_cancelled() {
            return Ok(());
        }
        Err(UnavailableError::Stopping.into())
    }

    fn spawn(&self, run: Run, live: Permit, cancel: CancellationToken, task_id: &TaskId, attempt: u32) -> RunHandle {
        let (sender, receiver) = watch::channel(None);
        let handle = RunHandle::new(task_id.clone(), attempt, cancel, receiver);
        self.registry.insert(handle.clone());
        let (this, id) = (self.clone(), task_id.clone());
        self.tracker.spawn(async move {
            let mut result = run.drive().await;
            if let Err(error) = &result {
                // Whoever waits is told; the log is for the one who looks for more.
                tracing::info!(%error, "a run could not be carried through");
            }
            this.registry.remember(id, attempt, result.as_ref().ok().map(|report| report.status));
            if let Ok(report) = &mut result {
                let warnings = this.after_end(report).await;
                report.warnings.extend(warnings);
            }
            drop(live);
            // Nobody may be waiting any more; the report is in the store.
            let _ = sender.send(Some(result));
        });
        handle
    }

    /// Runs a task to its end; begins when there is room for it.
    ///
    /// # Errors
    /// As [`Orchestrator::start_task`], or when the run could not be carried through.
    pub async fn run_task(&self, request: RunRequest) -> Result<TaskReport, OrchestratorError> {
        let live = self.run_limit.begin_in_turn(self.caller_name()).await?;
        let handle = self.start(request, silent_progress(), live).await?;
        let missing = || Err(InternalError::NoAnswer.into());
        handle.wait(None).await.unwrap_or_else(missing)
    }

    /// Runs several tasks at once and answers one result per task, whatever happens to the others.
    pub async fn run_all(&self, requests: Vec<RunRequest>) -> Vec<Result<TaskReport, OrchestratorError>> {
        let runs = requests.into_iter().map(|request| {
            let orchestrator = self.clone();
            tokio::spawn(async move { orchestrator.run_task(request).await })
        });
        let crashed = |error: tokio::task::JoinError| Err(InternalError::from(error).into());
        futures_util::future::join_all(runs).await.into_iter().map(|joined| joined.unwrap_or_else(crashed)).collect()
    }

    /// Tells where a task stands; waits at most `wait` for a running one to end, whoever runs it.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task_status(&self, task_id: &str, wait: Duration) -> Result<TaskReport, OrchestratorError> {
        let id = TaskId::parse(task_id)?;
        self.must_see(&id).await?;
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
        let id = TaskId::parse(task_id)?;
        self.must_see(&id).await?;
        self.recover().await?;
        let (report, running) = self.standing(&id).await?;
        if !running {
            return Err(InvalidError::NotRunning { task_id: id, status: report.status }.into());
        }
        if let Some(handle) = self.registry.get(&id) {
            handle.cancel();
        } else {
            self.parts.ledger.store().request_cancel(&id).await?;
        }
        self.task_status(task_id, Duration::from_secs(30)).await
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
        let id = TaskId::parse(task_id)?;
        self.must_see(&id).await?;
        self.recover().await?;
        let task = self.parts.ledger.store().task(&id).await?;
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
        let ledger = &self.parts.ledger;
        let head = ledger.head().await?;
        agrees(task, &ledger.task_entries(&task.id, Some(task.attempt)).await?, &head)
    }

    /// Returns a task as it may leave: its criteria without secrets.
    fn shown(&self, task: Task) -> Task {
        Task { criteria: task.criteria.redacted(&self.parts.redactor), ..task }
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

    /// Returns the task of a request, and whether it is new (and not written yet).
    pub(super) async fn asked_task(
        &self,
        request: &RunRequest,
        production: &Production,
    ) -> Result<(Task, bool), OrchestratorError> {
        let Some(id) = &request.task_id else {
            let task = request.new_task(production, &self.parts.redactor, self.parts.clock.now())?;
            return Ok((task, true));
        };
        let id = TaskId::parse(id)?;
        self.must_see(&id).await?;
        let task = self.parts.ledger.store().task(&id).await?;
        let title = request.title.as_deref().map(|title| shown_title(title, &self.parts.redactor));
        if let Some(title) = title.filter(|title| *title != task.title) {
            return Err(InvalidError::OtherTitle { task_id: id, title }.into());
        }
        request.same_bar(&task, production)?;
        same_production(&task, production)?;
        Ok((task, false))
    }

    /// Refuses commands that this caller may not run before anything is written.
    fn commands_allowed(&self, bar: &Requirements, own: &Criteria) -> Result<(), OrchestratorError> {
        // The policy's commands come first.
        let of_policy = bar.local_tests.len().saturating_sub(own.local_tests.len());
        for (index, command) in bar.local_tests.iter().enumerate() {
            let Err(end) = self.parts.executor.prepare(command) else { continue };
            let (why, fix) = match end {
                CommandEnd::Refused { why, fix } => (why, fix),
                CommandEnd::NotStarted { why, fix } => (why, fix.unwrap_or_default()),
                _ => continue,
            };
            let field = match index.checked_sub(of_policy) {
                Some(index) => format!("local_tests[{index}]"),
                None => format!("policy.local_tests[{index}]"),
            };
            let command = one_line(&self.parts.redactor.text(command), 120);
            return Err(InvalidError::CommandNotAllowed { field, command, why, fix }.into());
        }
        Ok(())
    }

    /// Reads where a task stands, from its entries, and whether a run goes on.
    pub(super) async fn standing(&self, id: &TaskId) -> Result<(TaskReport, bool), OrchestratorError> {
        let ledger = &self.parts.ledger;
        let (task, run) = self.task_and_run(id).await?;
        let head = ledger.head().await?;
        let now = self.parts.clock.now();
        if task.attempt == 0 {
            agrees(&task, &[], &head)?;
            return Ok((report(&task, &[], false, &head, now), false));
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
        let store = self.parts.ledger.store();
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
    /// a command line with another address, do not say what is done here.
    pub(super) fn proven_elsewhere(&self, entries: &[Entry]) -> Option<String> {
        let origin = entries.iter().find_map(|entry| match &entry.fact {
            Fact::RunStarted(started) => Some(&started.conditions.production_origin),
            _ => None,
        })?;
        let here = self.parts.production.as_ref()?;
        (here.origin.to_string() != *origin).then(|| crate::domain::one_line(origin, 120))
    }
}

/// A task belongs to the production that it was created for: its addresses are part of its bar.
fn same_production(task: &Task, production: &Production) -> Result<(), OrchestratorError> {
    let on_production = task
        .criteria
        .live_checks
        .iter()
        .filter_map(|check| url::Url::parse(&check.url).ok())
        .any(|url| production.covers(&url));
    if on_production {
        return Ok(());
    }
    let created_for = task
        .criteria
        .live_checks
        .iter()
        .filter_map(|check| url::Url::parse(&check.url).ok())
        .find_map(|url| Origin::of(&url).ok())
        .map(|origin| origin.to_string());
    let (task_id, now) = (task.id.clone(), production.origin.to_string());
    Err(InvalidError::OtherProduction { task_id, created_for, now }.into())
}

/// The row of a task is a convenience: where it says more than the chain, somebody edited the file.
fn agrees(task: &Task, entries: &[Entry], head: &Head) -> Result<(), OrchestratorError> {
    let told = entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Transition(transition) => Some(transition.to),
        _ => None,
    });
    let told = told.unwrap_or(TaskStatus::Pending);
    let decided =
        entries.iter().any(|entry| matches!(&entry.fact, Fact::Decision(decision) if decision.verdict.passed));
    let honest = told == task.status && (decided || !matches!(task.status, TaskStatus::ProdOk | TaskStatus::Done));
    if honest {
        return Ok(());
    }
    let (task_id, status, entries) = (task.id.clone(), task.status, head.entries);
    Err(UnavailableError::from(Disagreement::StoreEdited { task_id, status, entries, told }).into())
}
