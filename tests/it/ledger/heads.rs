//! What a person decides about a ledger as a whole: a lost head is accepted, a backup takes its place.

use std::path::Path;

use snipara_orchestrator::ledger::{Fact, LedgerError, Restoration};

use crate::support::book::{self, Book, drift, project};

/// Cuts entries off at the end, as somebody would who knows the triggers.
fn cut_off(book: &Book, last: u64) {
    let triggers = book.edit("SELECT group_concat(sql, ';') FROM sqlite_master WHERE type = 'trigger'");
    book.drop_triggers();
    book.edit(&format!("DELETE FROM ledger_entries WHERE seq > {last}"));
    book.edit(&triggers);
}

#[tokio::test]
async fn a_ledger_that_was_cut_off_is_not_accepted_while_its_head_tells() {
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
    cut_off(&book, 14);
    for _ in 0..2 {
        let refused = book.ledger.accept_head().await.expect_err("refused");
        assert!(matches!(&refused, LedgerError::Broken { what } if what.contains("cut off")), "{refused}");
    }
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "14");
    let head = std::fs::read_to_string(book.head_file()).expect("a head");
    std::fs::write(book.head_file(), head.replace("\"hash\":\"sha256:", "\"hash\":\"sha256:0")).expect("changed");
    assert!(matches!(book.ledger.accept_head().await, Err(LedgerError::Broken { .. })));
}

#[tokio::test]
async fn what_was_wrong_with_an_accepted_head_stays_in_the_chain() {
    let (book, _) = Book::with_a_done_task().await;
    assert_eq!(book.ledger.accept_head().await.expect("asked"), None, "the head fits");
    std::fs::remove_file(book.head_file()).expect("removed");
    let written = book.ledger.accept_head().await.expect("accepted").expect("an entry");
    assert_eq!(written.seq, 15);
    let canonical = book.edit("SELECT canonical FROM ledger_entries WHERE seq = 15");
    assert!(canonical.contains("the head is missing") && canonical.contains("\"body_digest\":null"), "{canonical}");
    assert!(!canonical.contains(book.folder.to_str().expect("a path")), "{canonical}");
    let report = book.ledger.verify().await.expect("verified");
    assert!(report.verified && report.notices.len() == 1, "{report:?}");
    assert_eq!(report.notices[0].what, "a person accepted 14 entries: the head is missing");
}

async fn restored(book: &Book, backup: &Path) -> Option<String> {
    book.ledger.store().close().await;
    let clock = book.clock.clone();
    let restoration = Restoration::of(backup, &book.folder, &project(), clock).await.expect("a backup");
    let lost = restoration.replaces.as_ref().map(|lost| lost.what.clone());
    restoration.finish().await.expect("restored");
    lost
}

#[tokio::test]
async fn a_restore_over_a_longer_ledger_is_told_by_the_chain() {
    let (book, _) = Book::with_a_done_task().await;
    let backup = book.folder.join("kept.backup");
    book.ledger.backup(&backup).await.expect("written");
    book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
    let lost = book.ledger.head().await.expect("a head");
    assert_eq!(restored(&book, &backup).await.as_deref(), Some("1 entries are newer than the backup"));
    let ledger = book::open(&book.folder, book.clock.clone()).await;
    let entry = ledger.entry(15).await.expect("read");
    let Fact::Restored(restored) = &entry.fact else { panic!("{entry:?}") };
    assert_eq!((restored.entries, restored.hash.as_ref()), (Some(15), Some(&lost.hash)));
    assert_eq!(restored.entries_now, 14);
    let report = ledger.verify().await.expect("verified");
    assert!(report.verified && report.entries == 15, "{report:?}");
    let told = "a backup with 14 entries took the place of 15 entries: 1 entries are newer than the backup";
    assert_eq!(report.notices.iter().map(|notice| notice.what.as_str()).collect::<Vec<_>>(), [told]);
}

#[tokio::test]
async fn a_restore_does_not_hide_that_the_ledger_was_cut_off_before() {
    for head_is_lost in [false, true] {
        let (book, _) = Book::with_a_done_task().await;
        let backup = book.folder.join("kept.backup");
        book.ledger.backup(&backup).await.expect("written");
        book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
        cut_off(&book, 14);
        if head_is_lost {
            std::fs::remove_file(book.head_file()).expect("removed");
        }
        let lost = restored(&book, &backup).await.expect("something is lost");
        assert!(
            lost.contains(if head_is_lost { "the head is missing" } else { "its head knows 15 entries" }),
            "{lost}"
        );
        let ledger = book::open(&book.folder, book.clock.clone()).await;
        let notices = ledger.verify().await.expect("verified").notices;
        assert_eq!(notices.len(), 1, "{notices:?}");
    }
}

#[tokio::test]
async fn a_restore_that_loses_nothing_adds_nothing() {
    let (book, _) = Book::with_a_done_task().await;
    let backup = book.folder.join("kept.backup");
    book.ledger.backup(&backup).await.expect("written");
    assert_eq!(restored(&book, &backup).await, None);
    let ledger = book::open(&book.folder, book.clock.clone()).await;
    assert_eq!(ledger.verify().await.expect("verified").entries, 14);
}
