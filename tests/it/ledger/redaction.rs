//! A leaked text is removed from wherever it stands, and the chain still verifies.

use std::path::Path;

use serde_json::json;
use snipara_orchestrator::domain::{LiveCheck, ProjectId, Proof, TaskStatus};
use snipara_orchestrator::ledger::{Entry, Fact, Ledger, LedgerError};
use snipara_orchestrator::store::{STORE_FILE, Store};

use crate::support::book::{self, Book, live_proof, run_start};
use crate::support::sqlite::sqlite3;

const LEAK: &str = "zebra-quagga-4711";

/// Columns in which a caller's texts stand, and rows to hold them; criteria and bodies are made by the ledger.
const ROWS: &str = r#"
    INSERT INTO swarms (project_id, id, name, description, max_agents, task_timeout_s, claim_timeout_s, created_at)
      VALUES ('demo', 's1', 'swarm LEAK', 'about LEAK', 9, 9, 9, 1);
    INSERT INTO swarm_events (project_id, seq, id, swarm_id, event_type, payload, created_at)
      VALUES ('demo', 1, 'e1', 's1', 'note', '{"a":["x LEAK y"],"LEAK":1}', 1);
    INSERT INTO swarm_state VALUES ('demo', 's1', 'key', '{"deep":{"text":"LEAK"}}', 1, 'agent', 1, NULL);
    INSERT INTO swarm_members VALUES ('demo', 's1', 'a1', 'name LEAK', 'worker', '["LEAK"]', 1, 1);
    INSERT INTO memories (project_id, id, row_number, memory_type, scope, category, content, status, status_reason, created_at, access_count)
      VALUES ('demo', 'm1', 1, 'fact', 'project', 'LEAK', 'we use LEAK here', 'active', 'LEAK', 1, 0);
    INSERT INTO memories_index (rowid, words, identifiers) VALUES (1, 'we use LEAK here', 'LEAK');
    INSERT INTO htasks (project_id, id, swarm_id, level, sequence_number, created_order, title, description, owner,
        priority, eta_rank, acceptance_criteria, context_refs, depends_on, evidence_required, evidence_provided, status,
        is_blocking, result, learnings, decision_impact, waiver, created_at, updated_at)
      VALUES ('demo', 'h1', 's1', 'N3_TASK', 1, 1, 't LEAK', 'd LEAK', 'o LEAK', 'P1', 1, '[{"text":"LEAK"}]', '["LEAK"]', '[]',
        '[{"type":"note","description":"LEAK"}]',
        '[{"type":"note","description":"{\"token\":\"LEAK\"}","verdict":"claimed"}]', 'PENDING', 0,
        '{"r":"LEAK","LEAK":1}', '["LEAK"]', 'LEAK', '{"waiver_reason":"LEAK","waiver_approved_by":"LEAK"}', 1, 1);
    INSERT INTO outbox (project_id, id, neighbour, kind, task_id, attempt, payload, state, tries, created_at, next_try_at, reason, told)
      VALUES ('demo', 'o1', 'n', 'memory', 't', 1, '{"content":"LEAK"}', 'waiting', 0, 1, 1, 'refused LEAK', 0);
    INSERT INTO documents VALUES ('demo', '/w', 'a.md', 1, 1, 'd', 1, NULL);
    INSERT INTO sections VALUES ('demo', 1, '/w', 'a.md', 'title LEAK', 1, 1, 'content LEAK');
    INSERT INTO section_index (rowid, title, path, content) VALUES (1, 'title LEAK', 'a.md', 'content LEAK');
"#;

fn assert_gone(folder: &Path) {
    for file in std::fs::read_dir(folder).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains(LEAK), "{} holds the text", path.display());
    }
}

#[tokio::test]
async fn a_text_goes_from_every_place_of_the_store_and_the_chain_holds() {
    let book = Book::new().await;
    let mut task = book::task(&format!("Deploy {LEAK}"));
    task.description = format!("because of {LEAK}");
    task.criteria.live_checks = vec![LiveCheck::get(format!("https://api.example.com/{LEAK}?q={LEAK}"))];
    task.criteria_digest = task.criteria.digest().expect("a digest");
    book.ledger.create_task(&task).await.expect("created");
    let response_body = Some(json!({ "text": format!("a {LEAK} b") }));
    let endpoint = format!("https://api.example.com/{LEAK}/x");
    let proof = Proof { response_body, endpoint, ..live_proof("1") };
    book.ledger.append(None, vec![Fact::Proof(Box::new(proof))]).await.expect("appended");
    book.edit(&ROWS.replace("LEAK", LEAK));

    let report = book.ledger.redact_text(LEAK).await.expect("redacted");
    let places: Vec<&str> = report.removed.keys().copied().collect();
    for place in [
        "bodies",
        "criteria",
        "documents",
        "entries",
        "htasks",
        "members",
        "memories",
        "messages",
        "swarm events",
        "swarm state",
        "swarms",
    ] {
        assert!(places.contains(&place), "{place} is missing in {places:?}");
    }
    assert_gone(&book.folder);
    let verified = book.ledger.verify().await.expect("verified");
    assert!(verified.verified, "{:?}", verified.problem);
    assert_eq!(verified.redacted_bodies, 3, "two bodies and the address of the proof");
    let entry = book.ledger.entry(2).await.expect("read");
    assert!(entry.removed && entry.is_tombstone && entry.proof().is_some(), "{entry:?}");
    assert_eq!(book.ledger.store().task(&task.id).await.expect("a task").title, "[removed]");
    let again = book.ledger.redact_text(LEAK).await;
    assert!(matches!(again, Err(LedgerError::NowhereFound)), "{again:?}");
    assert!(matches!(book.ledger.redact_text("abc").await, Err(LedgerError::ShortText { at_least: 6 })));
}

#[tokio::test]
async fn the_words_of_a_created_task_go_from_its_reports() {
    let book = Book::new().await;
    let task = book::task(&format!("Deploy {LEAK}"));
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    book.fail(&fence).await;
    book.edit(&format!("UPDATE runs SET report = json_set(report, '$.title', 'Deploy {LEAK}')"));
    let report = book.ledger.redact(1).await.expect("redacted");
    assert_eq!(report.removed.get("run reports"), Some(&1), "{report:?}");
    assert_gone(&book.folder);
    assert!(book.ledger.verify().await.expect("verified").verified);
    let status = book.ledger.store().task(&task.id).await.expect("a task").status;
    assert_eq!(status, TaskStatus::LocalFail);
    book.ledger.start_run(&task.id, run_start("test")).await.expect("it can run again");
}

/// The store that 0.1.0 wrote: all its entries have format 1.
pub(super) async fn of_0_1_0(folder: &Path) -> Ledger {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/0.1.0");
    for name in [STORE_FILE, "ledger.head"] {
        std::fs::copy(fixture.join(name), folder.join(name)).expect("copied");
    }
    let store = Store::open(folder, &ProjectId::from_name("fixture").expect("a name")).await.expect("opens");
    Ledger::new(store, std::sync::Arc::new(snipara_orchestrator::domain::FixedClock::new(book::START)))
}

#[tokio::test]
async fn texts_of_format_1_leave_a_tombstone_that_verification_knows() {
    let temporary = tempfile::tempdir().expect("a folder");
    let ledger = of_0_1_0(temporary.path()).await;
    let before = ledger.verify().await.expect("verified");
    assert!(before.verified, "{:?}", before.problem);
    let file = temporary.path().join(STORE_FILE);
    let mut tombstones = 0;
    for seq in 1..=before.entries {
        let entry = ledger.entry(seq).await.expect("read");
        match ledger.redact(seq).await {
            Ok(report) => {
                let copies: Vec<_> = report.copies.iter().filter_map(|copy| copy.file_name()?.to_str()).collect();
                assert_eq!(copies, ["store.sqlite3.format-8"]);
                let after = ledger.entry(seq).await.expect("read");
                assert!(after.removed, "entry {seq}");
                assert_eq!((&after.hash, after.kind(), after.attempt), (&entry.hash, entry.kind(), entry.attempt));
                tombstones += u64::from(after.is_tombstone);
            }
            Err(LedgerError::NoBody { .. } | LedgerError::BodyGone { .. }) => {}
            Err(error) => panic!("entry {seq}: {error}"),
        }
    }
    assert!(tombstones >= 5, "{tombstones} entries had texts in the chain");
    for task in ledger.store().tasks(100).await.expect("tasks") {
        for attempt in 1..=task.attempt {
            ledger.store().run(&task.id, attempt).await.expect("its report can be read").expect("a run");
        }
    }
    let after = ledger.verify().await.expect("verified");
    assert!(after.verified, "{:?}", after.problem);
    assert!(after.redacted_bodies >= before.redacted_bodies + tombstones);
    let titles = sqlite3(
        &file,
        "SELECT count(*) FROM ledger_entries WHERE kind = 'task_created' AND instr(canonical, '\"title\":\"[removed]\"') = 0",
    );
    assert_eq!(titles.as_deref(), Ok("0"));
}

#[tokio::test]
async fn a_tombstone_is_told_from_a_change() {
    let temporary = tempfile::tempdir().expect("a folder");
    let ledger = of_0_1_0(temporary.path()).await;
    ledger.redact(1).await.expect("redacted");
    let file = temporary.path().join(STORE_FILE);
    let edit = |sql: &str| sqlite3(&file, sql).expect("edited");
    assert!(
        sqlite3(&file, "UPDATE ledger_entries SET canonical = '{}' WHERE seq = 2")
            .expect_err("refused")
            .contains("append-only")
    );
    edit("DROP TRIGGER ledger_entries_no_update");
    edit("UPDATE ledger_entries SET canonical = replace(canonical, '[removed]', '[changed]') WHERE seq = 1");
    let problem = ledger.verify().await.expect("verified").problem.expect("a problem");
    assert_eq!(problem.seq, Some(1), "{problem:?}");
    assert!(problem.what.contains("does not say that it was redacted"), "{problem:?}");
    assert!(matches!(ledger.entry(1).await, Err(LedgerError::Changed { seq: 1, .. })));
    edit("UPDATE ledger_entries SET canonical = replace(canonical, '[changed]', '[removed]') WHERE seq = 1");
    assert!(ledger.verify().await.expect("verified").verified);
    edit("UPDATE ledger_entries SET redacted_by = NULL WHERE seq = 1");
    let problem = ledger.verify().await.expect("verified").problem.expect("a problem");
    assert!(problem.what.contains("does not have its hash"), "{problem:?}");
}

#[tokio::test]
async fn a_second_text_goes_from_an_entry_that_lost_one_already() {
    let book = Book::new().await;
    let endpoint = format!("https://api.example.com/{LEAK}/okapi-bongo-8");
    book.ledger
        .append(None, vec![Fact::Proof(Box::new(Proof { endpoint, ..live_proof("1") }))])
        .await
        .expect("appended");
    book.ledger.redact_text(LEAK).await.expect("redacted");
    let report = book.ledger.redact_text("okapi-bongo-8").await.expect("redacted again");
    assert_eq!(report.removed.get("entries"), Some(&1), "{report:?}");
    let left = book.edit("SELECT canonical FROM ledger_entries WHERE seq = 1");
    assert!(!left.contains("okapi") && !left.contains(LEAK), "{left}");
    assert!(book.ledger.verify().await.expect("verified").verified);
}

#[tokio::test]
async fn a_text_that_is_a_name_stays_and_is_told() {
    let book = Book::new().await;
    book.edit(&format!(
        "INSERT INTO swarms (project_id, id, name, description, max_agents, task_timeout_s, claim_timeout_s, created_at)
        VALUES ('demo', 's1', 'swarm', '', 9, 9, 9, 1);
        INSERT INTO swarm_state VALUES ('demo', 's1', 'key of {LEAK}', '1', 1, 'agent', 1, NULL)"
    ));
    let error = book.ledger.redact_text(LEAK).await.expect_err("nothing was removed");
    assert!(
        matches!(error, LedgerError::NotRemovable { .. }) && error.to_string().contains("1 keys of swarm state"),
        "{error}"
    );
    assert!(!error.to_string().contains(LEAK), "{error}");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "0");
    book.edit(&format!("UPDATE swarms SET description = 'about {LEAK}'"));
    let report = book.ledger.redact_text(LEAK).await.expect("removed from the description");
    assert_eq!((report.left.get("keys of swarm state"), report.removed.get("swarms")), (Some(&1), Some(&1)));
}

/// Words of ours: names of fields, and values that decide.
const OURS: [&str; 22] = [
    "production_origin",
    "criteria_digest",
    "required_proofs",
    "response_code",
    "gatekeeper",
    "run_started",
    "transition",
    "decision",
    "endpoint",
    "attempt",
    "verdict",
    "result",
    "payload",
    "https://api.example.com",
    "api.example.com",
    "validation_to_prod",
    "in_progress",
    "local_fail",
    "prod_ok",
    "anonymous",
    "task_check_1",
    "0123456789abcdef0123456789abcdef01234567",
];

#[tokio::test]
async fn words_that_decide_are_not_removed_and_everything_reads_as_before() {
    let (book, id) = Book::with_a_done_task().await;
    let decides = |entries: &[Entry]| -> Vec<String> {
        let of = |entry: &Entry| match &entry.fact {
            Fact::RunStarted(started) => Some(format!("{:?}", started.conditions)),
            Fact::Transition(transition) => Some(format!("{transition:?}")),
            Fact::Decision(decision) => Some(format!("{decision:?}")),
            Fact::Proof(proof) => Some(format!("{} {:?} {:?}", proof.endpoint, proof.result, proof.method)),
            Fact::TaskCreated(created) => Some(created.criteria_digest.clone()),
            Fact::Unknown(unknown) => panic!("{unknown:?}"),
            _ => None,
        };
        entries.iter().filter_map(of).collect()
    };
    let before = decides(&book.ledger.task_entries(&id, None).await.expect("read"));
    for text in OURS {
        let redacted = book.ledger.redact_text(text).await;
        assert!(matches!(redacted, Ok(_) | Err(LedgerError::NotRemovable { .. })), "{text}: {redacted:?}");
        assert_eq!(decides(&book.ledger.task_entries(&id, None).await.expect(text)), before, "{text}");
        let verified = book.ledger.verify().await.expect("verified");
        assert!(verified.verified, "{text}: {:?}", verified.problem);
        let task = book.ledger.store().task(&id).await.expect("a task");
        assert_eq!(task.criteria.live_checks[0].url, "https://api.example.com/session", "{text}");
        book.ledger.store().run(&id, 2).await.expect("its report can be read").expect("a run");
    }
}

#[tokio::test]
async fn words_that_decide_are_not_removed_from_entries_of_format_1() {
    let temporary = tempfile::tempdir().expect("a folder");
    let ledger = of_0_1_0(temporary.path()).await;
    let entries = ledger.verify().await.expect("verified").entries;
    let before = ledger.entries_since(0, 500).await.expect("read");
    for text in OURS.into_iter().chain(["http://127.0.0.1:18999", "unverified", "live_checks", "expected_status"]) {
        let redacted = ledger.redact_text(text).await;
        let told = matches!(redacted, Ok(_) | Err(LedgerError::NotRemovable { .. } | LedgerError::NowhereFound));
        assert!(told, "{text}: {redacted:?}");
        let after = ledger.entries_since(0, u32::try_from(entries).expect("a number")).await.expect(text);
        for (before, after) in before.iter().zip(&after) {
            assert!(!matches!(after.fact, Fact::Unknown(_)), "{text}: entry {}", after.seq);
            match (&before.fact, &after.fact) {
                (Fact::RunStarted(before), Fact::RunStarted(after)) => assert_eq!(before, after, "{text}"),
                (Fact::Transition(before), Fact::Transition(after)) => assert_eq!(before, after, "{text}"),
                (Fact::Proof(before), Fact::Proof(after)) => assert_eq!(before.result, after.result, "{text}"),
                (Fact::Decision(before), Fact::Decision(after)) => {
                    assert_eq!(before.verdict.passed, after.verdict.passed, "{text}");
                }
                _ => {}
            }
        }
        let verified = ledger.verify().await.expect("verified");
        assert!(verified.verified, "{text}: {:?}", verified.problem);
    }
}

#[tokio::test]
async fn of_criteria_only_texts_go() {
    let book = Book::new().await;
    let mut task = book::task("Deploy");
    let mut check = LiveCheck::get(format!("https://{LEAK}.example.com/{LEAK}"));
    check.headers.insert(format!("X-{LEAK}"), format!("a {LEAK}"));
    check.body = Some(json!({ LEAK: LEAK, "n": 4_711_471_100_u64 }));
    task.criteria.live_checks = vec![check];
    task.criteria.local_tests = vec![format!("test {LEAK}")];
    task.criteria_digest = task.criteria.digest().expect("a digest");
    book.ledger.create_task(&task).await.expect("created");
    let report = book.ledger.redact_text(LEAK).await.expect("redacted");
    assert_eq!(report.left.get("criteria"), Some(&1), "{report:?}");
    book.ledger.redact_text("4711471100").await.expect("a number of a body goes, too");
    let left = book.ledger.store().task(&task.id).await.expect("a task").criteria;
    let check = &left.live_checks[0];
    assert_eq!(check.url, format!("https://{LEAK}.example.com/[removed]"));
    assert_eq!(check.headers[&format!("X-{LEAK}")], "a [removed]");
    assert_eq!(check.body, Some(json!({ LEAK: "[removed]", "n": "[removed]" })));
    assert_eq!((left.local_tests[0].as_str(), left.required_proofs), ("test [removed]", Some(3)));
    assert!(book.ledger.verify().await.expect("verified").verified);
    let mut start = run_start("test");
    start.conditions.criteria_digest = left.digest().expect("a digest");
    let refused = book.ledger.start_run(&task.id, start).await;
    assert!(matches!(refused, Err(LedgerError::CriteriaChanged(_))), "{refused:?}");
}

#[tokio::test]
async fn the_title_of_another_task_is_what_its_own_entry_says() {
    let book = Book::new().await;
    let (one, other) = (book::task("Deploy the zebra"), book::task("Deploy the zebra again"));
    book.ledger.create_task(&one).await.expect("created");
    book.ledger.create_task(&other).await.expect("created");
    book.ledger.redact(1).await.expect("redacted");
    assert_eq!(book.ledger.store().task(&other.id).await.expect("a task").title, "Deploy the zebra again");
    assert!(book.ledger.verify().await.expect("verified").verified);
    book.ledger.redact_text("Deploy the zebra").await.expect("redacted");
    assert_eq!(book.ledger.store().task(&other.id).await.expect("a task").title, "[removed]");
    assert!(book.ledger.verify().await.expect("verified").verified);
}

#[tokio::test]
async fn copies_that_a_restore_or_a_repair_left_are_named() {
    let (book, _) = Book::with_a_done_task().await;
    let names = ["repairing", "store.sqlite3.format-8", "store.sqlite3.repaired-1", "store.sqlite3.replaced-1"];
    for name in names {
        std::fs::write(book.folder.join(name), "a copy").expect("written");
    }
    std::fs::write(book.folder.join("store.sqlite3.repaired-1.sha256"), "its digest").expect("written");
    let copies = book.ledger.redact(1).await.expect("redacted").copies;
    let told: Vec<_> = copies.iter().filter_map(|copy| copy.file_name()?.to_str()).collect();
    assert_eq!(told, names);
}

#[tokio::test]
async fn a_repair_keeps_no_tombstone_without_the_entry_that_explains_it() {
    let temporary = tempfile::tempdir().expect("a folder");
    let ledger = of_0_1_0(temporary.path()).await;
    ledger.redact(4).await.expect("redacted");
    let entries = ledger.verify().await.expect("verified").entries;
    ledger.store().close().await;
    let file = temporary.path().join(STORE_FILE);
    let edit = |sql: &str| sqlite3(&file, sql).expect("edited");
    let by = edit("SELECT redacted_by FROM ledger_entries WHERE seq = 4");
    edit("DROP TRIGGER ledger_entries_no_delete");
    edit(&format!("DELETE FROM ledger_entries WHERE seq >= {by}"));
    let project = ProjectId::from_name("fixture").expect("a name");
    let clock = std::sync::Arc::new(snipara_orchestrator::domain::FixedClock::new(book::START));
    let target = temporary.path().join("repaired.backup");
    let (written, repaired) = Ledger::repair(temporary.path(), &project, &target, clock).await.expect("repaired");
    assert!(written.verified, "{:?}", written.problem);
    assert_eq!((repaired.entries, repaired.entries_known), (3, Some(entries)), "{repaired:?}");
}
