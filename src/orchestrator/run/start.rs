//! Starts runs: a request becomes a task, a lease, and an attempt in the background of this process.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::handle::RunHandle;
use super::lifecycle::{LEASE_MS, TaskRun};
use super::request::shown_title;
use crate::domain::{
    ChecklistTarget, CommandEnd, Criteria, ItemSource, LiveWatch, Origin, Production, ProgressEvent, ProgressSink,
    Request, RequireWord, RunRequest, SETTLED_MS, Task, TaskId, TaskReport, TaskStatus, one_line, silent_progress,
};
use crate::gatekeeper::{EarlierObservations, EvidenceRecorder, ProofStamp, Requirements};
use crate::ledger::{Fact, LedgerError, RunConditions, RunStart};
use crate::limits::Permit;
use crate::orchestrator::{InternalError, InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::store::StoreError;

/// How many of the project's latest proofs are looked at for earlier observations; more where these do not reach back far
/// enough.
const EARLIER_PROOFS: [u32; 2] = [2_000, 20_000];

/// How many of the latest tasks are looked at for the last DONE.
const RECENT_TASKS: u32 = 100;

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
        // The token is taken before the question, so that whoever stops this process also waits for a run that starts.
        let _starting = self.tracker.token();
        self.goes_on()?;
        let production = self.production()?.clone();
        self.nothing_held_back()?;
        request.check()?;
        let settings = self.deps.converge.raised_by(request.converge);
        let converge = request.convergence(self.deps.default_settle_seconds, settings);
        self.recover().await?;
        let (task, new) = self.asked_task(&request, &production).await?;
        let linked = self.asked_htask(&request).await?;
        self.same_htask(&task.id, linked.htask.as_ref()).await?;
        let mut untrusted = self.untrusted_suites(&request, &task.criteria, &production);
        untrusted.extend(self.another_production(&production).await?);
        let gatekeeper = self.gatekeeper()?.naming(untrusted);
        let mut requirements = gatekeeper.requirements(&task.criteria)?;
        self.commands_allowed(&requirements, &task.criteria)?;
        self.specs_exist(&requirements)?;
        requirements.checklist().iter().try_for_each(|item| self.can_ask(item.prepared()))?;
        self.goes_on()?;
        if new {
            self.deps.ledger.create_task(&task).await?;
            self.own(&task.id).await?;
        }
        self.link_htask(&task.id, linked.htask.as_ref()).await?;
        let mut warnings = linked.warnings;
        let earlier = self.earlier_observations().await.unwrap_or_else(|error| {
            warnings.push(format!("earlier observations cannot be read ({error}): no check can be shown"));
            EarlierObservations::unread(self.deps.clock.now())
        });
        requirements.also_asks_health(earlier.healthy_routes(&production));
        let asked_hold = request.hold_seconds.map_or(0, i64::unsigned_abs);
        let hold_ms = asked_hold.max(u64::from(self.deps.policy.hold_seconds)) * 1000;
        // A run that has to be settled waits for it by itself, where a build was seen minutes ago.
        let settles = requirements.requires(RequireWord::Settled) && earlier.saw_a_build_lately(self.deps.clock.now());
        let hold_ms = if settles { hold_ms.max(SETTLED_MS) } else { hold_ms };
        let cookie = format!("{}-{}", task.id, uuid::Uuid::new_v4().simple());
        let executor = self.deps.executor.with_run_cookie(&cookie);
        let watched = executor.clone().watched(LiveWatch::new(progress.clone()));
        let commit = Box::pin(executor.build_identity()).await;
        let start = RunStart {
            cookie,
            lease_ms: LEASE_MS,
            conditions: RunConditions {
                holder: self.deps.holder.clone(),
                config_digest: self.deps.config_digest.clone(),
                production_origin: production.origin.to_string(),
                criteria_digest: task.criteria_digest.clone(),
                commit: commit.clone(),
                gatekeeper: gatekeeper.id().to_owned(),
                settle_ms: converge.settle_ms,
                converge: Some(settings),
                hold_ms: Some(hold_ms).filter(|hold_ms| *hold_ms > 0),
                keep_going: request.keep_going,
                fail_fast_on_drift: self.deps.fail_fast_on_drift,
            },
        };
        let (fence, first) = self.deps.ledger.start_run(&task.id, start).await?;
        let stamp = ProofStamp {
            commit,
            criteria_digest: Some(task.criteria_digest.clone()),
            config_digest: Some(self.deps.config_digest.clone()),
            untrusted_settings: !self.deps.untrusted.is_empty(),
            // A proof of a task belongs to the task's owner.
            caller: None,
        };
        let cancel = self.stop.child_token();
        let run = TaskRun {
            deps: self.deps.clone(),
            gatekeeper: gatekeeper.for_run(&watched),
            task: Task { status: TaskStatus::InProgress, attempt: fence.attempt, cause: None, ..task },
            requirements,
            recorder: EvidenceRecorder::new(self.deps.ledger.clone(), Some(fence.clone()), stamp, first)
                .comparing_with(earlier),
            fence: fence.clone(),
            executor: watched,
            converge: converge.holding(hold_ms),
            keep_going: request.keep_going,
            warnings: warnings.into_iter().chain(settings.lowered(request.converge)).collect(),
            cancel: cancel.clone(),
            progress: progress.clone(),
        };
        self.flush_in_background();
        progress(ProgressEvent::Started { task_id: fence.task_id.clone(), attempt: fence.attempt });
        Ok(self.spawn(run, live, cancel, &fence.task_id, fence.attempt))
    }

    pub(in crate::orchestrator) async fn earlier_observations(&self) -> Result<EarlierObservations, LedgerError> {
        let mut earlier = EarlierObservations::default();
        for limit in EARLIER_PROOFS {
            let entries = self.deps.ledger.proofs(None, limit).await?;
            earlier = EarlierObservations::of(&entries, entries.len() < limit as usize);
            if earlier.reach_back_far_enough(self.deps.clock.now()) {
                break;
            }
        }
        Ok(earlier)
    }

    /// Refuses to begin anything when this process stops.
    pub(super) fn goes_on(&self) -> Result<(), OrchestratorError> {
        if !self.stop.is_cancelled() {
            return Ok(());
        }
        Err(UnavailableError::Stopping.into())
    }

    fn spawn(
        &self,
        run: TaskRun,
        live: Permit,
        cancel: CancellationToken,
        task_id: &TaskId,
        attempt: u32,
    ) -> RunHandle {
        let (sender, receiver) = watch::channel(None);
        let handle = RunHandle::new(task_id.clone(), attempt, cancel, receiver);
        self.registry.insert(handle.clone());
        let (this, id) = (self.clone(), task_id.clone());
        self.tracker.spawn(async move {
            let mut result = run.drive().await;
            if let Err(error) = &result {
                // A caller who waits gets the error itself. The log is for people who look for more.
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

    /// Returns the task of a request, and whether it is new (and not written yet).
    pub(in crate::orchestrator) async fn asked_task(
        &self,
        request: &RunRequest,
        production: &Production,
    ) -> Result<(Task, bool), OrchestratorError> {
        let request = &self.spelled_out(request, production)?;
        let new = |chosen| request.new_task(chosen, production, &self.deps.redactor, self.deps.clock.now());
        let Some(given) = &request.task_id else { return Ok((new(None)?, true)) };
        let chosen = || request.may_choose_id && request.title.is_some();
        let id = match (TaskId::parse(given), self.task_meant(given).await) {
            (_, Ok(id)) => id,
            // Nothing begins like this: it is the name of a new task.
            (Ok(id), Err(OrchestratorError::Invalid(InvalidError::NotFound { .. }))) if chosen() => id,
            (_, Err(error)) => return Err(error),
        };
        let task = match self.deps.ledger.store().task(&id).await {
            Err(StoreError::NoTask(id)) if chosen() => return Ok((new(Some(id))?, true)),
            found => found?,
        };
        let title = request.title.as_deref().map(|title| shown_title(title, &self.deps.redactor));
        if let Some(title) = title.filter(|title| *title != task.title) {
            return Err(InvalidError::OtherTitle { task_id: id, title }.into());
        }
        request.check_same_criteria(&task, production)?;
        same_production(&task, production)?;
        Ok((task, false))
    }

    /// Refuses to run while an untrusted policy asks for what a caller may not do: it is neither done nor passed over.
    pub(in crate::orchestrator) fn nothing_held_back(&self) -> Result<(), OrchestratorError> {
        let lines = self.deps.trust.held_back.clone();
        if lines.is_empty() { Ok(()) } else { Err(InvalidError::WaitsForTrust { lines }.into()) }
    }

    /// Names the suites of an untrusted file that a task uses, one line each.
    fn untrusted_suites(&self, request: &RunRequest, own: &Criteria, production: &Production) -> Vec<String> {
        let asked = |name: &String| {
            let checks = self.deps.suites.get(name).into_iter().flatten();
            let resolved = checks.filter_map(|check| Some(check.resolved(Some(&production.url)).ok()?.into_asked()));
            request.suite.contains(name)
                || (request.task_id.is_some() && resolved.into_iter().any(|check| own.live_checks.contains(&check)))
        };
        let named = self.deps.trust.suites.iter().filter(|name| asked(name));
        named.map(|name| format!("suite `{}` is of a file that no person trusted", one_line(name, 60))).collect()
    }

    /// Says that production is another than the last DONE's, for a script that may have been given any.
    async fn another_production(&self, production: &Production) -> Result<Option<String>, OrchestratorError> {
        if !self.deps.trust.compares_production {
            return Ok(None);
        }
        let tasks = self.deps.ledger.store().tasks(RECENT_TASKS).await?;
        let done = tasks.iter().filter(|task| task.status == TaskStatus::Done);
        let Some(last) = done.max_by_key(|task| task.updated_at) else { return Ok(None) };
        let entries = self.deps.ledger.task_entries(&last.id, Some(last.attempt)).await?;
        let origin = entries.iter().find_map(|entry| match &entry.fact {
            Fact::RunStarted(started) if !entry.is_tombstone => Some(started.conditions.production_origin.clone()),
            _ => None,
        });
        let other = origin.filter(|origin| *origin != production.origin.to_string());
        Ok(other
            .map(|origin| format!("the last DONE was of {}, and no person trusted another", one_line(&origin, 120))))
    }

    /// Refuses UI tests that are no files here before anything is written.
    fn specs_exist(&self, requirements: &Requirements) -> Result<(), OrchestratorError> {
        let specs = requirements.checklist().iter().filter_map(|item| match &item.target {
            ChecklistTarget::Ui { spec } => Some((item.source, spec)),
            _ => None,
        });
        for (source, spec) in specs {
            let Some(why) = self.deps.validator.spec_problem(spec) else { continue };
            let field = if source == ItemSource::Policy { "policy.ui_tests" } else { "ui_tests" };
            let message = format!("{field}: {}", self.deps.redactor.text(&why));
            let hint = "name a spec file inside the repository, relative to its root, such as e2e/login.spec.ts";
            return Err(InvalidError::Input { message, hint: hint.to_owned() }.into());
        }
        Ok(())
    }

    /// Refuses commands that this caller may not run before anything is written.
    fn commands_allowed(&self, requirements: &Requirements, own: &Criteria) -> Result<(), OrchestratorError> {
        let of_policy = &self.deps.policy.local_tests;
        for command in &requirements.local_tests {
            let place = |tests: &[String]| tests.iter().position(|test| test == command);
            let field = match place(of_policy) {
                Some(index) => format!("policy.local_tests[{index}]"),
                None => format!("local_tests[{}]", place(&own.local_tests).unwrap_or_default()),
            };
            let shown = || one_line(&self.deps.redactor.text(command), 120);
            let Err(end) = self.deps.executor.prepare(command) else {
                if let Some((runner, option)) = self.deps.executor.runs_no_test(command) {
                    return Err(InvalidError::RunsNoTest { field, command: shown(), runner, option }.into());
                }
                continue;
            };
            let (why, fix) = match end {
                CommandEnd::Refused { why, .. }
                    if of_policy.contains(command) && self.deps.trust.local_tests.contains(command) =>
                {
                    let line = format!("{field} waits for trust: {why}");
                    return Err(InvalidError::WaitsForTrust { lines: vec![line] }.into());
                }
                CommandEnd::Refused { why, fix } => (why, fix),
                CommandEnd::NotStarted { why, fix } => (why, fix.unwrap_or_default()),
                _ => continue,
            };
            let command = shown();
            return Err(InvalidError::CommandNotAllowed { field, command, why, fix }.into());
        }
        Ok(())
    }
}

/// A task belongs to the production that it was created for: its addresses are part of its criteria.
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
