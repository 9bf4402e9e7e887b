//! The two gates.

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::decide::{RecordedEvidence, decide, judge};
use super::recorder::{EvidenceRecorder, ProofStamp};
use super::{GatePass, Requirements, RequirementsError};
use crate::domain::{
    Cause, ChecklistTarget, Convergence, Criteria, DriftAnswer, DriftCheck, DriftKind, DriftReport, GateName,
    GateReason, Method, Policy, Production, Redactor, ResolvedCheck, TaskId, VERSION_PATHS, Verdict, VersionSource,
};
use crate::drift::{DriftDetector, DriftRequest, RouteProbe};
use crate::executor::Executor;
use crate::expect::PlannedItem;
use crate::ledger::{ChecklistGenerated, DriftMoment, Fact, Ledger, LedgerError};
use crate::validator::{CheckRun, EarlierLooks, Validator};

/// Everything that a gatekeeper depends on.
#[derive(Debug, Clone)]
pub struct GatekeeperDeps {
    /// Labels decisions.
    pub id: String,
    /// Production.
    pub production: Production,
    /// The floor under every task.
    pub policy: Policy,
    /// Runs checks.
    pub validator: Validator,
    /// Looks for drift.
    pub drift: DriftDetector,
    /// Whether a finding of gate 1 stops a task.
    pub fail_fast_on_drift: bool,
    /// Settings in force that no person trusted as they are, one line each.
    pub untrusted: Vec<String>,
    /// Takes secrets out of the checklist that is recorded.
    pub redactor: Redactor,
}

/// The single authority for validation decisions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gatekeeper {
    deps: GatekeeperDeps,
}

/// What gate 1 found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalToValidation {
    /// Its verdict.
    pub verdict: Verdict,
    /// The drift report that it was decided from.
    pub report: DriftReport,
}

/// What gate 2 found, for a caller who only asks.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidationToProd {
    /// Its verdict.
    pub verdict: Verdict,
    /// The checklist that it was decided from.
    pub checklist: Vec<PlannedItem>,
}

impl Gatekeeper {
    /// Makes a gatekeeper. Both its gates ask as the same sessions of test users.
    pub fn new(deps: GatekeeperDeps) -> Self {
        let validator = deps.validator.anew();
        let drift = deps.drift.logged_in(validator.sessions());
        Self { deps: GatekeeperDeps { validator, drift, ..deps } }
    }

    /// Returns the same gatekeeper whose commands run under a run's cookie, and whose second gate takes the looks of the first
    /// for its first asks.
    pub(crate) fn for_run(&self, executor: &Executor) -> Self {
        let looks = Arc::new(EarlierLooks::default());
        let mut deps = self.deps.clone();
        deps.validator = deps.validator.with_executor(executor.clone()).sharing(looks.clone());
        deps.drift = deps.drift.with_executor(executor.clone()).sharing(looks);
        Self { deps }
    }

    /// Returns the same gatekeeper whose verdicts name more that no person trusted, one line each.
    pub(crate) fn naming(mut self, lines: Vec<String>) -> Self {
        self.deps.untrusted.extend(lines);
        self
    }

    /// Returns the label of its decisions.
    pub fn id(&self) -> &str {
        &self.deps.id
    }

    /// Sets what criteria require.
    ///
    /// # Errors
    /// As [`Requirements::new`].
    pub fn requirements(&self, criteria: &Criteria) -> Result<Requirements, RequirementsError> {
        Requirements::new(criteria, &self.deps.policy, &self.deps.production)
    }

    /// Asks gate 1, LOCAL_OK → VALIDATING, without a task: what it observes is recorded and belongs to no task.
    ///
    /// # Errors
    /// When what was observed could not be recorded.
    pub async fn gate_local_to_validation(
        &self,
        ledger: &Ledger,
        requirements: &Requirements,
        cancel: &CancellationToken,
    ) -> Result<LocalToValidation, LedgerError> {
        let recorder = EvidenceRecorder::new(ledger.clone(), None, ProofStamp::default(), Vec::new());
        self.local_to_validation(&recorder, requirements, Convergence::default(), cancel).await
    }

    /// Asks gate 2, VALIDATING → PROD_OK, without a task: what it observes is recorded, and no pass comes of it.
    ///
    /// # Errors
    /// When what was observed could not be recorded or read back.
    pub async fn gate_validation_to_prod(
        &self,
        ledger: &Ledger,
        requirements: &Requirements,
        cancel: &CancellationToken,
    ) -> Result<ValidationToProd, LedgerError> {
        let recorder = EvidenceRecorder::new(ledger.clone(), None, ProofStamp::default(), Vec::new());
        let checklist = requirements.checklist().to_vec();
        recorder.checklist(&self.deps.validator, &checklist, Convergence::default(), cancel, &|_, _| {}).await?;
        let entries = recorder.read_back().await?;
        let written = recorder.written();
        let evidence = RecordedEvidence {
            entries: &entries,
            written: &written,
            earlier: recorder.earlier(),
            commit: None,
            in_git: false,
            untrusted: &self.deps.untrusted,
        };
        let verdict = judge(requirements, &checklist, &evidence);
        Ok(ValidationToProd { verdict, checklist })
    }

    /// Gate 1: looks for drift on the task's own routes, health, schema and version. Only findings stop.
    pub(crate) async fn local_to_validation(
        &self,
        recorder: &EvidenceRecorder,
        requirements: &Requirements,
        converge: Convergence,
        cancel: &CancellationToken,
    ) -> Result<LocalToValidation, LedgerError> {
        let request = DriftRequest {
            built_since: recorder.tests_began().filter(|_| requirements.only_policy_tests),
            ..drift_request(requirements, converge)
        };
        let report = recorder.drift(&self.deps.drift, &request, DriftMoment::Before, cancel).await?;
        let reasons: Vec<GateReason> = findings(&report)
            .map(|(check, issue)| GateReason {
                rule: "drift".to_owned(),
                check: Some(check.label()),
                text: issue.to_owned(),
                unverified: false,
            })
            .collect();
        let passed = reasons.is_empty() || !self.deps.fail_fast_on_drift;
        let verdict = Verdict {
            gate: GateName::LocalToValidation,
            passed,
            cause: (!passed).then_some(Cause::Drift),
            reasons,
            proofs_required: requirements.required_proofs(requirements.possible_proofs()),
            proofs_counted: 0,
            assurance: None,
        };
        Ok(LocalToValidation { verdict, report })
    }

    /// Gate 2: executes the checklist and decides from the ledger read back.
    #[expect(clippy::too_many_arguments, reason = "a run's own values, named one by one")]
    pub(crate) async fn validation_to_prod(
        &self,
        recorder: &EvidenceRecorder,
        executor: &Executor,
        task_id: &TaskId,
        attempt: u32,
        requirements: &Requirements,
        converge: Convergence,
        cancel: &CancellationToken,
        on_item: &(dyn Fn(&PlannedItem, &CheckRun) + Send + Sync),
    ) -> Result<(Verdict, Option<GatePass>), LedgerError> {
        let items = requirements.checklist();
        let checklist = ChecklistGenerated {
            items: items.iter().map(|item| item.redacted(&self.deps.redactor)).collect(),
            required_proofs: requirements.required_proofs(requirements.possible_proofs()),
            min_task_proofs: requirements.min_task_proofs,
            possible_proofs: requirements.possible_proofs(),
            settle_ms: converge.settle_ms,
        };
        recorder.record(vec![Fact::Checklist(Box::new(checklist))]).await?;
        recorder.checklist(&self.deps.validator, items, converge, cancel, on_item).await?;
        // Which build answers is asked once more, where it was told: production must not change meanwhile (G11).
        if !recorder.build_kinds().is_empty() {
            let again = self.build_again(recorder, requirements);
            recorder.drift(&self.deps.drift, &again, DriftMoment::Checked, cancel).await?;
        }
        let commit = Box::pin(executor.build_identity()).await;
        let entries = recorder.read_back().await?;
        let (written, earlier) = (recorder.written(), recorder.earlier());
        let evidence = RecordedEvidence {
            entries: &entries,
            written: &written,
            earlier,
            commit: commit.as_ref(),
            in_git: executor.is_in_git(),
            untrusted: &self.deps.untrusted,
        };
        Ok(decide(task_id, attempt, requirements, items, &evidence))
    }

    /// Asks for the build once more, by what told it: at the place that did, where that is no version route.
    fn build_again(&self, recorder: &EvidenceRecorder, requirements: &Requirements) -> DriftRequest {
        let told_at = recorder.build_told_at().filter(|path| !VERSION_PATHS.contains(&path.as_str()));
        let build_path = told_at.filter(|_| self.deps.production.version == VersionSource::default());
        DriftRequest {
            kinds: recorder.build_kinds(),
            build_path,
            built_since: recorder.tests_began().filter(|_| requirements.only_policy_tests),
            ..DriftRequest::default()
        }
    }

    /// Observes what changes nothing of a checklist: the build, health, the safe checks. No decision comes of it.
    pub(crate) async fn observe_baseline(
        &self,
        recorder: &EvidenceRecorder,
        requirements: &Requirements,
        cancel: &CancellationToken,
    ) -> Result<(), LedgerError> {
        // Where no version route tells the build, health routes may; their answers are the first asks of their items.
        let mut version = self.build_again(recorder, requirements);
        version.kinds.insert(DriftKind::Version);
        if requirements.asks_health() && recorder.build_told_at().is_none() {
            version.kinds.insert(DriftKind::Health);
        }
        recorder.drift(&self.deps.drift, &version, DriftMoment::Checked, cancel).await?;
        let is_safe = |item: &&PlannedItem| match &item.target {
            ChecklistTarget::Live(check) => check.asked().is_safe() && !check.asked().once && check.uses().is_empty(),
            ChecklistTarget::Health { .. } => true,
            ChecklistTarget::Ui { .. } => false,
        };
        let items: Vec<PlannedItem> = requirements.checklist().iter().filter(is_safe).cloned().collect();
        recorder.checklist(&self.deps.validator, &items, Convergence::default(), cancel, &|_, _| {}).await
    }

    /// Looks for drift after a refusal and tells whether a finding explains it: one about the origin and path of a
    /// refused item, or one about schema or version.
    pub(crate) async fn explain_refusal(
        &self,
        recorder: &EvidenceRecorder,
        requirements: &Requirements,
        verdict: &Verdict,
        cancel: &CancellationToken,
    ) -> Result<bool, LedgerError> {
        let report = recorder
            .drift(&self.deps.drift, &drift_request(requirements, Convergence::default()), DriftMoment::After, cancel)
            .await?;
        Ok(explains(&report, requirements.checklist(), verdict))
    }
}

/// Returns the drift request that requirements need: the task's own routes on production that are asked with GET or
/// HEAD, health, schema and version (gate.md L5; findings.md A08: a POST-only route is not probed).
fn drift_request(requirements: &Requirements, converge: Convergence) -> DriftRequest {
    let mut seen = HashSet::new();
    let routes = requirements
        .task_checks()
        .filter(|check| matches!(check.method(), Method::Get | Method::Head) && check.uses().is_empty())
        .filter(|check| !check.asked().once)
        .filter(|check| *check.origin() == requirements.production().origin)
        .filter(|check| seen.insert(check.url()))
        .map(|check| RouteProbe {
            subject: path_and_query(check),
            expected: Some(check.expected_status().clone()),
            check: ResolvedCheck::clone(check),
            explicit: false,
        })
        .collect();
    let kinds =
        DriftKind::ALL.into_iter().filter(|kind| *kind != DriftKind::Health || requirements.asks_health()).collect();
    let known_health = requirements.known_health().to_vec();
    DriftRequest { routes, kinds, known_health, converge, ..DriftRequest::default() }
}

fn path_and_query(check: &ResolvedCheck) -> String {
    match check.url().query() {
        Some(query) => format!("{}?{query}", check.url().path()),
        None => check.url().path().to_owned(),
    }
}

fn findings(report: &DriftReport) -> impl Iterator<Item = (&DriftCheck, &str)> {
    report.checks.iter().filter_map(|check| match &check.answer {
        DriftAnswer::Found { issue, .. } => Some((check, issue.as_str())),
        _ => None,
    })
}

fn explains(report: &DriftReport, items: &[PlannedItem], verdict: &Verdict) -> bool {
    let failing: HashSet<_> = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.check.as_deref())
        .filter_map(|name| items.iter().find(|item| item.name == name))
        .filter_map(|item| item.check().map(ResolvedCheck::route))
        .collect();
    findings(report).any(|(check, _)| {
        !check.kind.concerns_one_route() || check.route.as_ref().is_some_and(|route| failing.contains(route))
    })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::{LiveCheck, RouteKey, Timestamp};

    fn report(kind: DriftKind, url: Option<&str>) -> DriftReport {
        let answer = DriftAnswer::Found { issue: "differs".into(), recommendation: "deploy".into() };
        let check = DriftCheck {
            kind,
            subject: "x".into(),
            url: url.map(str::to_owned),
            route: url.map(|url| RouteKey::of(&Url::parse(url).expect("a URL"))),
            response_code: None,
            answer,
            build: None,
            explicit: false,
        };
        DriftReport { checks: vec![check], checked_at: Timestamp::from_micros(0) }
    }

    fn requirements() -> Requirements {
        let production = Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production");
        let criteria = Criteria {
            local_tests: Vec::new(),
            live_checks: vec![
                LiveCheck::get("/api/users?page=1"),
                LiveCheck::get("/api/login").with_method(Method::Post),
                LiveCheck::get("https://status.example.com/x"),
            ],
            ui_tests: Vec::new(),
            required_proofs: Some(1),
        };
        Requirements::new(&criteria, &Policy::default(), &production).expect("requirements")
    }

    fn refusal() -> Verdict {
        Verdict {
            gate: GateName::ValidationToProd,
            passed: false,
            reasons: vec![GateReason {
                rule: "G2".into(),
                check: Some("task_check_1".into()),
                text: "x".into(),
                unverified: false,
            }],
            cause: Some(Cause::Failed),
            proofs_required: 1,
            proofs_counted: 0,
            assurance: None,
        }
    }

    #[test]
    fn a08_a11_only_routes_on_production_that_are_read_are_probed() {
        let request = drift_request(&requirements(), Convergence::default());
        let subjects: Vec<&str> = request.routes.iter().map(|route| route.subject.as_str()).collect();
        assert_eq!(subjects, ["/api/users?page=1"]);
    }

    #[test]
    fn a17_a_finding_about_the_failing_route_explains_the_failure_and_another_does_not() {
        let requirements = requirements();
        let items = requirements.checklist();
        let same = report(DriftKind::Route, Some("https://api.example.com/api/users?page=1"));
        let other = report(DriftKind::Route, Some("https://api.example.com/api/orders"));
        assert!(explains(&same, items, &refusal()));
        assert!(!explains(&other, items, &refusal()));
        assert!(explains(&report(DriftKind::Schema, None), items, &refusal()));
        assert!(explains(&report(DriftKind::Version, None), items, &refusal()));
    }
}
