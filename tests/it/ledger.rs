//! The ledger: what tampering is found, what is not mistaken for it, and who may write.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod batches;
mod formats;
mod heads;
mod redaction;
mod tamper;
mod tombstones;
mod writers;

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use snipara_orchestrator::domain::{Cause, Proof, RunState, TaskStatus, sha256_hex};
use snipara_orchestrator::ledger::{Fact, LedgerError};
use snipara_orchestrator::store::StoreError;

use crate::support::book::{self, Book, decision, drift, live_proof, proof, report, run_start, task, transition};

async fn found(sql: &str) -> Option<(Option<u64>, String)> {
    let (book, _) = Book::with_a_done_task().await;
    book.drop_triggers();
    book.edit(sql);
    book.problem().await
}

#[tokio::test]
async fn an_untouched_book_verifies_with_all_its_entries() {
    let (book, _) = Book::with_a_done_task().await;
    let report = book.ledger.verify().await.expect("verified");
    assert!(report.verified, "{:?}", report.problem);
    assert_eq!(report.entries, 14);
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "14");
    assert_eq!(report.head.expect("a head").hash, book.edit("SELECT hash FROM ledger_entries WHERE seq = 14"));
}

#[tokio::test]
async fn a20_proofs_are_kept_with_their_response_codes_and_bodies() {
    let (book, id) = Book::with_a_done_task().await;
    let proofs = book::open(&book.folder, book.clock.clone()).await.proofs(Some(&id), 10).await.expect("read");
    assert_eq!(proofs.len(), 3);
    let latest = proofs[0].proof().expect("a proof");
    assert_eq!((latest.response_code, latest.seq), (Some(200), Some(proofs[0].seq)));
    assert_eq!(latest.response_body, Some(json!({ "answer": 3 })));
}

#[tokio::test]
async fn an_entrys_hash_is_the_digest_of_its_stored_bytes_and_names_the_one_before() {
    let (book, _) = Book::with_a_done_task().await;
    let canonical = book.edit("SELECT canonical FROM ledger_entries WHERE seq = 9");
    assert_eq!(
        format!("sha256:{}", sha256_hex(canonical.as_bytes())),
        book.edit("SELECT hash FROM ledger_entries WHERE seq = 9")
    );
    let content: Value = serde_json::from_str(&canonical).expect("json");
    assert_eq!(content["prev"], book.edit("SELECT hash FROM ledger_entries WHERE seq = 8").as_str());
    assert_eq!((&content["seq"], &content["token"]), (&json!("9"), &json!("2")));
}

#[tokio::test]
async fn an_edited_entry_is_found_at_its_place() {
    let sql = "UPDATE ledger_entries SET canonical = replace(canonical, '\"response_code\":200', '\"response_code\":500') WHERE seq = 10";
    let (seq, what) = found(sql).await.expect("found");
    assert_eq!((seq, what.as_str()), (Some(10), "entry 10 was changed: its content does not have its hash"));
}

#[tokio::test]
async fn an_edited_column_is_found_at_its_place() {
    for (column, value) in [
        ("kind", "'proof'"),
        ("task_id", "NULL"),
        ("attempt", "7"),
        ("format_version", "1"),
        ("caller", "'ada'"),
        ("body_digest", "'sha256:0'"),
        ("hash", "'sha256:0'"),
        ("prev_hash", "'sha256:0'"),
        ("kind", "'pr' || char(31) || 'oof'"),
        ("kind", "CAST(x'ff' AS TEXT)"),
    ] {
        let problem = found(&format!("UPDATE ledger_entries SET {column} = {value} WHERE seq = 12")).await;
        assert_eq!(problem.as_ref().and_then(|it| it.0), Some(12), "{column} = {value}: {problem:?}");
    }
}

#[tokio::test]
async fn a_deleted_entry_is_named_as_missing() {
    let (seq, what) = found("DELETE FROM ledger_entries WHERE seq = 5").await.expect("found");
    assert_eq!((seq, what.as_str()), (Some(5), "entry 5 is missing: it was deleted"));
}

#[tokio::test]
async fn a_deleted_entry_is_found_when_the_rest_is_renumbered() {
    let sql = "DELETE FROM ledger_entries WHERE seq = 5;
               UPDATE ledger_entries SET seq = -seq WHERE seq > 5 AND 0;
               UPDATE ledger_entries SET seq = 5 WHERE seq = 6";
    let (seq, what) = found(sql).await.expect("found");
    assert_eq!(seq, Some(5));
    assert!(what.contains("a copy of entry 6"), "{what}");
}

#[tokio::test]
async fn swapped_entries_are_found_at_the_first_of_them() {
    let sql = "UPDATE ledger_entries SET seq = 99 WHERE seq = 9; UPDATE ledger_entries SET seq = 9 WHERE seq = 10;
               UPDATE ledger_entries SET seq = 10 WHERE seq = 99";
    let (seq, what) = found(sql).await.expect("found");
    assert_eq!(seq, Some(9));
    assert!(what.contains("a copy of entry 10"), "{what}");
}

#[tokio::test]
async fn swapped_contents_are_found() {
    let sql =
        "UPDATE ledger_entries SET canonical = (SELECT canonical FROM ledger_entries WHERE seq = 11) WHERE seq = 9";
    assert_eq!(found(sql).await.expect("found").0, Some(9));
}

#[tokio::test]
async fn a_replayed_entry_is_found() {
    let sql =
        "INSERT INTO ledger_entries SELECT project_id, 15, 'sha256:x', hash, kind, task_id, attempt, format_version,
               canonical, body_digest, NULL, NULL, NULL, NULL FROM ledger_entries WHERE seq = 9";
    let (seq, what) = found(sql).await.expect("found");
    assert_eq!(seq, Some(15));
    assert!(what.contains("a copy of entry 9"), "{what}");
}

#[tokio::test]
async fn a_truncated_chain_is_found_by_its_head() {
    let sql = "DELETE FROM ledger_entries WHERE seq > 13";
    let (seq, what) = found(sql).await.expect("found");
    assert_eq!(seq, Some(14));
    assert!(what.contains("cut off"), "{what}");
    assert_eq!(found("DELETE FROM ledger_entries").await.expect("found").0, Some(1));
}

#[tokio::test]
async fn a_truncated_chain_stays_found_when_more_is_appended() {
    let (book, _) = Book::with_a_done_task().await;
    let triggers = book.edit("SELECT group_concat(sql, ';') FROM sqlite_master WHERE type = 'trigger'");
    book.drop_triggers();
    book.edit("DELETE FROM ledger_entries WHERE seq > 10; DELETE FROM decisions");
    book.edit(&triggers);
    for number in 0..8 {
        book.ledger.append(None, vec![drift(&format!("route {number}"), "missing")]).await.expect("appended");
    }
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "18");
    let (seq, what) = book.problem().await.expect("found");
    assert_eq!(seq, Some(14));
    assert!(what.contains("not the one that the head"), "{what}");
}

#[tokio::test]
async fn a_head_that_lags_is_no_tampering() {
    let (book, id) = Book::with_a_done_task().await;
    let old = std::fs::read(book.head_file()).expect("a head");
    book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
    assert_ne!(std::fs::read(book.head_file()).expect("a head"), old);
    std::fs::write(book.head_file(), &old).expect("the old head is back");
    assert_eq!(book.problem().await, None);
    // The next append brings it up to date again.
    book.ledger.create_task(&task("Another")).await.expect("created");
    let head: Value = serde_json::from_slice(&std::fs::read(book.head_file()).expect("a head")).expect("json");
    assert_eq!(head["seq"], 16);
    assert_eq!(book.ledger.task_entries(&id, None).await.expect("read").len(), 14);
}

#[tokio::test]
async fn a_head_that_lags_behind_the_first_commit_is_no_tampering() {
    let book = Book::new().await;
    book.ledger.create_task(&task("One")).await.expect("created");
    let head: Value = serde_json::from_slice(&std::fs::read(book.head_file()).expect("a head")).expect("json");
    let genesis = book.edit("SELECT prev_hash FROM ledger_entries WHERE seq = 1");
    let first = json!({ "format": 1, "project": head["project"], "seq": 0, "hash": genesis });
    std::fs::write(book.head_file(), first.to_string()).expect("written");
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn a_missing_or_edited_head_is_found() {
    let (book, _) = Book::with_a_done_task().await;
    let head: Value = serde_json::from_slice(&std::fs::read(book.head_file()).expect("a head")).expect("json");

    std::fs::remove_file(book.head_file()).expect("removed");
    assert!(book.problem().await.expect("found").1.contains("the head is missing"));
    book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
    assert!(!book.head_file().exists(), "an append does not bring a missing head back");

    std::fs::write(book.head_file(), "nonsense").expect("written");
    assert!(book.problem().await.expect("found").1.contains("cannot be read"));

    let mut other = head.clone();
    other["hash"] = "sha256:0".into();
    std::fs::write(book.head_file(), other.to_string()).expect("written");
    assert_eq!(book.problem().await.expect("found").0, Some(14));

    let mut other = head;
    other["seq"] = 0.into();
    std::fs::write(book.head_file(), other.to_string()).expect("written");
    assert_eq!(book.problem().await.expect("found").0, Some(0));
}

#[tokio::test]
async fn edited_and_deleted_bodies_are_found_at_their_entries() {
    let digest = "(SELECT body_digest FROM ledger_entries WHERE seq = 10)";
    let edited = found(&format!("UPDATE ledger_bodies SET body = '{{}}' WHERE digest = {digest}")).await;
    assert_eq!(
        edited.expect("found"),
        (Some(10), "the body of entry 10 was changed: it does not have its digest".into())
    );
    let deleted = found(&format!("DELETE FROM ledger_bodies WHERE digest = {digest}")).await;
    assert_eq!(deleted.expect("found").0, Some(10));
    let forged = format!("UPDATE ledger_bodies SET body = NULL, removed_by = 9 WHERE digest = {digest}");
    assert_eq!(found(&forged).await.expect("found").0, Some(10));
}

#[tokio::test]
async fn an_edited_body_is_not_read_back() {
    let (book, id) = Book::with_a_done_task().await;
    book.edit("UPDATE ledger_bodies SET body = replace(body, '\"answer\":2', '\"answer\":9')");
    let error = book.ledger.task_entries(&id, None).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Changed { seq: 10, .. }), "{error}");
}

#[tokio::test]
async fn a06_forged_rows_are_found_when_the_triggers_were_dropped() {
    let (book, _) = Book::with_a_done_task().await;
    let failed = task("Not deployed");
    book.ledger.create_task(&failed).await.expect("created");
    let fence = book.start(&failed.id).await;
    book.fail(&fence).await;
    assert_eq!(book.problem().await, None);
    book.drop_triggers();

    let id = failed.id.as_str();
    book.edit(&format!("UPDATE tasks SET status = 'done', cause = NULL WHERE id = '{id}'"));
    let (_, what) = book.problem().await.expect("found");
    assert!(what.contains("says done, but the ledger's last transition of it says local_fail"), "{what}");
    book.edit(&format!("UPDATE tasks SET status = 'local_fail', cause = 'failed' WHERE id = '{id}'"));
    assert_eq!(book.problem().await, None);

    book.edit(&format!(
        "INSERT INTO decisions SELECT project_id, 16, hash, '{id}', 1, 1 FROM ledger_entries WHERE seq = 16"
    ));
    let (_, what) = book.problem().await.expect("found");
    assert!(what.contains("the row was forged"), "{what}");
    book.edit("DELETE FROM decisions WHERE seq = 16");

    book.edit(&format!("UPDATE tasks SET criteria = replace(criteria, '\"required_proofs\":3', '\"required_proofs\":1') WHERE id = '{id}'"));
    let (_, what) = book.problem().await.expect("found");
    assert!(what.contains("the criteria of task"), "{what}");
    book.edit(&format!("UPDATE tasks SET criteria = replace(criteria, '\"required_proofs\":1', '\"required_proofs\":3') WHERE id = '{id}'"));
    assert_eq!(book.problem().await, None);

    book.edit(&format!(
        "UPDATE runs SET report = replace(report, '\"local_fail\"', '\"done\"') WHERE task_id = '{id}'"
    ));
    let (_, what) = book.problem().await.expect("found");
    assert!(what.contains("the report of task"), "{what}");
    book.edit(&format!("DELETE FROM runs WHERE task_id = '{id}'; DELETE FROM tasks WHERE id = '{id}'"));
    assert!(book.problem().await.expect("found").1.contains("its row was deleted"));
}

#[tokio::test]
async fn a_done_task_without_its_decision_row_is_found() {
    let (seq, what) = found("DELETE FROM decisions").await.expect("found");
    assert_eq!(seq, Some(14));
    assert!(what.contains("no gate let it pass"), "{what}");
}

#[tokio::test]
async fn a_lowered_bar_in_the_task_row_cannot_be_run() {
    let (book, _) = Book::with_a_done_task().await;
    let new = task("Another");
    book.ledger.create_task(&new).await.expect("created");
    let lowered = snipara_orchestrator::domain::Criteria { required_proofs: Some(1), ..new.criteria.clone() };
    let (text, digest) = (serde_json::to_string(&lowered).expect("json"), lowered.digest().expect("digest"));
    book.edit(&format!("UPDATE tasks SET criteria = '{text}', criteria_digest = '{digest}' WHERE id = '{}'", new.id));
    let error = book.ledger.start_run(&new.id, run_start("test")).await.expect_err("refused");
    assert!(matches!(error, LedgerError::CriteriaChanged { .. }), "{error}");
}

#[tokio::test]
async fn no_status_is_written_without_its_transition_and_none_that_the_lifecycle_lacks() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    let before = book.edit("SELECT count(*) FROM ledger_entries");

    let elsewhere = vec![transition(TaskStatus::LocalOk, TaskStatus::Validating, None)];
    let error = book.ledger.append(Some(&fence), elsewhere).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Misuse { .. }), "{error}");

    let jump = vec![transition(TaskStatus::InProgress, TaskStatus::Done, None)];
    let error = book.ledger.append(Some(&fence), jump).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Transition(_)), "{error}");

    let moves =
        [(TaskStatus::InProgress, TaskStatus::LocalOk, None), (TaskStatus::LocalOk, TaskStatus::Validating, None)];
    book.go(&fence, &moves).await;
    for before in [vec![], vec![decision(false)]] {
        let jump = [before, vec![transition(TaskStatus::Validating, TaskStatus::ProdOk, None)]].concat();
        let error = book.ledger.append(Some(&fence), jump).await.expect_err("refused");
        assert!(matches!(error, LedgerError::NoPassingDecision { .. }), "{error}");
    }

    for ownerless in [decision(true), transition(TaskStatus::Validating, TaskStatus::ProdFail, None)] {
        let error = book.ledger.append(None, vec![ownerless]).await.expect_err("refused");
        assert!(matches!(error, LedgerError::Misuse { .. }), "{error}");
    }
    let error = book.ledger.end_run(&fence, &report(&fence, TaskStatus::Done)).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Misuse { .. }), "{error}");

    assert_eq!(book.edit("SELECT status FROM tasks"), "validating");
    let after: u32 = book.edit("SELECT count(*) FROM ledger_entries").parse().expect("a number");
    assert_eq!(after, before.parse::<u32>().expect("a number") + 2, "the refused calls left nothing");
}

#[tokio::test]
async fn an_older_token_writes_nothing() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let old = book.start(&task.id).await;
    book.clock.advance_ms(61_000);
    let run = book.ledger.store().running().await.expect("read").remove(0);
    assert!(
        book.ledger
            .interrupt(&run, TaskStatus::LocalFail, &report(&old, TaskStatus::LocalFail))
            .await
            .expect("interrupted")
    );
    let new = book.start(&task.id).await;
    assert!(new.token > old.token && new.attempt == 2);

    let before = book.edit("SELECT count(*) FROM ledger_entries");
    let error = book.ledger.append(Some(&old), vec![proof(&old, 1)]).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Store(StoreError::StaleFence)), "{error}");
    let error = book.ledger.store().renew_lease(&old, book::START).await.expect_err("refused");
    assert!(matches!(error, StoreError::StaleFence), "{error}");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), before);
}

#[tokio::test]
async fn a24_an_expired_run_holds_its_task_until_it_is_recorded_as_interrupted() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    book.clock.advance_ms(600_000);
    let error = book.ledger.start_run(&task.id, run_start("second")).await.expect_err("held");
    let LedgerError::Held(run) = error else { panic!("{error}") };
    assert_eq!(run.fence, fence);
    assert!(run.holder.label == "test" && run.lease_expires_at < book.clock_now());

    // Renewed meanwhile: nothing happens.
    book.ledger.store().renew_lease(&fence, book.clock_now().plus_ms(1)).await.expect("renewed");
    let told = report(&fence, TaskStatus::LocalFail);
    assert!(!book.ledger.interrupt(&run, TaskStatus::LocalFail, &told).await.expect("asked"));
    let run = book.ledger.store().running().await.expect("read").remove(0);
    assert!(book.ledger.interrupt(&run, TaskStatus::LocalFail, &told).await.expect("interrupted"));
    assert!(!book.ledger.interrupt(&run, TaskStatus::LocalFail, &told).await.expect("asked again"));

    let kept = book.ledger.store().run(&task.id, 1).await.expect("read").expect("a run");
    assert_eq!((kept.state, kept.report), (RunState::Interrupted, Some(told)));
    let now = book.ledger.store().task(&task.id).await.expect("read");
    assert_eq!((now.status, now.cause), (TaskStatus::LocalFail, Some(Cause::Interrupted)));
    let entries = book.ledger.task_entries(&task.id, Some(1)).await.expect("read");
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind()).collect();
    assert_eq!(kinds, ["run_started", "transition", "run_interrupted", "transition"]);
    assert_eq!(book.problem().await, None);
}

#[tokio::test]
async fn a_done_task_is_not_run_again() {
    let (book, id) = Book::with_a_done_task().await;
    let error = book.ledger.start_run(&id, run_start("again")).await.expect_err("refused");
    assert_eq!(error.to_string(), "a task that is done cannot be run again");
}

#[tokio::test]
async fn a_redacted_body_is_gone_from_every_file_and_the_chain_holds() {
    let book = Book::new().await;
    let secret = "hunter2-very-secret-hunter2";
    let leak = |number: u32| {
        let response_body = Some(json!({ "token": secret }));
        Fact::Proof(Box::new(Proof { response_body, ..live_proof(&number.to_string()) }))
    };
    book.ledger.append(None, vec![leak(1), leak(2)]).await.expect("appended");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_bodies"), "1", "identical bodies are shared");
    let redaction = book.ledger.redact(1).await.expect("redacted");
    assert_eq!(redaction.recorded.expect("an entry").seq, 3);
    book.ledger.append(None, vec![leak(3)]).await.expect("appended");

    for seq in [1, 2, 4] {
        let entry = book.ledger.entry(seq).await.expect("read");
        assert_eq!((entry.removed, entry.proof().expect("a proof").response_body), (true, None), "entry {seq}");
    }
    for file in std::fs::read_dir(&book.folder).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{} holds the secret", path.display());
    }
    let report = book.ledger.verify().await.expect("verified");
    assert!(report.verified, "{:?}", report.problem);
    assert_eq!(report.redacted_bodies, 1);
    assert!(matches!(book.ledger.redact(2).await, Err(LedgerError::BodyGone(2))));
    assert!(matches!(book.ledger.redact(3).await, Err(LedgerError::NoBody(3))));
    assert!(matches!(book.ledger.redact(99).await, Err(LedgerError::NoEntry(99))));
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "4", "refused redactions leave nothing");
}

#[tokio::test]
async fn large_numbers_survive_in_payload_and_body() {
    let book = Book::new().await;
    let big = 9_007_199_254_740_993_u64;
    let body = json!({ "n": big });
    let proof = Proof { response_bytes: Some(big), response_body: Some(body.clone()), ..live_proof("big") };
    book.ledger.append(None, vec![Fact::Proof(Box::new(proof))]).await.expect("appended");
    let canonical: Value = serde_json::from_str(&book.edit("SELECT canonical FROM ledger_entries")).expect("json");
    assert_eq!(canonical["payload"]["response_bytes"], "9007199254740993");
    let read = book.ledger.entry(1).await.expect("read");
    let shown = serde_json::to_value(&read).expect("json");
    assert_eq!((&shown["payload"]["response_bytes"], &shown["body"]), (&json!("9007199254740993"), &body));
    let proof = read.proof().expect("a proof");
    assert_eq!((proof.response_bytes, proof.response_body), (Some(big), Some(body)));
}

#[tokio::test]
async fn an_exported_chain_can_be_hashed_by_a_stranger() {
    let (book, _) = Book::with_a_done_task().await;
    let lines: Vec<String> = book.ledger.export_lines(1, None).try_collect().await.expect("exported");
    assert_eq!(lines.len(), 14);
    let mut before: Option<String> = None;
    for line in &lines {
        let line: Value = serde_json::from_str(line).expect("json");
        let canonical = line["canonical"].as_str().expect("text");
        assert_eq!(line["hash"], format!("sha256:{}", sha256_hex(canonical.as_bytes())));
        let content: Value = serde_json::from_str(canonical).expect("json");
        assert!(before.is_none_or(|hash| content["prev"] == hash));
        before = line["hash"].as_str().map(str::to_owned);
    }
    let some: Vec<String> = book.ledger.export_lines(3, Some(5)).try_collect().await.expect("exported");
    assert_eq!(some, lines[2..5]);
}

#[tokio::test]
async fn a_receipt_names_commit_entries_proofs_and_decision_and_says_that_it_is_unsigned() {
    let (book, id) = Book::with_a_done_task().await;
    let receipt = book.ledger.receipt(&id, None).await.expect("a receipt");
    assert_eq!(receipt["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(receipt["subject"][0]["digest"]["gitCommit"], "0123456789abcdef0123456789abcdef01234567");
    let last = receipt["subject"].as_array().expect("subjects").last().expect("one");
    let hash = book.edit("SELECT hash FROM ledger_entries WHERE seq = 14");
    assert_eq!(format!("sha256:{}", last["digest"]["sha256"].as_str().expect("a digest")), hash);
    let predicate = &receipt["predicate"];
    assert_eq!((&predicate["signed"], &predicate["status"]), (&json!(false), &json!("done")));
    assert_eq!(predicate["attempt"], 2);
    assert_eq!(predicate["criteria_digest"], book.edit("SELECT criteria_digest FROM tasks").as_str());
    assert_eq!(predicate["config_digest"], "sha256:config");
    assert_eq!(predicate["proofs"].as_array().expect("proofs").len(), 3);
    assert_eq!(predicate["proofs"][0]["seq"], 9);
    assert_eq!((&predicate["decision"]["seq"], &predicate["decision"]["passed"]), (&json!(12), &json!(true)));

    let first = book.ledger.receipt(&id, Some(1)).await.expect("a receipt");
    assert_eq!(first["predicate"]["status"], "local_fail");
    assert!(matches!(book.ledger.receipt(&id, Some(3)).await, Err(LedgerError::NoAttempt { attempt: 3, .. })));
}

#[tokio::test]
async fn a_chain_longer_than_a_page_is_verified_and_broken_anywhere_is_found() {
    let book = Book::new().await;
    for block in 0..5 {
        let facts = (0..900).map(|number| drift(&format!("block {block} route {number}"), "missing")).collect();
        book.ledger.append(None, facts).await.expect("appended");
    }
    let report = book.ledger.verify().await.expect("verified");
    assert!(report.verified, "{:?}", report.problem);
    assert_eq!(report.entries, 4500);
    book.drop_triggers();
    book.edit("UPDATE ledger_entries SET canonical = replace(canonical, 'route 500', 'route 501') WHERE seq = 4101");
    assert_eq!(book.problem().await.expect("found").0, Some(4101));
}
