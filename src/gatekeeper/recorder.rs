//! Sends the components that observe, and writes down everything that they bring, as it comes.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::observation::{EarlierObservations, check_identity, red};
use crate::domain::{
    BuildIdentity, BuildStanding, ChecklistTarget, CommandRun, Convergence, DriftKind, DriftReport, ExpectationResult,
    Fence, ItemSource, ObservedChange, Outcome, Proof, ProofChange, ProofResult, TaskId, Timestamp,
};
use crate::drift::{DriftDetector, DriftRequest};
use crate::executor::Executor;
use crate::expect::{AnswerPlace, PlannedItem};
use crate::ledger::{CommandRecord, DriftMoment, DriftRecord, Entry, EntryRef, Fact, Ledger, LedgerError};
use crate::validator::{CheckRun, MIXED, Validator};

/// The most proofs that are written in one transaction.
const BATCH: usize = 256;

/// What every proof of a run carries besides what was observed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProofStamp {
    pub(crate) commit: Option<BuildIdentity>,
    pub(crate) criteria_digest: Option<String>,
    pub(crate) config_digest: Option<String>,
    /// Whether settings are in force that no person trusted (docs/design/gate.md L14).
    pub(crate) untrusted_settings: bool,
    /// The caller who asked, where callers have names. An entry that belongs to no task belongs to them.
    pub(crate) caller: Option<String>,
}

/// The only writer of one run's evidence; it remembers what it wrote (G5).
#[derive(Debug)]
pub(crate) struct EvidenceRecorder {
    ledger: Ledger,
    fence: Option<Fence>,
    /// The task that is observed before its first attempt.
    baseline_of: Option<TaskId>,
    stamp: ProofStamp,
    written: Mutex<Vec<EntryRef>>,
    earlier: EarlierObservations,
    /// The commit that production told last.
    build: Mutex<Option<String>>,
    /// The path that told it.
    build_told_at: Mutex<Option<String>>,
    /// The kinds of comparison that told which build answers.
    build_kinds: Mutex<BTreeSet<DriftKind>>,
    /// When the first local test began.
    tests_began: OnceLock<Timestamp>,
}

impl EvidenceRecorder {
    /// Makes the writer of a run whose first entries were written already. Without a fence it writes observations that
    /// belong to no task.
    pub(crate) fn new(ledger: Ledger, fence: Option<Fence>, stamp: ProofStamp, first: Vec<EntryRef>) -> Self {
        let (written, earlier, build) = (Mutex::new(first), EarlierObservations::default(), Mutex::default());
        let build_told_at = Mutex::default();
        let (build_kinds, tests_began) = (Mutex::default(), OnceLock::new());
        let baseline_of = None;
        Self { ledger, fence, baseline_of, stamp, written, earlier, build, build_told_at, build_kinds, tests_began }
    }

    /// Makes the writer of what is observed for a task before its first attempt.
    pub(crate) fn of_baseline(ledger: Ledger, task_id: TaskId, stamp: ProofStamp) -> Self {
        Self { baseline_of: Some(task_id), ..Self::new(ledger, None, stamp, Vec::new()) }
    }

    /// Returns the same writer, which compares with what was observed before.
    pub(crate) fn comparing_with(self, earlier: EarlierObservations) -> Self {
        Self { earlier, ..self }
    }

    /// Returns the kinds of comparison that told which build answers.
    pub(super) fn build_kinds(&self) -> BTreeSet<DriftKind> {
        self.build_kinds.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The local tests begin.
    pub(crate) fn tests_begin(&self, now: Timestamp) {
        self.tests_began.get_or_init(|| now);
    }

    /// Returns when the local tests began.
    pub(super) fn tests_began(&self) -> Option<Timestamp> {
        self.tests_began.get().copied()
    }

    /// Returns the path that told the commit.
    pub(super) fn build_told_at(&self) -> Option<String> {
        self.build_told_at.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns what was observed before.
    pub(super) const fn earlier(&self) -> &EarlierObservations {
        &self.earlier
    }

    /// Returns the hashes of everything that this writer wrote.
    pub(crate) fn written(&self) -> HashSet<String> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|entry| entry.hash.clone()).collect()
    }

    /// Appends facts of this run.
    pub(crate) async fn record(&self, facts: Vec<Fact>) -> Result<Vec<EntryRef>, LedgerError> {
        let written = match (&self.fence, &self.baseline_of, &self.stamp.caller) {
            (None, Some(task), _) => self.ledger.append_baseline(task, facts).await?,
            (None, None, Some(caller)) => self.ledger.append_for(caller, facts).await?,
            (fence, ..) => self.ledger.append(fence.as_ref(), facts).await?,
        };
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(written.iter().cloned());
        Ok(written)
    }

    /// Runs a local test and records it.
    pub(crate) async fn local_test(
        &self,
        executor: &Executor,
        name: &str,
        command: &str,
        timeout_ms: u64,
        cancel: &CancellationToken,
    ) -> Result<CommandRun, LedgerError> {
        let run = executor.run_test(command, timeout_ms, cancel).await;
        let record = CommandRecord { name: name.to_owned(), run: run.clone() };
        self.record(vec![Fact::LocalTest(Box::new(record))]).await?;
        Ok(run)
    }

    /// Looks for drift and records the report.
    pub(crate) async fn drift(
        &self,
        detector: &DriftDetector,
        request: &DriftRequest,
        when: DriftMoment,
        cancel: &CancellationToken,
    ) -> Result<DriftReport, LedgerError> {
        let report = detector.check(request, cancel).await;
        for check in &report.checks {
            let Some(build) = &check.build else { continue };
            if check.kind == DriftKind::Version {
                self.build.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&build.commit);
                *self.build_told_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(check.subject.clone());
            }
            if build.commit.is_some() || build.standing != BuildStanding::Unknown {
                self.build_kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(check.kind);
            }
        }
        self.record(vec![Fact::Drift(DriftRecord { when, report: report.clone() })]).await?;
        Ok(report)
    }

    /// Executes a checklist and records each proof as soon as it is there, several in one transaction when they come
    /// faster than they are written.
    pub(crate) async fn checklist(
        &self,
        validator: &Validator,
        items: &[PlannedItem],
        converge: Convergence,
        cancel: &CancellationToken,
        on_item: &(dyn Fn(&PlannedItem, &CheckRun) + Send + Sync),
    ) -> Result<(), LedgerError> {
        let stop = cancel.child_token();
        let (sender, mut receiver) = mpsc::unbounded_channel::<(usize, CheckRun)>();
        let items: &[PlannedItem] = &items.iter().map(|item| self.with_baseline(item)).collect::<Vec<_>>();
        let observing = async {
            let sender = sender;
            let tell = |index: usize, run: &CheckRun| {
                if let Some(item) = items.get(index) {
                    on_item(item, run);
                }
                // The receiver lives until this future has ended; a closed one means that writing failed.
                let _ = sender.send((index, run.clone()));
            };
            validator.run_all(items, converge, &stop, &tell).await;
        };
        let recording = async {
            let mut failure = None;
            let mut batch = Vec::new();
            while receiver.recv_many(&mut batch, BATCH).await > 0 {
                let finished = std::mem::take(&mut batch);
                if failure.is_none() {
                    failure = self.proofs(items, &finished).await.err();
                    if failure.is_some() {
                        stop.cancel();
                    }
                }
            }
            failure
        };
        let ((), failure) = futures_util::future::join(observing, recording).await;
        failure.map_or(Ok(()), Err)
    }

    /// Hands an item what its answer was before, where it is compared with that.
    fn with_baseline(&self, item: &PlannedItem) -> PlannedItem {
        let mut item = item.clone();
        if let ChecklistTarget::Live(check) = &mut item.target
            && check.compares_with_baseline()
            && let Some(baseline) = self.earlier.baseline(&check_identity(check))
        {
            check.compare_with(baseline.clone());
        }
        item
    }

    async fn proofs(&self, items: &[PlannedItem], finished: &[(usize, CheckRun)]) -> Result<(), LedgerError> {
        let proofs = finished.iter().filter_map(|(index, run)| Some(self.proof(items.get(*index)?, run)));
        self.record(proofs.map(|proof| Fact::Proof(Box::new(proof))).collect()).await.map(|_| ())
    }

    /// Records one proof and returns it with its place in the ledger.
    pub(crate) async fn one_proof(&self, item: &PlannedItem, run: &CheckRun) -> Result<Proof, LedgerError> {
        let mut proof = self.proof(item, run);
        let written = self.record(vec![Fact::Proof(Box::new(proof.clone()))]).await?;
        if let Some(place) = written.first() {
            proof.seq = Some(place.seq);
            proof.hash = Some(place.hash.clone());
        }
        Ok(proof)
    }

    fn proof(&self, item: &PlannedItem, run: &CheckRun) -> Proof {
        let of_baseline = self.baseline_of.as_ref().and_then(|_| as_its_own_baseline(item, run));
        let (run, red_by_itself) = of_baseline.as_ref().map_or((run, None), |(run, red)| (run, Some(red.clone())));
        let why_not = item.not_counted.clone().or_else(|| redirected_off_route(item, run));
        let why_not = why_not.or_else(|| run.not_counted.clone());
        let build = self.build.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let other_build = build.as_deref().and_then(|build| run.other_build(build));
        let observed = self.observed_change(item, run, build.as_deref(), other_build.is_some());
        let live = match &item.target {
            ChecklistTarget::Live(check) => Some(check),
            ChecklistTarget::Health { .. } | ChecklistTarget::Ui { .. } => None,
        };
        let told = observed.as_ref().and_then(|observed| observed.told.clone());
        Proof {
            endpoint: run.endpoint.clone(),
            user_tested: run.user_tested.clone(),
            result: ProofResult::from(&run.outcome),
            timestamp: run.finished_at,
            response_code: run.response_code,
            response_body: run.response_body.clone(),
            response_digest: run.response_digest.clone(),
            response_bytes: run.response_bytes,
            html: run.html,
            error_message: run.outcome.reason(),
            check: item.name.clone(),
            method: run.method.clone(),
            kind: item.kind(),
            required: item.required && !is_optional_health_probe(item, run),
            counts: item.counts && why_not.is_none(),
            not_counted: why_not,
            catch_all: run.catch_all,
            expectations: run.expectations.clone(),
            told: run.told.iter().cloned().chain(other_build).chain(told).collect(),
            attempts: run.attempts.clone(),
            duration_ms: run.duration_ms,
            task_id: self.fence.as_ref().map(|fence| &fence.task_id).or(self.baseline_of.as_ref()).cloned(),
            attempt: self.fence.as_ref().map(|fence| fence.attempt).or_else(|| self.baseline_of.as_ref().map(|_| 0)),
            check_identity: live.map(check_identity),
            red: live.and_then(|check| red(check, run)).or(red_by_itself),
            untrusted_settings: self.stamp.untrusted_settings,
            shape: run.shape.clone(),
            build,
            change: observed.as_ref().map(|observed| observed.change),
            shown_by_deploy: observed.is_some_and(|observed| observed.by_deploy),
            commit: self.stamp.commit.clone(),
            criteria_digest: self.stamp.criteria_digest.clone(),
            config_digest: self.stamp.config_digest.clone(),
            seq: None,
            hash: None,
        }
    }

    /// Says what a passing check of the task's own says about the change. Answers that do not agree in form or build, and
    /// those that are not the plain route's, show nothing.
    fn observed_change(
        &self,
        item: &PlannedItem,
        run: &CheckRun,
        build: Option<&str>,
        is_of_other_build: bool,
    ) -> Option<ObservedChange> {
        let ChecklistTarget::Live(check) = &item.target else { return None };
        if item.source != ItemSource::Task || !item.required || !run.outcome.is_passed() {
            return None;
        }
        let first = run.attempts.first().map_or(run.finished_at, |attempt| attempt.at);
        let observed = self.earlier.change(&check_identity(check), build, first);
        let is_mixed = is_of_other_build || run.told.iter().any(|line| line.starts_with(MIXED));
        match observed.change {
            ProofChange::Shown if is_mixed => {
                let told = observed.told.map(|told| format!("{told}, but the answers now are mixed"));
                Some(ObservedChange { change: ProofChange::Unseen, told, by_deploy: false })
            }
            _ => Some(observed),
        }
    }

    /// Reads back from the ledger every entry of this run's task and attempt, whoever wrote it.
    pub(crate) async fn read_back(&self) -> Result<Vec<Entry>, LedgerError> {
        if let Some(fence) = &self.fence {
            return self.ledger.task_entries(&fence.task_id, Some(fence.attempt)).await;
        }
        let places = self.written.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut entries = Vec::with_capacity(places.len());
        for place in places {
            entries.push(self.ledger.entry(place.seq).await?);
        }
        Ok(entries)
    }
}

/// A well-known health route that nobody configured is only a candidate: when it is absent, gives no answer, or one that
/// says nothing about health, it never blocks (G7).
pub(crate) fn is_optional_health_probe(item: &PlannedItem, run: &CheckRun) -> bool {
    matches!(item.target, ChecklistTarget::Health { configured: false, .. })
        && matches!(run.outcome, Outcome::Unverified { .. })
}

/// In a baseline an answer that is to differ from it is compared with itself: that line is red, where the others hold and the
/// answer is one to compare with.
fn as_its_own_baseline(item: &PlannedItem, run: &CheckRun) -> Option<(CheckRun, String)> {
    let check = item.prepared().filter(|_| run.shape.is_some())?;
    let place = check.expectations().iter().position(|one| one.place() == AnswerPlace::Baseline)?;
    let is_open = |(index, one): (usize, &ExpectationResult)| match one.result {
        ProofResult::Pass => index != place,
        ProofResult::Unverified => index == place,
        ProofResult::Fail => false,
    };
    if !run.expectations.iter().enumerate().all(is_open) {
        return None;
    }
    let mut run = run.clone();
    let outcome = Outcome::failed("an answer that differs", "the one that is kept as the baseline");
    let line = run.expectations.get_mut(place)?;
    (line.result, line.error_message) = (ProofResult::Fail, outcome.reason());
    run.outcome = outcome;
    Some((run, format!("expect[{place}]")))
}

/// A redirect that was followed shows where it led, not the route that was asked: one page could answer for all.
fn redirected_off_route(item: &PlannedItem, run: &CheckRun) -> Option<String> {
    let (check, answered) = item.check().zip(run.answered_by.as_ref())?;
    (check.route() != *answered).then(|| format!("was redirected to {}, which answered instead", answered.path()))
}
