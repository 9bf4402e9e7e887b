//! The state machine in motion: it carries one attempt from IN_PROGRESS to its end.
//!
//! [`TaskRun::finish`] is the only way to PROD_OK and DONE; it consumes a [`GatePass`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::htask_link::name_htask;
use super::phase_counts::{ItemRole, PhaseCounts};
use super::prefetch_context::{PrefetchedContext, prefetch_context};
use super::report::report;
use crate::domain::{
    Cause, CommandRun, Convergence, DriftAnswer, DriftKind, Fence, Outcome, Phase, ProgressEvent, ProgressSink, Task,
    TaskReport, TaskStatus, Verdict, one_line,
};
use crate::executor::Executor;
use crate::expect::PlannedItem;
use crate::gatekeeper::{EvidenceRecorder, GatePass, Gatekeeper, Requirements, is_optional_health_probe};
use crate::ledger::{Decision, Fact, Head, Transition};
use crate::orchestrator::{InternalError, OrchestratorDeps, OrchestratorError};
use crate::store::StoreError;
use crate::validator::CheckRun;

/// How long a lease holds without being renewed, in milliseconds.
pub(super) const LEASE_MS: i64 = 20_000;
/// The longest ledger that is verified whole before a DONE is told: a third of a second's work.
const VERIFIED_AT_END: u64 = 10_000;
/// How often it is renewed, and how often a request to stop from another process is looked for.
const RENEWAL: Duration = Duration::from_millis(1_000);

/// One attempt that goes on.
pub(super) struct TaskRun {
    pub(super) deps: Arc<OrchestratorDeps>,
    pub(super) gatekeeper: Gatekeeper,
    pub(super) task: Task,
    pub(super) requirements: Requirements,
    pub(super) fence: Fence,
    pub(super) recorder: EvidenceRecorder,
    pub(super) executor: Executor,
    pub(super) converge: Convergence,
    pub(super) keep_going: bool,
    /// What the caller is to be told besides what the ledger says.
    pub(super) warnings: Vec<String>,
    pub(super) cancel: CancellationToken,
    pub(super) progress: ProgressSink,
}

impl TaskRun {
    /// Carries the attempt to its end, keeps its lease meanwhile, and returns the report that was written.
    pub(super) async fn drive(mut self) -> Result<TaskReport, OrchestratorError> {
        let keeper = keep_lease(self.deps.clone(), self.fence.clone(), self.cancel.clone());
        // Asked while the phases run, read after they have ended: nothing waits for it, and nothing is decided by it.
        let prefetch = prefetch_context(&self.deps, &self.task);
        let phases = async {
            self.phases().await?;
            let prefetched = tokio::select! {
                prefetched = prefetch => prefetched.unwrap_or_default(),
                () = self.cancel.cancelled() => PrefetchedContext::default(),
            };
            self.end(prefetched).await
        };
        tokio::select! {
            report = phases => report,
            never = keeper => match never {},
        }
    }

    async fn phases(&mut self) -> Result<(), OrchestratorError> {
        if !self.local_tests().await? || !self.drift_gate().await? {
            return Ok(());
        }
        self.go_to(TaskStatus::Validating, None).await?;
        self.validation_gate().await
    }

    /// The local tests (gate.md L4); answers whether the run goes on.
    async fn local_tests(&mut self) -> Result<bool, OrchestratorError> {
        let tests = self.requirements.local_tests.clone();
        self.recorder.tests_begin(self.deps.clock.now());
        let started = self.phase_started(Phase::LocalTests, tests.len());
        let mut outcomes: Vec<Outcome> = Vec::new();
        for (index, command) in tests.iter().enumerate() {
            if self.cancel.is_cancelled() {
                break;
            }
            let name = format!("local_test_{}", index + 1);
            (self.progress)(ProgressEvent::ItemStarted { name: command.clone() });
            let timeout_ms = self.deps.command_timeout_ms;
            let run: CommandRun =
                self.recorder.local_test(&self.executor, &name, command, timeout_ms, &self.cancel).await?;
            let outcome = run.outcome();
            let stop = !outcome.is_passed() && !self.keep_going;
            (self.progress)(ProgressEvent::ItemFinished {
                phase: Phase::LocalTests,
                name: command.clone(),
                outcome: outcome.clone(),
                duration_ms: run.duration_ms,
            });
            outcomes.push(outcome);
            if stop {
                break;
            }
        }
        if self.stopped(TaskStatus::LocalFail).await? {
            return Ok(false);
        }
        let passed = outcomes.iter().all(Outcome::is_passed);
        let summary = match (tests.len(), passed) {
            (0, _) => "no local tests".to_owned(),
            (count, true) => format!("{count} passed"),
            (count, false) => {
                let mut counts = PhaseCounts::default();
                outcomes.iter().for_each(|outcome| counts.count(outcome, ItemRole::Required));
                counts.summary(count)
            }
        };
        self.phase_finished(Phase::LocalTests, passed, summary, started);
        if passed {
            self.go_to(TaskStatus::LocalOk, None).await?;
            return Ok(true);
        }
        let failed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed { .. }));
        let cause = if failed { Cause::Failed } else { Cause::Unverified };
        self.go_to(TaskStatus::LocalFail, Some(cause)).await?;
        Ok(false)
    }

    /// Gate 1; answers whether the run goes on.
    async fn drift_gate(&mut self) -> Result<bool, OrchestratorError> {
        let started = self.phase_started(Phase::Drift, 0);
        let found = self
            .gatekeeper
            .local_to_validation(&self.recorder, &self.requirements, self.converge, &self.cancel)
            .await?;
        if self.stopped(TaskStatus::ProdFail).await? {
            return Ok(false);
        }
        let (report, verdict) = (found.report, found.verdict);
        self.requirements.also_asks_health(report.healthy_route(self.requirements.production()));
        let summary = match report.issues().first() {
            Some(issue) => issue.clone(),
            None => format!("{} compared, {} unverified", report.checked().len(), report.unverified().len()),
        };
        self.phase_finished(Phase::Drift, verdict.passed, summary, started);
        if verdict.passed {
            return Ok(true);
        }
        let is_about_checks = report.checks.iter().any(|check| {
            matches!(check.kind, DriftKind::Version | DriftKind::Route)
                && matches!(check.answer, DriftAnswer::Found { .. })
        });
        if is_about_checks {
            // What an older build or a missing route shows is what the deploy has to change, and is not forgotten.
            Box::pin(self.gatekeeper.observe_baseline(&self.recorder, &self.requirements, &self.cancel)).await?;
        }
        self.go_to(TaskStatus::EnvDrift, Some(Cause::Drift)).await?;
        Ok(false)
    }

    /// The checklist and gate 2.
    async fn validation_gate(&mut self) -> Result<(), OrchestratorError> {
        let items = self.requirements.checklist().len();
        let started = self.phase_started(Phase::Validation, items);
        let progress = self.progress.clone();
        let counts = Arc::new(Mutex::new(PhaseCounts::default()));
        let counter = counts.clone();
        let on_item = move |item: &PlannedItem, run: &CheckRun| {
            let role = match item.required {
                _ if is_optional_health_probe(item, run) => ItemRole::NotOffered,
                true => ItemRole::Required,
                false => ItemRole::Optional,
            };
            counter.lock().unwrap_or_else(PoisonError::into_inner).count(&run.outcome, role);
            progress(ProgressEvent::ItemFinished {
                phase: Phase::Validation,
                name: label(item, run),
                outcome: run.outcome.clone(),
                duration_ms: run.duration_ms,
            });
        };
        let deciding = self.gatekeeper.validation_to_prod(
            &self.recorder,
            &self.executor,
            &self.fence.task_id,
            self.fence.attempt,
            &self.requirements,
            self.converge,
            &self.cancel,
            &on_item,
        );
        // On the heap: the futures of a run lie on a worker's stack.
        let (verdict, pass) = Box::pin(deciding).await?;
        if self.stopped(TaskStatus::ProdFail).await? {
            return Ok(());
        }
        let seen = *counts.lock().unwrap_or_else(PoisonError::into_inner);
        self.phase_finished(Phase::Validation, seen.all_passed(), seen.summary(items), started);
        let gate_started = self.phase_started(Phase::Gate, 0);
        let summary = match verdict.reasons.first() {
            Some(reason) => reason.text.clone(),
            None => format!("{} distinct proofs, {} required", verdict.proofs_counted, verdict.proofs_required),
        };
        self.phase_finished(Phase::Gate, verdict.passed, summary, gate_started);
        match pass {
            Some(pass) => self.finish(pass).await,
            None => self.refuse(&verdict).await,
        }
    }

    /// The only way to PROD_OK and DONE: consumes the pass, and writes decision and both transitions at once.
    async fn finish(&mut self, pass: GatePass) -> Result<(), OrchestratorError> {
        if *pass.task_id() != self.task.id || pass.attempt() != self.fence.attempt {
            return Err(InternalError::ForeignPass.into());
        }
        let prod_ok = self.task.status.become_status(TaskStatus::ProdOk)?;
        let done = prod_ok.become_status(TaskStatus::Done)?;
        let transition = |from, to| Fact::Transition(Transition { from, to, cause: None });
        let facts =
            vec![self.decision(pass.verdict()), transition(self.task.status, prod_ok), transition(prod_ok, done)];
        self.recorder.record(facts).await?;
        for status in [prod_ok, done] {
            self.arrived(status, None);
        }
        Ok(())
    }

    /// A refusal: PROD_FAIL, and ENV_DRIFT when a drift finding explains it.
    async fn refuse(&mut self, verdict: &Verdict) -> Result<(), OrchestratorError> {
        let status = self.task.status.become_status(TaskStatus::ProdFail)?;
        let transition = Transition { from: self.task.status, to: status, cause: verdict.cause };
        self.recorder.record(vec![self.decision(verdict), Fact::Transition(transition)]).await?;
        self.arrived(status, verdict.cause);
        let started = self.phase_started(Phase::Drift, 0);
        let explained =
            self.gatekeeper.explain_refusal(&self.recorder, &self.requirements, verdict, &self.cancel).await?;
        let summary = if explained { "drift explains the failure" } else { "drift does not explain the failure" };
        self.phase_finished(Phase::Drift, !explained, summary.to_owned(), started);
        if explained && !self.cancel.is_cancelled() {
            self.go_to(TaskStatus::EnvDrift, Some(Cause::Drift)).await?;
        }
        Ok(())
    }

    /// Writes the end of a run that somebody stopped; answers whether somebody did.
    async fn stopped(&mut self, status: TaskStatus) -> Result<bool, OrchestratorError> {
        if !self.cancel.is_cancelled() {
            return Ok(false);
        }
        self.go_to(status, Some(Cause::Cancelled)).await?;
        Ok(true)
    }

    /// Moves the task along one arrow of the lifecycle, together with the entry that tells of it.
    async fn go_to(&mut self, next: TaskStatus, cause: Option<Cause>) -> Result<(), OrchestratorError> {
        let status = self.task.status.become_status(next)?;
        let transition = Transition { from: self.task.status, to: status, cause };
        self.recorder.record(vec![Fact::Transition(transition)]).await?;
        self.arrived(status, cause);
        Ok(())
    }

    fn arrived(&mut self, status: TaskStatus, cause: Option<Cause>) {
        self.task.status = status;
        self.task.cause = cause;
        (self.progress)(ProgressEvent::StatusChanged { status });
    }

    /// Builds the report from the ledger and ends the run with it.
    async fn end(&mut self, prefetched: PrefetchedContext) -> Result<TaskReport, OrchestratorError> {
        let written = self.recorder.written();
        let (own, foreign): (Vec<_>, Vec<_>) =
            self.recorder.read_back().await?.into_iter().partition(|entry| written.contains(&entry.hash));
        let head = self.deps.ledger.head().await?;
        let mut report = report(&self.task, &own, false, &head, self.deps.clock.now());
        if let Some(entry) = foreign.first() {
            report
                .warnings
                .push(format!("the ledger was written by someone else during this run (entry {})", entry.seq));
        }
        report.warnings.append(&mut self.warnings);
        // First, as answers show a few.
        report.warnings.splice(0..0, self.deps.trust.warnings.iter().cloned());
        if report.status == TaskStatus::Done {
            report.warnings.extend(self.broken_ledger(&head).await?);
            name_htask(self.deps.ledger.store(), &mut report).await?;
        }
        prefetched.into_report(&mut report);
        self.deps.ledger.end_run(&self.fence, &report).await?;
        Ok(report)
    }

    /// Says what is wrong with a ledger that does not verify. The decision rests on this run's own entries, which were
    /// read back, but a reader of the receipt must know of the others.
    async fn broken_ledger(&self, head: &Head) -> Result<Option<String>, OrchestratorError> {
        if head.entries > VERIFIED_AT_END {
            return Ok(None);
        }
        let problem = self.deps.ledger.verify().await?.problem;
        Ok(problem.map(|problem| {
            let what = one_line(&problem.what, 160);
            format!("the ledger does not verify ({what}): tell a person, who runs `proofs verify`")
        }))
    }

    fn decision(&self, verdict: &Verdict) -> Fact {
        let gatekeeper = self.gatekeeper.id().to_owned();
        Fact::Decision(Box::new(Decision { verdict: verdict.clone(), gatekeeper }))
    }

    fn phase_started(&self, phase: Phase, items: usize) -> Instant {
        (self.progress)(ProgressEvent::PhaseStarted { phase, items });
        Instant::now()
    }

    fn phase_finished(&self, phase: Phase, passed: bool, summary: String, started: Instant) {
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.progress)(ProgressEvent::PhaseFinished { phase, passed, summary, duration_ms });
    }
}

fn label(item: &PlannedItem, run: &CheckRun) -> String {
    let optional = if item.required { "" } else { " (optional)" };
    match &run.method {
        Some(method) => format!("{}{optional} {method} {}", item.name, run.endpoint),
        None => format!("{}{optional} {}", item.name, run.endpoint),
    }
}

/// Renews the lease as long as it is polled; stops the run when somebody asks for it, when another process has taken
/// over, or when the lease could not be renewed until it ran out.
async fn keep_lease(deps: Arc<OrchestratorDeps>, fence: Fence, cancel: CancellationToken) -> std::convert::Infallible {
    let mut renewed = deps.clock.now();
    loop {
        tokio::time::sleep(RENEWAL).await;
        let now = deps.clock.now();
        match deps.ledger.store().renew_lease(&fence, now.plus_ms(LEASE_MS)).await {
            Ok(cancel_requested) => {
                renewed = now;
                if cancel_requested {
                    cancel.cancel();
                }
            }
            Err(StoreError::StaleFence) => cancel.cancel(),
            Err(error) => {
                tracing::warn!(task.id = %fence.task_id, %error, "the lease of a run could not be renewed");
                if now.ms_since(renewed) > LEASE_MS {
                    cancel.cancel();
                }
            }
        }
    }
}
