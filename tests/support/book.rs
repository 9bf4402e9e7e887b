//! A project's folder with a store and a ledger, and a second way into its file: the sqlite3 tool.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use super::sqlite::sqlite3;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    Cause, Criteria, Fence, FixedClock, LedgerSummary, LiveCheck, ProcessIdentity, ProjectId, ProofCounts, RunHolder,
    SharedClock, Task, TaskId, TaskReport, TaskStatus, Timestamp,
};
use snipara_orchestrator::ledger::{Change, EntryKind, Ledger, NewEntry, RunStart};
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
        self.go(fence, &moves, vec![]).await;
        self.end(fence, TaskStatus::LocalFail).await;
    }

    /// In progress → local ok → validating, three proofs, the decision, prod ok → done.
    pub(crate) async fn pass(&self, fence: &Fence) {
        use TaskStatus::{Done, InProgress, LocalOk, ProdOk, Validating};
        self.go(fence, &[(InProgress, LocalOk, None), (LocalOk, Validating, None)], vec![]).await;
        let proofs = (1..=3).map(|number| proof(fence, number)).collect();
        self.ledger.append(Some(fence), proofs, vec![]).await.expect("proofs");
        let verdict = json!({ "gate": "validation_to_prod", "passed": true, "reasons": [] });
        let mut entries = vec![entry(EntryKind::Decision, verdict)];
        entries.push(transition(Validating, ProdOk, None));
        entries.push(transition(ProdOk, Done, None));
        let changes = vec![
            Change::Decision { entry: 0, passed: true },
            Change::Status { status: ProdOk, cause: None },
            Change::Status { status: Done, cause: None },
            Change::End { report: Box::new(report(fence, Done)) },
        ];
        self.ledger.append(Some(fence), entries, changes).await.expect("done");
    }

    pub(crate) async fn go(
        &self,
        fence: &Fence,
        moves: &[(TaskStatus, TaskStatus, Option<Cause>)],
        more: Vec<NewEntry>,
    ) {
        let mut entries: Vec<_> = moves.iter().map(|(from, to, cause)| transition(*from, *to, *cause)).collect();
        entries.extend(more);
        let changes = moves.iter().map(|(_, to, cause)| Change::Status { status: *to, cause: *cause }).collect();
        self.ledger.append(Some(fence), entries, changes).await.expect("moved");
    }

    pub(crate) async fn end(&self, fence: &Fence, status: TaskStatus) {
        let change = Change::End { report: Box::new(report(fence, status)) };
        self.ledger.append(Some(fence), vec![], vec![change]).await.expect("ended");
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

pub(crate) fn task(title: &str) -> Task {
    let criteria = Criteria {
        local_tests: vec!["true".into()],
        live_checks: vec![LiveCheck::get("https://api.example.com/session")],
        ui_tests: vec![],
        required_proofs: 3,
    };
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

pub(crate) fn run_start(label: &str) -> RunStart {
    RunStart {
        holder: RunHolder {
            label: label.to_owned(),
            process: ProcessIdentity { process_id: 4711, start_ticks: 99, boot_id: "boot".into() },
        },
        cookie: "cookie-1".into(),
        lease_ms: 60_000,
        config_digest: "sha256:config".into(),
        production_origin: "https://api.example.com".into(),
        payload: json!({ "commit": { "head": "0123456789abcdef0123456789abcdef01234567", "dirty": false } }),
    }
}

pub(crate) fn entry(kind: EntryKind, payload: Value) -> NewEntry {
    NewEntry { kind, task_id: None, attempt: None, payload, body: None }
}

pub(crate) fn transition(from: TaskStatus, to: TaskStatus, cause: Option<Cause>) -> NewEntry {
    entry(EntryKind::Transition, json!({ "from": from, "to": to, "cause": cause }))
}

pub(crate) fn proof(fence: &Fence, number: u32) -> NewEntry {
    NewEntry {
        kind: EntryKind::Proof,
        task_id: Some(fence.task_id.clone()),
        attempt: Some(fence.attempt),
        payload: json!({ "check": format!("task_check_{number}"), "result": "pass", "response_code": 200 }),
        body: Some(json!({ "answer": number })),
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
