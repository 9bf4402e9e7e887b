//! The store's file: opened by many, refused with one clear line, guarded by its own rules.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use snipara_orchestrator::domain::{ProjectId, SystemClock, Timestamp};
use snipara_orchestrator::ledger::{Ledger, LedgerError};
use snipara_orchestrator::store::{STORE_FILE, Store, StoreError};

use crate::support::book::{self, Book, drift, project, task};
use crate::support::sqlite::sqlite3;

async fn refused(folder: &Path) -> StoreError {
    Store::open(folder, &project()).await.expect_err("refused")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn the_folder_and_its_files_are_for_their_user_alone() {
    let (book, _) = Book::with_a_done_task().await;
    assert_eq!(mode(&book.folder), 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(&book.folder).expect("listed") {
        let path = file.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    assert!(names.contains(&STORE_FILE.to_owned()) && names.contains(&"ledger.head".to_owned()), "{names:?}");
}

#[tokio::test]
async fn an_open_folder_is_closed_to_others() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path().join("demo");
    fs::create_dir(&folder).expect("made");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("opened");
    Store::open(&folder, &project()).await.expect("opens");
    assert_eq!(mode(&folder), 0o700);
}

#[tokio::test]
async fn a_second_opening_in_one_process_drops_no_locks_of_the_first() {
    let temporary = tempfile::tempdir().expect("a folder");
    let (folder, file) = (temporary.path().join("demo"), temporary.path().join("demo").join(STORE_FILE));
    let first = Store::open(&folder, &project()).await.expect("opens");
    let second = Store::open(&folder, &project()).await.expect("opens");
    for number in 1..=3 {
        let written = Path::new("/repository").join(number.to_string());
        first.join_repository(&written, Timestamp::from_micros(number)).await.expect("written");
        // Another process that closes the store: the last one of all would remove its log.
        let seen = sqlite3(&file, "SELECT count(*) FROM repositories").expect("read");
        assert_eq!(seen, number.to_string());
    }
    second.close().await;
}

#[tokio::test]
async fn what_was_written_is_read_back_by_another_opening() {
    let (book, id) = Book::with_a_done_task().await;
    let store = Store::open(&book.folder, &project()).await.expect("opens");
    let task = store.task(&id).await.expect("read");
    assert_eq!((task.status.as_str(), task.attempt, task.title.as_str()), ("done", 2, "Deploy auth"));
    assert_eq!(store.tasks(10).await.expect("read"), [task]);
    assert_eq!(store.run(&id, 3).await.expect("read"), None);
    assert_eq!(book.edit("PRAGMA journal_mode"), "wal");
}

#[tokio::test]
async fn a_repository_joins_once() {
    let book = Book::new().await;
    let store = book.ledger.store();
    for _ in 0..2 {
        store.join_repository(Path::new("/home/ada/it's/.git"), book::START).await.expect("joined");
    }
    assert_eq!(store.repositories().await.expect("read"), [Path::new("/home/ada/it's/.git")]);
    assert_eq!(book.edit("SELECT count(*) FROM repositories"), "1");
}

#[tokio::test]
async fn a_cancel_is_seen_when_the_lease_is_renewed() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let store = book.ledger.store();
    assert!(!store.request_cancel(&task.id).await.expect("asked"), "nothing runs");
    let fence = book.start(&task.id).await;
    assert!(!store.renew_lease(&fence, book::START.plus_ms(5)).await.expect("renewed"));
    assert!(store.request_cancel(&task.id).await.expect("asked"));
    assert!(store.renew_lease(&fence, book::START.plus_ms(6)).await.expect("renewed"));
    assert_eq!(book.edit("SELECT lease_expires_at FROM runs"), book::START.plus_ms(6).as_micros().to_string());
}

#[tokio::test]
async fn a06_a_forged_done_status_is_refused_by_the_store() {
    let book = Book::new().await;
    let task = task("One");
    book.ledger.create_task(&task).await.expect("created");
    let fence = book.start(&task.id).await;
    book.fail(&fence).await;
    for sql in [
        "UPDATE tasks SET status = 'done'",
        "UPDATE tasks SET status = 'prod_ok'",
        "INSERT INTO tasks SELECT project_id, 'task_x', title, description, criteria, criteria_digest, 'done', NULL, 1, 0, 0 FROM tasks",
        "INSERT OR REPLACE INTO tasks SELECT project_id, id, title, description, criteria, criteria_digest, 'done', NULL, 1, 0, 0 FROM tasks",
        "INSERT INTO decisions SELECT project_id, 9, 'sha256:0', id, 1, 1 FROM tasks",
        "INSERT INTO decisions SELECT project_id, seq, hash, task_id, attempt, 1 FROM ledger_entries WHERE seq = 4",
        "UPDATE tasks SET status = 'Done'",
    ] {
        assert!(book.sqlite3(sql).is_err(), "{sql} was let through");
    }
    assert_eq!(book.edit("SELECT status FROM tasks"), "local_fail");
    assert_eq!(book.edit("SELECT count(*) FROM decisions"), "0");
}

#[tokio::test]
async fn a06_a_decision_of_an_earlier_attempt_opens_nothing() {
    let (book, _) = Book::with_a_done_task().await;
    let moved = book.sqlite3("UPDATE tasks SET attempt = 3");
    assert!(moved.is_err(), "a done task was moved to an attempt without a decision");
}

#[tokio::test]
async fn ledger_rows_are_append_only() {
    let (book, _) = Book::with_a_done_task().await;
    let dump = book.edit("SELECT * FROM ledger_entries; SELECT * FROM decisions");
    for sql in [
        "UPDATE ledger_entries SET kind = 'proof' WHERE seq = 1",
        "DELETE FROM ledger_entries WHERE seq = 14",
        "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE seq = 3",
        "REPLACE INTO ledger_entries SELECT project_id, 3, prev_hash, hash, kind, task_id, attempt, format_version, '{}', NULL, NULL, NULL, NULL, NULL FROM ledger_entries WHERE seq = 3",
        "UPDATE decisions SET passed = 0",
        "DELETE FROM decisions",
        "REPLACE INTO decisions SELECT project_id, seq, hash, task_id, attempt, 0 FROM decisions",
    ] {
        let refusal = book.sqlite3(sql).expect_err("it is not let through");
        assert!(refusal.contains("append-only"), "{sql}: {refusal}");
    }
    assert_eq!(book.edit("SELECT * FROM ledger_entries; SELECT * FROM decisions"), dump);
}

#[tokio::test]
async fn a_store_with_a_foreign_or_missing_trigger_is_read_and_not_written_to() {
    for (edit, told) in [
        ("DROP TRIGGER ledger_entries_no_update", "trigger ledger_entries_no_update is missing"),
        ("CREATE TRIGGER evil AFTER INSERT ON tasks BEGIN SELECT 1; END", "trigger evil is not of this program"),
    ] {
        let (book, id) = Book::with_a_done_task().await;
        book.edit(edit);
        let ledger = book::open(&book.folder, book.clock.clone()).await;
        assert_eq!(ledger.store().task(&id).await.expect("read").status.as_str(), "done");
        let refused = ledger.append(None, vec![drift("a", "b")]).await.expect_err("refused").to_string();
        assert!(refused.contains(told) && refused.contains("`snipara-orchestrator store repair`"), "{refused}");
        assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "14");
    }
}

#[tokio::test]
async fn a_store_whose_triggers_go_while_it_is_open_is_not_written_to_any_more() {
    let book = Book::new().await;
    book.ledger.append(None, vec![drift("a", "b")]).await.expect("appended");
    book.edit("DROP TRIGGER decisions_no_delete");
    let refused = book.ledger.append(None, vec![drift("a", "b")]).await.expect_err("refused").to_string();
    assert!(refused.contains("trigger decisions_no_delete is missing"), "{refused}");
}

#[tokio::test]
async fn an_emptied_store_is_no_new_ledger() {
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.store().close().await;
    fs::write(book.file(), "").expect("emptied");
    let error = refused(&book.folder).await;
    assert!(error.to_string().contains("`snipara-orchestrator restore FILE`"), "{error}");
}

#[tokio::test]
async fn a_newer_store_is_refused_and_left_alone() {
    let (book, _) = Book::with_a_done_task().await;
    book.edit("PRAGMA user_version = 11");
    let error = refused(&book.folder).await;
    let message = error.to_string();
    assert!(matches!(error, StoreError::Newer { found: 11, known: 10, .. }), "{message}");
    assert!(message.contains(STORE_FILE) && message.contains("update snipara-orchestrator"), "{message}");
    assert_eq!(book.edit("PRAGMA user_version"), "11");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let temporary = tempfile::tempdir().expect("a folder");
    let file = temporary.path().join(STORE_FILE);
    let text = "this is a diary, not a database\n".repeat(100);
    fs::write(&file, &text).expect("written");
    let error = refused(temporary.path()).await;
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error:?}");
    assert!(error.to_string().contains(&file.display().to_string()));
    assert_eq!(fs::read_to_string(&file).expect("read"), text);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let temporary = tempfile::tempdir().expect("a folder");
    let file = temporary.path().join(STORE_FILE);
    assert!(sqlite3(&file, "CREATE TABLE recipes (name TEXT)").is_ok());
    let before = fs::read(&file).expect("read");
    let error = refused(temporary.path()).await;
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
    assert_eq!(fs::read(&file).expect("read"), before);
}

#[tokio::test]
async fn a_store_of_another_project_is_refused() {
    let book = Book::new().await;
    let other = ProjectId::from_name("other").expect("a name");
    let error = Store::open(&book.folder, &other).await.expect_err("refused");
    assert!(error.to_string().ends_with("belongs to project demo, not to other"), "{error}");
}

#[tokio::test]
async fn a_corrupt_store_is_an_error_with_its_file_and_a_way_out() {
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.store().close().await;
    book.edit("PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = fs::read(book.file()).expect("read");
    // The first page's header stays; everything that it points to becomes noise.
    for byte in &mut bytes[100..] {
        *byte = byte.wrapping_mul(31).wrapping_add(7);
    }
    fs::write(book.file(), bytes).expect("written");
    let error = refused(&book.folder).await;
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("`snipara-orchestrator store repair`"), "{error}");
}

#[tokio::test]
async fn a_full_store_is_an_error_and_the_failed_write_leaves_nothing() {
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.store().close().await;
    let pages: u32 = book.edit("PRAGMA page_count").parse().expect("a number");
    let store = Store::open_limited(&book.folder, &project(), Some(pages)).await.expect("opens");
    let ledger = Ledger::new(store, book.clock.clone());
    let big = drift("a", &"x".repeat(1_000_000));
    let error = ledger.append(None, vec![drift("a", "b"), big]).await.expect_err("full");
    assert!(matches!(error, LedgerError::Store(StoreError::Full { .. })), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(book.edit("SELECT count(*) FROM ledger_entries"), "14");
    assert_eq!(book.problem().await, None);

    // Every further attempt says the same, and what fits is written: nothing has to be started again.
    let big = drift("a", &"x".repeat(1_000_000));
    let error = ledger.append(None, vec![big]).await.expect_err("full");
    assert!(matches!(error, LedgerError::Store(StoreError::Full { .. })), "{error:?}");
    ledger.append(None, vec![drift("a", "b")]).await.expect("a small one fits");
    assert_eq!(book.problem().await, None);
}

/// The name of a variable that turns a test of this binary into a process that opens a store.
const OPENER: &str = "SNIPARA_TEST_STORE_OPENER";

/// Does nothing unless it was started by [`opener`]; then it prints what the store says.
#[tokio::test]
async fn opener_process() {
    let Some(folder) = std::env::var_os(OPENER) else { return };
    match Store::open(Path::new(&folder), &project()).await {
        Ok(store) => {
            let ledger = Ledger::new(store, std::sync::Arc::new(SystemClock));
            let verified = ledger.verify().await.expect("read").verified;
            let written = ledger.append(None, vec![drift("a", "b")]).await;
            ledger.store().close().await;
            println!(
                "OPENED verified: {verified}, written: {:?}",
                written.map(drop).map_err(|error| error.to_string())
            );
        }
        Err(error) => println!("REFUSED {error}"),
    }
}

fn opener(folder: &Path, through: &[&str]) -> Command {
    let mut words: Vec<std::ffi::OsString> = through.iter().map(Into::into).collect();
    words.push(std::env::current_exe().expect("this binary").into());
    words.extend(["store::opener_process", "--exact", "--nocapture"].map(Into::into));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env(OPENER, folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn twelve_processes_open_one_fresh_store() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path().join("state").join("demo");
    let openers: Vec<_> = (0..12).map(|_| opener(&folder, &[]).spawn().expect("starts")).collect();
    for opener in openers {
        let output = opener.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("OPENED"), "{said}");
    }
    let versions = sqlite3(&folder.join(STORE_FILE), "SELECT count(*) FROM _sqlx_migrations");
    assert_eq!(versions.as_deref(), Ok("10"));
}

/// What another user hears who opens and closes a store whose file has this mode; the files stay as they are.
fn said_to_another_user(file_mode: u32) -> String {
    let temporary = tempfile::tempdir().expect("a folder");
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755)).expect("opened");
    let folder = temporary.path().join("demo");
    let output = opener(&folder, &[]).output().expect("opens");
    assert!(String::from_utf8_lossy(&output.stdout).contains("OPENED"));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("opened");
    let file = folder.join(STORE_FILE);
    for path in [&file, &folder.join("ledger.head")] {
        fs::set_permissions(path, fs::Permissions::from_mode(file_mode)).expect("closed");
    }
    let before = fs::read_dir(&folder).expect("listed").count();
    // Root may write everything; anybody else is held by the mode already.
    let through: &[&str] = if nix::unistd::geteuid().is_root() {
        &["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    } else {
        &[]
    };
    let output = opener(&folder, through).output().expect("ends");
    assert_eq!(fs::read_dir(&folder).expect("listed").count(), before, "nothing was written");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.split_once("REFUSED ")).map(|(_, line)| line.to_owned());
    line.unwrap_or_else(|| format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_store_that_cannot_be_written_opens_to_be_read() {
    let said = said_to_another_user(0o444);
    assert!(said.contains("OPENED verified: true"), "{said}");
    assert!(said.contains("is read-only: make it and its folder writable for this user"), "{said}");
}

#[test]
fn a_store_of_another_user_is_refused_with_what_to_do() {
    let line = said_to_another_user(0o000);
    assert!(line.contains(STORE_FILE), "{line}");
    assert!(line.contains("permission denied; change its owner"), "{line}");
}
