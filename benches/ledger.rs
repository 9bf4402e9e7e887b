//! Appending and verifying, beside the bare work below: SQLite's own inserts, and SHA-256 in memory.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use snipara_orchestrator::domain::{ProjectId, SystemClock};
use snipara_orchestrator::ledger::{EntryKind, Ledger, NewEntry};
use snipara_orchestrator::store::Store;

use crate::{Lines, find, percent};

const ENTRIES: usize = 100_000;
const BATCH: usize = 100;
const SINGLES: usize = 2_000;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let project = ProjectId::from_name("bench")?;
    let (batched, verified, single) = runtime.block_on(async {
        let store = Store::open(&folder.path().join("ours"), &project).await?;
        let ledger = Ledger::new(store, Arc::new(SystemClock));
        let began = Instant::now();
        for batch in 0..ENTRIES / BATCH {
            let entries = (0..BATCH).map(|number| entry(batch * BATCH + number)).collect();
            ledger.append(None, entries, Vec::new()).await?;
        }
        let batched = ENTRIES as f64 / began.elapsed().as_secs_f64();
        let began = Instant::now();
        let report = ledger.verify().await?;
        let verified = report.entries as f64 / began.elapsed().as_secs_f64();
        anyhow::ensure!(report.verified && report.entries == ENTRIES as u64, "{report:?}");
        let began = Instant::now();
        for number in 0..SINGLES {
            ledger.append(None, vec![entry(number)], Vec::new()).await?;
        }
        let single = SINGLES as f64 / began.elapsed().as_secs_f64();
        anyhow::Ok((batched, verified, single))
    })?;
    let hashed = bare_hashes();
    let mut lines = vec![
        format!("{:<48} {verified:>9.0} /s  {} of bare hashing", "verify the whole chain", percent(verified, hashed)),
        format!("{:<48} {hashed:>9.0} /s", "SHA-256 of the same texts in memory"),
    ];
    let append = format!("append, {BATCH} in one transaction");
    match bare_inserts(folder.path())? {
        Some(inserted) => {
            let share = percent(batched, inserted);
            lines.push(format!("{append:<48} {batched:>9.0} /s  {share} of bare inserts"));
            lines.push(format!("{:<48} {inserted:>9.0} /s", "sqlite3 inserts of the same texts, no chain"));
        }
        None => {
            lines.push(format!("{append:<48} {batched:>9.0} /s"));
            lines.push("peer missing: sqlite3 (apt-get install sqlite3)".to_owned());
        }
    }
    lines.push(format!("{:<48} {single:>9.0} /s", "append, each in a transaction of its own"));
    Ok(lines)
}

/// Makes an entry like that of a live check.
fn entry(number: usize) -> NewEntry {
    NewEntry { kind: EntryKind::Proof, task_id: None, attempt: None, payload: payload(number), body: None }
}

fn payload(number: usize) -> Value {
    json!({
        "endpoint": format!("https://api.example.com/api/resource/{number}"),
        "user_tested": "anonymous",
        "result": "pass",
        "timestamp": "2026-11-22T18:00:00.000Z",
        "response_code": 200,
        "response_digest": format!("{number:064x}"),
        "response_bytes": 512,
        "check": format!("task_check_{number}"),
        "method": "GET",
        "kind": "live",
        "required": true,
        "counts": true,
        "duration_ms": 12,
        "config_digest": format!("sha256:{:064x}", 7),
    })
}

/// Hashes the same texts as a chain in memory; returns entries a second.
fn bare_hashes() -> f64 {
    let texts: Vec<_> = (0..ENTRIES).map(|number| payload(number).to_string()).collect();
    let began = Instant::now();
    let mut link = Sha256::digest(b"genesis");
    for text in &texts {
        let mut hash = Sha256::new();
        hash.update(link);
        hash.update(text.as_bytes());
        link = hash.finalize();
    }
    std::hint::black_box(link);
    ENTRIES as f64 / began.elapsed().as_secs_f64()
}

/// Lets the sqlite3 program insert the same texts in the same batches; `None` when it is not installed.
fn bare_inserts(folder: &std::path::Path) -> anyhow::Result<Option<f64>> {
    let Some(program) = find("sqlite3") else { return Ok(None) };
    let mut script = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;\
                      CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL);\n"
        .to_owned();
    for batch in 0..ENTRIES / BATCH {
        script.push_str("BEGIN IMMEDIATE;\n");
        for number in batch * BATCH..(batch + 1) * BATCH {
            writeln!(script, "INSERT INTO entries VALUES ({number}, '{}');", payload(number))?;
        }
        script.push_str("COMMIT;\n");
    }
    let began = Instant::now();
    let mut child = Command::new(program)
        .arg(folder.join("peer.sqlite3"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("sqlite3 does not start")?;
    child.stdin.take().context("no input")?.write_all(script.as_bytes())?;
    anyhow::ensure!(child.wait()?.success(), "sqlite3 failed");
    Ok(Some(ENTRIES as f64 / began.elapsed().as_secs_f64()))
}
