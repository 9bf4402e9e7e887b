//! A project's folder with a store and a ledger, and a second way into its file: the sqlite3 tool.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use super::sqlite::sqlite3;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use snipara_orchestrator::domain::{
    BuildIdentity, Cause, Criteria, DriftAnswer, DriftCheck, DriftKind, DriftReport, Fence, FixedClock, GateName,
    LedgerSummary, LiveCheck, ProcessIdentity, ProjectId, Proof, ProofCounts, ProofKind, ProofResult, RunHolder,
    SharedClock, Task, TaskId, TaskReport, TaskStatus, Timestamp, Verdict,
};
use snipara_orchestrator::ledger::{
    Decision, DriftMoment, DriftRecord, Fact, Ledger, RunConditions, RunStart, Transition,
};
use snipara_orchestrator::store::{STORE_FILE, Store};

/// The moment at which fixed clocks begin.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

/// A store and a ledger in a folder of their own.
pub(crate) struct Book {
    pub(crate) folder: PathBuf,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<FixedClock>,
    _temporary: tempfile::TempDir,
}

impl Book {
    pub(crate) async fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().join("demo");
        let clock = Arc::new(FixedClock::new(START));
        let ledger = open(&folder, clock.clone()).await;
        Self { folder, ledger, clock, _temporary: temporary }
    }

    /// A book in which one task failed once and then was done: 14 entries.
    pub(crate) async fn with_a_done_task() -> (Self, TaskId) {
        let book = Self::new().await;
        let task = task("Deploy auth");
        book.ledger.create_task(&task).await.expect("created");
        let fence = book.start(&task.id).await;
        book.fail(&fence).await;
        let fence = book.start(&task.id).await;
        book.pass(&fence).await;
        (book, task.id)
    }

    pub(crate) async fn start(&self, id: &TaskId) -> Fence {
        self.ledger.start_run(id, run_start("test")).await.expect("started").0
    }

    pub(crate) async fn fail(&self, fence: &Fence) {
        let moves = [(TaskStatus::InProgress, TaskStatus::LocalFail, Some(Cause::Failed))];
        self.go(fence, &moves).await;
        self.end(fence, TaskStatus::LocalFail).await;
    }

    /// In progress → local ok → validating, three proofs, the decision, prod ok → done.
    pub(crate) async fn pass(&self, fence: &Fence) {
        use TaskStatus::{Done, InProgress, LocalOk, ProdOk, Validating};
        self.go(fence, &[(InProgress, LocalOk, None), (LocalOk, Validating, None)]).await;
        let proofs = (1..=3).map(|number| proof(fence, number)).collect();
        self.ledger.append(Some(fence), proofs).await.expect("proofs");
        let facts = vec![decision(true), transition(Validating, ProdOk, None), transition(ProdOk, Done, None)];
        self.ledger.append(Some(fence), facts).await.expect("done");
        self.end(fence, Done).await;
    }

    pub(crate) async fn go(&self, fence: &Fence, moves: &[(TaskStatus, TaskStatus, Option<Cause>)]) {
        let facts = moves.iter().map(|(from, to, cause)| transition(*from, *to, *cause)).collect();
        self.ledger.append(Some(fence), facts).await.expect("moved");
    }

    pub(crate) async fn end(&self, fence: &Fence, status: TaskStatus) {
        self.ledger.end_run(fence, &report(fence, status)).await.expect("ended");
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(STORE_FILE)
    }

    pub(crate) fn head_file(&self) -> PathBuf {
        self.folder.join("ledger.head")
    }

    /// Runs SQL, as somebody would who edits the file.
    pub(crate) fn sqlite3(&self, sql: &str) -> Result<String, String> {
        sqlite3(&self.file(), sql)
    }

    /// Runs SQL that must succeed, and returns what it prints.
    pub(crate) fn edit(&self, sql: &str) -> String {
        self.sqlite3(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Takes the triggers away, as somebody would who knows the file.
    pub(crate) fn drop_triggers(&self) {
        for name in self.edit("SELECT name FROM sqlite_master WHERE type = 'trigger'").lines() {
            self.edit(&format!("DROP TRIGGER {name}"));
        }
    }

    /// Verifies with a store and a ledger that were opened anew; returns the problem.
    pub(crate) async fn problem(&self) -> Option<(Option<u64>, String)> {
        let report = open(&self.folder, self.clock.clone()).await.verify().await.expect("verified");
        assert_eq!(report.verified, report.problem.is_none());
        report.problem.map(|problem| (problem.seq, problem.what))
    }
}

pub(crate) async fn open(folder: &Path, clock: SharedClock) -> Ledger {
    Ledger::new(Store::open(folder, &project()).await.expect("opens"), clock)
}

pub(crate) fn project() -> ProjectId {
    ProjectId::from_name("demo").expect("a name")
}

fn criteria() -> Criteria {
    Criteria {
        local_tests: vec!["true".into()],
        live_checks: vec![LiveCheck::get("https://api.example.com/session")],
        ui_tests: vec![],
        required_proofs: Some(3),
    }
}

pub(crate) fn task(title: &str) -> Task {
    let criteria = criteria();
    Task {
        id: TaskId::generate(START),
        title: title.to_owned(),
        description: String::new(),
        criteria_digest: criteria.digest().expect("a digest"),
        criteria,
        status: TaskStatus::Pending,
        cause: None,
        attempt: 0,
        created_at: START,
        updated_at: START,
    }
}

/// The start of a run of a task that [`task`] made.
pub(crate) fn run_start(label: &str) -> RunStart {
    RunStart {
        cookie: "cookie-1".into(),
        lease_ms: 60_000,
        conditions: RunConditions {
            holder: RunHolder {
                label: label.to_owned(),
                process: ProcessIdentity { process_id: 4711, start_ticks: 99, boot_id: "boot".into() },
            },
            config_digest: "sha256:config".into(),
            production_origin: "https://api.example.com".into(),
            criteria_digest: criteria().digest().expect("a digest"),
            commit: Some(BuildIdentity {
                head: "0123456789abcdef0123456789abcdef01234567".into(),
                dirty: false,
                uncommitted: 0,
            }),
            gatekeeper: "gatekeeper".into(),
            settle_ms: 0,
            converge: None,
            hold_ms: None,
            keep_going: false,
            fail_fast_on_drift: true,
        },
    }
}

/// A fact of no task: drift was looked for, with this finding about this subject.
pub(crate) fn drift(subject: &str, issue: &str) -> Fact {
    let check = DriftCheck {
        kind: DriftKind::Route,
        subject: subject.to_owned(),
        url: None,
        route: None,
        response_code: None,
        answer: DriftAnswer::Found { issue: issue.to_owned(), recommendation: "deploy".into() },
        build: None,
        explicit: false,
    };
    Fact::Drift(DriftRecord {
        when: DriftMoment::Asked,
        report: DriftReport { checks: vec![check], checked_at: START },
    })
}

pub(crate) fn decision(passed: bool) -> Fact {
    let verdict = Verdict {
        gate: GateName::ValidationToProd,
        passed,
        reasons: vec![],
        cause: None,
        proofs_required: 3,
        proofs_counted: 3,
        assurance: None,
    };
    Fact::Decision(Box::new(Decision { verdict, gatekeeper: "gatekeeper".into() }))
}

pub(crate) fn transition(from: TaskStatus, to: TaskStatus, cause: Option<Cause>) -> Fact {
    Fact::Transition(Transition { from, to, cause })
}

pub(crate) fn proof(fence: &Fence, number: u32) -> Fact {
    Fact::Proof(Box::new(Proof {
        task_id: Some(fence.task_id.clone()),
        attempt: Some(fence.attempt),
        response_body: Some(json!({ "answer": number })),
        ..live_proof(&format!("task_check_{number}"))
    }))
}

/// A proof of no task, without a body.
pub(crate) fn live_proof(check: &str) -> Proof {
    Proof {
        not_counted: None,
        catch_all: false,
        expectations: Vec::new(),
        told: Vec::new(),
        endpoint: "https://api.example.com/session".into(),
        user_tested: "anonymous".into(),
        result: ProofResult::Pass,
        timestamp: START,
        response_code: Some(200),
        response_body: None,
        response_digest: None,
        response_bytes: None,
        html: false,
        error_message: None,
        check: check.to_owned(),
        method: Some("GET".into()),
        kind: ProofKind::Live,
        required: true,
        counts: true,
        attempts: vec![],
        duration_ms: 1,
        task_id: None,
        attempt: None,
        check_identity: None,
        red: None,
        build: None,
        change: None,
        shown_by_deploy: false,
        untrusted_settings: false,
        shape: None,
        commit: None,
        criteria_digest: None,
        config_digest: None,
        seq: None,
        hash: None,
    }
}

pub(crate) fn report(fence: &Fence, status: TaskStatus) -> TaskReport {
    TaskReport {
        task_id: fence.task_id.clone(),
        title: "Deploy auth".into(),
        status,
        cause: None,
        attempt: fence.attempt,
        running: false,
        headline: String::new(),
        assurance: None,
        gate: None,
        proofs: ProofCounts::default(),
        failing: vec![],
        drift: None,
        context: Vec::new(),
        memories: Vec::new(),
        warnings: vec![],
        next_step: "Nothing.".into(),
        ledger: LedgerSummary { entries: 1, head: "sha256:x".into() },
        duration_ms: 1,
    }
}

impl Book {
    pub(crate) fn clock_now(&self) -> Timestamp {
        use snipara_orchestrator::domain::Clock;

        self.clock.now()
    }
}
