//! The ledger's reader: whatever stands in an entry, verifying says so and nothing panics.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use snipara_orchestrator::domain::{DriftReport, ProjectId, SystemClock, Timestamp};
use snipara_orchestrator::ledger::{DriftMoment, DriftRecord, Fact, Ledger};
use snipara_orchestrator::store::{STORE_FILE, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

struct Book {
    runtime: Runtime,
    ledger: Ledger,
    outside: rusqlite::Connection,
    _folder: TempDir,
}

static BOOK: LazyLock<std::sync::Mutex<Book>> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = runtime.block_on(async {
        let project = ProjectId::from_name("fuzz").expect("a name");
        let store = Store::open(folder.path(), &project).await.expect("opens");
        let ledger = Ledger::new(store, Arc::new(SystemClock));
        let checked_at = Timestamp::from_micros(1_790_000_000_000_000);
        let report = DriftReport { checks: Vec::new(), checked_at };
        let fact = || Fact::Drift(DriftRecord { when: DriftMoment::Asked, report: report.clone() });
        ledger.append(None, vec![fact(), fact()]).await.expect("appended");
        ledger
    });
    let outside = rusqlite::Connection::open(folder.path().join(STORE_FILE)).expect("opens");
    let mut names = outside.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").expect("read");
    let names: Vec<String> = names.query_map([], |row| row.get(0)).expect("read").map(|it| it.expect("a name")).collect();
    for name in names {
        outside.execute_batch(&format!("DROP TRIGGER {name}")).expect("dropped");
    }
    std::sync::Mutex::new(Book { runtime, ledger, outside, _folder: folder })
});

fuzz_target!(|text: &str| {
    let book = BOOK.lock().expect("no panic before");
    book.outside.execute("UPDATE ledger_entries SET canonical = ?1 WHERE seq = 2", [text]).expect("written");
    let report = book.runtime.block_on(book.ledger.verify()).expect("an answer");
    assert!(!report.verified, "a changed entry verifies: {text}");
    let _ = book.runtime.block_on(book.ledger.entries_since(0, 10));
});
