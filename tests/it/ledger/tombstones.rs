//! A tombstone that somebody forged: an entry is changed under its old hash, and a redaction explains it.

use snipara_orchestrator::ledger::LedgerError;

use crate::support::book::{self, Book, live_proof};
use crate::support::forgery::tombstone;

use snipara_orchestrator::ledger::Fact;

/// A book with a task that failed, and a proof that failed.
async fn failed() -> Book {
    let book = Book::new().await;
    let task = book::task("Deploy auth");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    book.fail(&fence).await;
    book.ledger.append(None, vec![Fact::Proof(Box::new(live_proof("1")))]).await.expect("appended");
    book
}

#[tokio::test]
async fn nothing_may_be_removed_from_an_entry_without_texts_in_the_chain() {
    for (seq, from, to) in [
        (1, "task_created", "task_created "),
        (2, "https://api.example.com", "https://elsewhere.example"),
        (3, "\"to\":\"in_progress\"", "\"to\":\"done\""),
        (4, "local_fail", "local_ok"),
    ] {
        let book = failed().await;
        tombstone(&book.file(), seq, from, to);
        let (at, what) = book.problem().await.expect("found");
        assert_eq!(at, u64::try_from(seq).ok(), "{what}");
        let error = book.ledger.entry(u64::try_from(seq).expect("a number")).await.expect_err("refused");
        assert!(matches!(error, LedgerError::Changed { .. }), "{error}");
    }
}

#[tokio::test]
async fn the_trigger_lets_only_texts_of_the_chain_go() {
    let (book, _) = Book::with_a_done_task().await;
    let redaction =
        "INSERT INTO ledger_entries SELECT project_id, 15, 'p', 'h', 'redaction', NULL, NULL, 2, '{}', NULL,
        NULL, NULL, NULL, NULL FROM ledger_entries WHERE seq = 1";
    book.edit(redaction);
    for (seq, kind) in [(1, "task_created"), (2, "run_started"), (3, "transition"), (12, "decision"), (15, "redaction")]
    {
        let change = format!("UPDATE ledger_entries SET canonical = '{{}}', redacted_by = 15 WHERE seq = {seq}");
        let refused = book.sqlite3(&change).expect_err(kind);
        assert!(refused.contains("append-only"), "{kind}: {refused}");
    }
    book.edit("UPDATE ledger_entries SET canonical = '{}', redacted_by = 15 WHERE seq = 9 AND kind = 'proof'");
}

#[tokio::test]
async fn a_passing_decision_of_format_1_is_never_a_tombstone() {
    let temporary = tempfile::tempdir().expect("a folder");
    let ledger = super::redaction::of_0_1_0(temporary.path()).await;
    let file = temporary.path().join(snipara_orchestrator::store::STORE_FILE);
    let refused =
        "SELECT min(seq) FROM ledger_entries WHERE kind = 'decision' AND instr(canonical, '\"passed\":false') > 0";
    let seq: i64 = crate::support::sqlite::sqlite3(&file, refused).expect("read").parse().expect("a decision");
    tombstone(&file, seq, "\"passed\":false", "\"passed\":true");
    let problem = ledger.verify().await.expect("verified").problem.expect("found");
    assert_eq!(problem.seq, u64::try_from(seq).ok(), "{problem:?}");
    let error = ledger.entry(u64::try_from(seq).expect("a number")).await.expect_err("refused");
    assert!(matches!(error, LedgerError::Changed { .. }), "{error}");
}
