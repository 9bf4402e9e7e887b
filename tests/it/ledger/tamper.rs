//! Every way to tamper with a ledger that we know of, and what finds it.
//!
//! Somebody has the files, knows their form and puts the triggers back. What nothing finds yet is listed in
//! `docs/design/ledger.md` under its name here.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use snipara_orchestrator::domain::FixedClock;
use snipara_orchestrator::ledger::Ledger;
use snipara_orchestrator::store::{Depth, STORE_FILE, Store};

use crate::support::book::{self, Book, START, drift, project};
use crate::support::forgery::{self, tombstone};
use crate::support::sqlite::sqlite3;

/// What finds a change first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finder {
    /// The store is not opened.
    Opening,
    /// `proofs verify`, and so `store check` and `doctor`.
    Verify,
    /// `store check` and `doctor`; nothing is written any more.
    Check,
    /// Nothing: the page says what will.
    Later,
}

use Finder::{Check, Later, Opening, Verify};

/// SQL that is run without the triggers, which are then as before.
const ROWS: &[(&str, Finder, &str)] = &[
    // Entries, column by column.
    ("entry: number", Verify, "UPDATE ledger_entries SET seq = 900 WHERE seq = 9"),
    ("entry: number as text", Verify, "UPDATE ledger_entries SET seq = '9x' WHERE seq = 9"),
    ("entry: hash before", Verify, "UPDATE ledger_entries SET prev_hash = 'sha256:0' WHERE seq = 9"),
    ("entry: hash", Verify, "UPDATE ledger_entries SET hash = 'sha256:0' WHERE seq = 9"),
    ("entry: kind", Verify, "UPDATE ledger_entries SET kind = 'drift' WHERE seq = 9"),
    ("entry: task", Verify, "UPDATE ledger_entries SET task_id = NULL WHERE seq = 9"),
    ("entry: attempt", Verify, "UPDATE ledger_entries SET attempt = 1 WHERE seq = 9"),
    ("entry: format", Verify, "UPDATE ledger_entries SET format_version = 1 WHERE seq = 9"),
    ("entry: caller", Verify, "UPDATE ledger_entries SET caller = 'ada' WHERE seq = 9"),
    ("entry: digest of its body", Verify, "UPDATE ledger_entries SET body_digest = NULL WHERE seq = 9"),
    ("entry: redacted by", Verify, "UPDATE ledger_entries SET redacted_by = 16 WHERE seq = 9"),
    ("entry: a space in its content", Verify, "UPDATE ledger_entries SET canonical = canonical || ' ' WHERE seq = 9"),
    ("entry: content as bytes", Verify, "UPDATE ledger_entries SET canonical = CAST(canonical AS BLOB) WHERE seq = 9"),
    ("entry: content is empty", Verify, "UPDATE ledger_entries SET canonical = '' WHERE seq = 9"),
    ("entry: result", Verify, "UPDATE ledger_entries SET canonical = replace(canonical, 'pass', 'fail') WHERE seq = 9"),
    ("entry: verdict", Verify, "UPDATE ledger_entries SET canonical = replace(canonical, 'true', 'false') WHERE seq = 12"),
    ("entry: key", Later, "UPDATE ledger_entries SET key_id = 'k' WHERE seq = 9"),
    ("entry: signature", Later, "UPDATE ledger_entries SET signature = 's' WHERE seq = 9"),
    // Entries as rows.
    ("row: the first is deleted", Verify, "DELETE FROM ledger_entries WHERE seq = 1"),
    ("row: one is deleted", Verify, "DELETE FROM ledger_entries WHERE seq = 9"),
    ("row: the last is deleted", Verify, "DELETE FROM ledger_entries WHERE seq = (SELECT max(seq) FROM ledger_entries)"),
    ("row: all are deleted", Verify, "DELETE FROM ledger_entries"),
    ("row: one is deleted and the next has its number", Verify,
        "DELETE FROM ledger_entries WHERE seq = 9; UPDATE ledger_entries SET seq = 9 WHERE seq = 10"),
    ("row: two are swapped", Verify,
        "UPDATE ledger_entries SET seq = 99 WHERE seq = 9; UPDATE ledger_entries SET seq = 9 WHERE seq = 10;
         UPDATE ledger_entries SET seq = 10 WHERE seq = 99"),
    ("row: contents are swapped", Verify,
        "UPDATE ledger_entries SET canonical = (SELECT canonical FROM ledger_entries WHERE seq = 10) WHERE seq = 9"),
    ("row: a copy at the end", Verify,
        "INSERT INTO ledger_entries SELECT project_id, 21, 'x', hash, kind, task_id, attempt, format_version, canonical,
           body_digest, NULL, NULL, caller, NULL FROM ledger_entries WHERE seq = 9"),
    ("row: one of another project", Later,
        "INSERT INTO projects VALUES ('other'); INSERT INTO ledger_entries SELECT 'other', seq, prev_hash, hash, kind, task_id,
           attempt, format_version, canonical, body_digest, NULL, NULL, caller, NULL FROM ledger_entries WHERE seq = 9"),
    // Bodies.
    ("body: changed", Verify, "UPDATE ledger_bodies SET body = body || ' '"),
    ("body: deleted", Verify, "DELETE FROM ledger_bodies WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9)"),
    ("body: removed by an entry that is no redaction", Verify,
        "UPDATE ledger_bodies SET body = NULL, removed_by = 10
         WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9)"),
    ("body: removed by a redaction of another one", Verify,
        "UPDATE ledger_bodies SET body = NULL, removed_by = 16
         WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9)"),
    ("body: removed by an entry that is not there", Verify,
        "UPDATE ledger_bodies SET body = NULL, removed_by = 99
         WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9)"),
    ("body: two are swapped", Verify,
        "UPDATE ledger_bodies SET digest = 'x' WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9);
         UPDATE ledger_bodies SET digest = (SELECT body_digest FROM ledger_entries WHERE seq = 9)
           WHERE digest = (SELECT body_digest FROM ledger_entries WHERE seq = 10);
         UPDATE ledger_bodies SET digest = (SELECT body_digest FROM ledger_entries WHERE seq = 10) WHERE digest = 'x'"),
    ("body: a removed one is back as another text", Verify,
        "UPDATE ledger_bodies SET body = '{}', removed_by = NULL WHERE removed_by IS NOT NULL"),
    ("body: one that no entry has", Later, "INSERT INTO ledger_bodies VALUES ('demo', 'sha256:0', '{}', NULL)"),
    // Tasks.
    ("task: a failed one is done", Verify, "UPDATE tasks SET status = 'done', cause = NULL WHERE status = 'local_fail'"),
    ("task: a done one is not", Verify, "UPDATE tasks SET status = 'prod_ok' WHERE status = 'done'"),
    ("task: cause", Verify, "UPDATE tasks SET cause = 'drift' WHERE status = 'local_fail'"),
    ("task: attempt", Verify, "UPDATE tasks SET attempt = attempt + 1"),
    ("task: title", Verify, "UPDATE tasks SET title = 'another'"),
    ("task: description", Verify, "UPDATE tasks SET description = 'another'"),
    ("task: criteria", Verify, "UPDATE tasks SET criteria = replace(criteria, 'required_proofs\":3', 'required_proofs\":1')"),
    ("task: digest of its criteria", Verify, "UPDATE tasks SET criteria_digest = 'sha256:0'"),
    ("task: criteria that cannot be read", Verify, "UPDATE tasks SET criteria = '{}'"),
    ("task: row deleted", Verify, "PRAGMA foreign_keys = OFF; DELETE FROM tasks WHERE status = 'done'"),
    ("task: row forged", Verify,
        "INSERT INTO tasks SELECT project_id, 'task_01900000000070008000000000000000', title, description, criteria,
           criteria_digest, status, cause, attempt, created_at, updated_at FROM tasks WHERE status = 'done'"),
    ("task: times", Later, "UPDATE tasks SET created_at = 1, updated_at = 1"),
    ("task: owner", Later, "INSERT INTO task_owners SELECT 'demo', id, 'ada', 1 FROM tasks LIMIT 1"),
    // Decisions.
    ("decision: row deleted", Verify, "DELETE FROM decisions"),
    ("decision: verdict", Verify, "UPDATE decisions SET passed = 1 - passed"),
    ("decision: hash", Verify, "UPDATE decisions SET hash = 'sha256:0'"),
    ("decision: attempt", Verify, "UPDATE decisions SET attempt = 1"),
    ("decision: task", Verify, "UPDATE decisions SET task_id = 'task_01900000000070008000000000000000'"),
    ("decision: row of an entry that is none", Verify,
        "INSERT INTO decisions SELECT project_id, 20, hash, task_id, 1, 1 FROM ledger_entries WHERE seq = 20"),
    // Runs.
    ("run: status in its report", Verify, "UPDATE runs SET report = json_set(report, '$.status', 'prod_fail')"),
    ("run: report that cannot be read", Verify, "UPDATE runs SET report = 'x'"),
    ("run: words of its report", Later, "UPDATE runs SET report = json_set(report, '$.next_step', 'Ship it.')"),
    ("run: report deleted", Later, "UPDATE runs SET report = NULL"),
    ("run: row deleted", Later, "DELETE FROM runs"),
    ("run: production", Later, "UPDATE runs SET production_origin = 'https://elsewhere.example'"),
    ("run: process", Later, "UPDATE runs SET process_id = 1"),
    // Redactions.
    ("redaction: the entry it names", Verify,
        "UPDATE ledger_entries SET canonical = replace(canonical, '\"seq\":\"15\"', '\"seq\":\"9\"') WHERE seq = 16"),
    ("redaction: a removed body has no reason", Verify, "UPDATE ledger_bodies SET removed_by = 9 WHERE body IS NULL"),
];

/// SQL after which the schema is another one.
const SCHEMA: &[(&str, Finder, &str)] = &[
    ("schema: a trigger is gone", Check, "DROP TRIGGER decisions_no_delete"),
    ("schema: a trigger does nothing", Check,
        "DROP TRIGGER decisions_no_delete; CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT 1; END"),
    ("schema: a foreign trigger", Check, "CREATE TRIGGER evil AFTER INSERT ON tasks BEGIN SELECT 1; END"),
    ("schema: an index is gone", Check, "DROP INDEX runs_one_running"),
    ("schema: an index is another one", Check,
        "DROP INDEX runs_one_running; CREATE INDEX runs_one_running ON runs (task_id)"),
    ("schema: a view", Check, "CREATE VIEW evil AS SELECT 1"),
    ("schema: a foreign table", Check, "CREATE TABLE evil (x)"),
    ("schema: a column", Check, "ALTER TABLE tasks ADD COLUMN evil TEXT"),
    ("schema: a row names one that is not there", Check,
        "PRAGMA foreign_keys = OFF; INSERT INTO runs SELECT project_id, 'x', 9, 99, 'ended', holder_label, process_id, start_ticks,
           boot_id, cookie, started_at, lease_expires_at, ended_at, 0, config_digest, production_origin, report FROM runs LIMIT 1"),
    ("store: a newer format", Opening, "PRAGMA user_version = 1000"),
    ("store: of another program", Opening, "PRAGMA application_id = 1"),
    ("store: of another project", Opening, "PRAGMA foreign_keys = OFF; UPDATE projects SET project_id = 'other'"),
];

fn last(file: &Path) -> (u64, String) {
    let row = sqlite3(file, "SELECT seq, hash FROM ledger_entries ORDER BY seq DESC LIMIT 1").expect("read");
    let (seq, hash) = row.split_once('|').expect("two columns");
    (seq.parse().expect("a number"), hash.to_owned())
}

fn without_triggers(file: &Path, sql: &str) {
    let triggers =
        sqlite3(file, "SELECT group_concat(sql, ';') FROM sqlite_master WHERE type = 'trigger'").expect("SQL");
    let names = sqlite3(file, "SELECT name FROM sqlite_master WHERE type = 'trigger'").expect("names");
    let drops: String = names.lines().map(|name| format!("DROP TRIGGER {name};")).collect();
    sqlite3(file, &format!("{drops}{sql};{triggers}")).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn set_head(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("ledger.head");
    let mut head: Value = serde_json::from_slice(&fs::read(&path).expect("a head")).expect("json");
    change(&mut head);
    fs::write(path, head.to_string()).expect("written");
}

fn head_of_the_chain(folder: &Path) {
    let (seq, hash) = last(&folder.join(STORE_FILE));
    set_head(folder, |head| (head["seq"], head["hash"]) = (seq.into(), hash.into()));
}

type Edit = fn(&Path);

/// What is done to the files themselves, or is more than one statement.
const FILES: &[(&str, Finder, Edit)] = &[
    ("head: deleted", Verify, |folder| fs::remove_file(folder.join("ledger.head")).expect("removed")),
    ("head: empty", Verify, |folder| fs::write(folder.join("ledger.head"), "").expect("written")),
    ("head: cannot be read", Verify, |folder| fs::write(folder.join("ledger.head"), "{").expect("written")),
    ("head: hash", Verify, |folder| set_head(folder, |head| head["hash"] = "sha256:0".into())),
    ("head: number raised", Verify, |folder| set_head(folder, |head| head["seq"] = 99.into())),
    ("head: number lowered", Verify, |folder| set_head(folder, |head| head["seq"] = 3.into())),
    ("head: of another project", Verify, |folder| set_head(folder, |head| head["project"] = "other".into())),
    ("head: a newer format", Verify, |folder| set_head(folder, |head| head["format"] = 9.into())),
    ("head: an older one of this chain", Later, |folder| {
        let hash = sqlite3(&folder.join(STORE_FILE), "SELECT hash FROM ledger_entries WHERE seq = 9").expect("read");
        set_head(folder, |head| (head["seq"], head["hash"]) = (9.into(), hash.into()));
    }),
    ("chain: cut off, and the head moved back", Later, |folder| {
        without_triggers(&folder.join(STORE_FILE), "DELETE FROM ledger_entries WHERE seq > 19");
        without_triggers(
            &folder.join(STORE_FILE),
            "UPDATE tasks SET status = 'in_progress', cause = NULL WHERE status = 'local_fail'; UPDATE runs SET state = 'running', report = NULL, ended_at = NULL WHERE token = 3",
        );
        head_of_the_chain(folder);
    }),
    ("chain: an entry rewritten with its hash", Verify, |folder| rewrite(folder, 9, 9)),
    ("chain: the last entry rewritten with its hash", Verify, |folder| rewrite(folder, 20, 20)),
    ("chain: rewritten from an entry to the end, with the head", Later, |folder| {
        rewrite(folder, 9, 20);
        without_triggers(
            &folder.join(STORE_FILE),
            "UPDATE decisions SET hash = (SELECT e.hash FROM ledger_entries e WHERE e.seq = decisions.seq)",
        );
        head_of_the_chain(folder);
    }),
    ("chain: an entry appended by somebody else", Later, |folder| {
        forgery::append(&folder.join(STORE_FILE), "notarised", &json!({}));
    }),
    ("tombstone: of a created task", Verify, |folder| tombstone(&folder.join(STORE_FILE), 1, "sha256:", "sha256:0")),
    ("tombstone: of a start", Verify, |folder| {
        tombstone(&folder.join(STORE_FILE), 2, "api.example", "elsewhere.example")
    }),
    ("tombstone: of a transition", Verify, |folder| tombstone(&folder.join(STORE_FILE), 20, "local_fail", "local_ok")),
    ("tombstone: of a decision", Verify, |folder| tombstone(&folder.join(STORE_FILE), 12, "true", "false")),
    ("tombstone: of a redaction", Verify, |folder| tombstone(&folder.join(STORE_FILE), 16, "15", "14")),
    ("tombstone: changed again", Verify, |folder| {
        tombstone(&folder.join(STORE_FILE), 9, "session", "sessions");
        without_triggers(
            &folder.join(STORE_FILE),
            "UPDATE ledger_entries SET canonical = replace(canonical, 'sessions', 'x') WHERE seq = 9",
        );
    }),
    ("tombstone: of a proof", Later, |folder| tombstone(&folder.join(STORE_FILE), 9, "\"pass\"", "\"fail\"")),
    ("store: emptied", Opening, |folder| fs::write(folder.join(STORE_FILE), "").expect("written")),
    ("store: no database", Opening, |folder| fs::write(folder.join(STORE_FILE), "x".repeat(9000)).expect("written")),
    ("store: deleted", Opening, |folder| fs::remove_file(folder.join(STORE_FILE)).expect("removed")),
];

/// Writes entries anew with their hashes, the first of them with another time.
fn rewrite(folder: &Path, first: u64, last: u64) {
    let file = folder.join(STORE_FILE);
    let mut edits = Vec::new();
    let mut prev: Option<String> = None;
    for seq in first..=last {
        let read = |column: &str| {
            sqlite3(&file, &format!("SELECT {column} FROM ledger_entries WHERE seq = {seq}")).expect("read")
        };
        let mut entry: Value = serde_json::from_str(&read("canonical")).expect("json");
        match &prev {
            None => entry["at"] = "2020-01-01T00:00:00.000Z".into(),
            Some(prev) => entry["prev"] = prev.as_str().into(),
        }
        let (text, hash) = forgery::sealed(&entry);
        let before = entry["prev"].as_str().expect("a hash").to_owned();
        edits.push(format!(
            "UPDATE ledger_entries SET prev_hash = '{before}', hash = '{hash}', canonical = '{}' WHERE seq = {seq}",
            text.replace('\'', "''")
        ));
        prev = Some(hash);
    }
    without_triggers(&file, &edits.join(";"));
}

/// A done task (14 entries), an entry whose texts were removed, and a task that failed.
async fn prepared() -> Book {
    let (book, _) = Book::with_a_done_task().await;
    book.ledger.append(None, vec![drift("/a?token=1", "missing")]).await.expect("appended");
    book.ledger.redact(15).await.expect("redacted");
    let failed = book::task("Not deployed");
    book.ledger.create_task(&failed).await.expect("created");
    let fence = book.start(&failed.id).await;
    book.fail(&fence).await;
    assert_eq!(last(&book.file()).0, 20);
    book.ledger.store().close().await;
    book
}

async fn finder(folder: &Path) -> (Finder, String) {
    let store = match Store::open(folder, &project()).await {
        Ok(store) => store,
        Err(error) => return (Opening, error.to_string()),
    };
    let ledger = Ledger::new(store, std::sync::Arc::new(FixedClock::new(START)));
    let verified = ledger.verify().await.map_err(|error| error.to_string());
    let checked = ledger.store().check_file(Depth::Whole).await.expect("checked");
    ledger.store().close().await;
    match verified {
        Err(error) => (Verify, error),
        Ok(report) if !report.verified => (Verify, report.problem.map(|problem| problem.what).unwrap_or_default()),
        Ok(_) if !checked.is_clean() => {
            (Check, [checked.pages, checked.references, checked.schema].concat().join(", "))
        }
        Ok(_) => (Later, String::new()),
    }
}

#[tokio::test]
async fn every_class_of_tampering_is_found_or_named_with_what_will_find_it() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/ledger.md")).expect("a page");
    let book = prepared().await;
    assert_eq!(finder(&book.folder).await, (Later, String::new()), "nothing was done yet");
    let place = tempfile::tempdir().expect("a folder");
    let (mut classes, mut wrong) = (0, Vec::new());
    let mut judge = async |name: &str, expected: Finder, edit: &dyn Fn(&Path)| {
        let folder = place.path().join(classes.to_string());
        fs::create_dir(&folder).expect("a folder");
        for file in [STORE_FILE, "ledger.head"] {
            fs::copy(book.folder.join(file), folder.join(file)).expect("copied");
        }
        edit(&folder);
        let (found, what) = finder(&folder).await;
        if found != expected {
            wrong.push(format!("{name}: {found:?} ({what}) and not {expected:?}"));
        }
        if (expected == Later) != page.contains(&format!("| {name} |")) {
            wrong.push(format!("{name}: docs/design/ledger.md lists what nothing finds, and only that"));
        }
        classes += 1;
    };
    for (name, expected, sql) in ROWS {
        judge(name, *expected, &|folder| without_triggers(&folder.join(STORE_FILE), sql)).await;
    }
    for (name, expected, sql) in SCHEMA {
        judge(name, *expected, &|folder| drop(sqlite3(&folder.join(STORE_FILE), sql).expect(sql))).await;
    }
    for (name, expected, edit) in FILES {
        judge(name, *expected, edit).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(classes > 60, "{classes}");
}
