//! What somebody forges who has the store's file, knows its form, and puts the triggers back afterwards.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};
use snipara_orchestrator::domain::{canonical_json, sha256_hex};

const TRIGGER: &str = "ledger_entries_no_update";

/// Returns the text of an entry and its hash.
pub(crate) fn sealed(entry: &Value) -> (String, String) {
    let text = canonical_json(entry).expect("canonical");
    let hash = format!("sha256:{}", sha256_hex(text.as_bytes()));
    (text, hash)
}

/// Appends an entry of no task, and moves the head; returns its number.
pub(crate) fn append(file: &Path, kind: &str, payload: &Value) -> i64 {
    let store = Connection::open(file).expect("the file opens");
    let last = "SELECT project_id, seq + 1, hash FROM ledger_entries ORDER BY seq DESC LIMIT 1";
    let read = store.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let (project, seq, prev): (String, i64, String) = read.expect("an entry");
    let (text, hash) = sealed(&json!({
        "format": 2, "project": project, "seq": seq.to_string(), "prev": prev, "kind": kind, "task_id": null,
        "attempt": null, "at": "2026-09-21T14:13:20.000Z", "token": null, "caller": null, "body_digest": null,
        "payload": payload,
    }));
    let insert = "INSERT INTO ledger_entries (project_id, seq, prev_hash, hash, kind, format_version, canonical)
        VALUES (?1, ?2, ?3, ?4, ?5, 2, ?6)";
    store.execute(insert, rusqlite::params![project, seq, prev, hash, kind, text]).expect("appended");
    let head = json!({ "format": 1, "project": project, "seq": seq, "hash": hash });
    std::fs::write(file.with_file_name("ledger.head"), head.to_string()).expect("the head is moved");
    seq
}

/// Changes an entry under its old hash, appends a redaction that explains it, and moves the head.
pub(crate) fn tombstone(file: &Path, seq: i64, from: &str, to: &str) {
    let store = Connection::open(file).expect("the file opens");
    let entry = "SELECT hash, canonical FROM ledger_entries WHERE seq = ?1";
    let read = store.query_row(entry, [seq], |row| Ok((row.get(0)?, row.get(1)?)));
    let (hash, before): (String, String) = read.expect("an entry");
    let left = before.replace(from, to);
    assert_ne!(before, left, "`{from}` stands in entry {seq}");
    let digest = format!("sha256:{}", sha256_hex(left.as_bytes()));
    let redaction = json!({ "seq": seq.to_string(), "body_digest": hash, "tombstone": digest });
    let by = append(file, "redaction", &redaction);
    let trigger = "SELECT sql FROM sqlite_master WHERE name = ?1";
    let trigger: String = store.query_row(trigger, [TRIGGER], |row| row.get(0)).expect("the trigger");
    store.execute_batch(&format!("DROP TRIGGER {TRIGGER}")).expect("dropped");
    let update = "UPDATE ledger_entries SET canonical = ?1, redacted_by = ?2 WHERE seq = ?3";
    store.execute(update, rusqlite::params![left, by, seq]).expect("changed");
    store.execute_batch(&trigger).expect("the trigger is back");
}
