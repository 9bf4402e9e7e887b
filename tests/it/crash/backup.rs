//! A backup, and a restore over a store that went on.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use snipara_orchestrator::domain::SystemClock;
use snipara_orchestrator::ledger::{Ledger, Restoration};
use snipara_orchestrator::store::STORE_FILE;

use super::rounds::{Errors, Rounds, append, in_rounds, opened};
use crate::support::book::{Book, project};

const BACKUP: &str = "kept.backup";

async fn closed<T>(ledger: Ledger, done: Result<T, String>) -> Result<T, String> {
    ledger.store().close().await;
    done
}

async fn backup(folder: &Path) -> Result<(), String> {
    let ledger = opened(folder).await?;
    let report = ledger.backup(&folder.join(BACKUP)).await.map_err(|error| error.to_string());
    closed(ledger, report.map(drop)).await
}

async fn restore(folder: &Path) -> Result<(), String> {
    let clock = Arc::new(SystemClock);
    let prepared = Restoration::of(&folder.join(BACKUP), folder, &project(), clock).await;
    let restored = prepared.map_err(|error| error.to_string())?.finish().await;
    restored.map(drop).map_err(|error| error.to_string())
}

async fn repair(folder: &Path) -> Result<(), String> {
    let target = folder.join("repaired.backup");
    let repaired = Ledger::repair(folder, &project(), &target, Arc::new(SystemClock)).await;
    repaired.map(drop).map_err(|error| error.to_string())
}

/// Prepares a store with a done task.
async fn filled() -> Rounds {
    let rounds = Rounds::new();
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.store().close().await;
    for name in [STORE_FILE, "ledger.head"] {
        fs::copy(book.folder.join(name), rounds.prepared().join(name)).expect("copied");
    }
    rounds
}

#[test]
fn a_backup_that_fails_at_any_call_leaves_the_store_and_no_half_file() {
    in_rounds(async || {
        let rounds = filled().await;
        // What has the name of a backup is one: it can be put back.
        let left = async |folder: &Path| if folder.join(BACKUP).exists() { restore(folder).await } else { Ok(()) };
        rounds.run_leaving(Errors::All, backup, left, restore).await;
    });
}

#[test]
fn a_repair_that_fails_at_any_call_leaves_the_store_and_can_be_done_again() {
    in_rounds(async || {
        let rounds = filled().await;
        rounds.run(Errors::InTurn(0), repair, async |_| Ok(())).await;
    });
}

#[test]
fn a_restore_that_fails_at_any_call_leaves_the_store_before_or_the_backup() {
    in_rounds(async || {
        let rounds = filled().await;
        backup(&rounds.prepared()).await.expect("a backup");
        let ledger = opened(&rounds.prepared()).await.expect("opens");
        append(&ledger).await.expect("appended");
        ledger.store().close().await;
        let holds = async |folder: &Path| {
            let kept = fs::read_dir(folder).expect("listed").filter(|file| {
                let name = file.as_ref().expect("a file").file_name();
                name.to_string_lossy().starts_with("store.sqlite3.replaced-")
            });
            if kept.count() > 0 { Ok(()) } else { Err("the store before was not kept".to_owned()) }
        };
        let left = async |folder: &Path| {
            let ledger = opened(folder).await?;
            let report = ledger.verify().await.map_err(|error| error.to_string());
            let report = closed(ledger, report).await?;
            match (report.problem, report.entries) {
                (Some(problem), _) => Err(problem.what),
                (None, 14 | 15) => Ok(()),
                (None, entries) => Err(format!("neither the store nor the backup has {entries} entries")),
            }
        };
        rounds.run_leaving(Errors::All, restore, left, holds).await;
    });
}
