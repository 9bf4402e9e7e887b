//! Appending and verifying, beside the bare work below: SQLite's own inserts, and SHA-256 in memory.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use serde_json::json;
use sha2::{Digest, Sha256};
use snipara_orchestrator::domain::{ProjectId, Proof, ProofKind, ProofResult, SystemClock, Timestamp};
use snipara_orchestrator::ledger::{Fact, Ledger};
use snipara_orchestrator::store::Store;

use crate::client::Client;
use crate::memory::status_mib;
use crate::numbers::Numbers;
use crate::{Lines, find};

const ENTRIES: usize = 100_000;
const BATCH: usize = 100;
const SINGLES: usize = 1_000;
const ROUNDS: usize = 3;

/// The rates, in entries a second.
#[derive(Debug, Default)]
struct Rates {
    verified: Numbers,
    hashed: Numbers,
    batched: Numbers,
    inserted: Numbers,
    single: Numbers,
}

pub(crate) fn measure() -> anyhow::Result<Lines> {
    // As many workers as the program itself has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rates = Rates::default();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        runtime.block_on(one_ledger(folder.path(), &mut rates))?;
        rates.hashed.push(bare_hashes()?);
        bare_inserts(folder.path())?.into_iter().for_each(|rate| rates.inserted.push(rate));
    }
    let append = format!("append with bodies, {BATCH} in one transaction");
    let mut lines = vec![
        rates.verified.row_beside("verify the whole chain and its bodies", "/s", &rates.hashed, "bare hashing"),
        rates.hashed.row("SHA-256 of the same texts in memory", "/s"),
    ];
    if rates.inserted.is_empty() {
        lines.push(rates.batched.row(&append, "/s"));
        lines.push("peer missing: sqlite3 (apt-get install sqlite3)".to_owned());
    } else {
        lines.push(rates.batched.row_beside(&append, "/s", &rates.inserted, "bare inserts"));
        lines.push(rates.inserted.row("sqlite3 inserts of the same texts, no chain", "/s"));
    }
    lines.push(rates.single.row("append, each in a transaction of its own", "/s"));
    Ok(lines)
}

async fn one_ledger(folder: &Path, rates: &mut Rates) -> anyhow::Result<()> {
    let ledger = open(&folder.join("ours")).await?;
    let began = Instant::now();
    append(&ledger, 0..ENTRIES).await?;
    rates.batched.push(ENTRIES as f64 / began.elapsed().as_secs_f64());
    let began = Instant::now();
    let report = ledger.verify().await?;
    rates.verified.push(report.entries as f64 / began.elapsed().as_secs_f64());
    anyhow::ensure!(report.verified && report.entries == ENTRIES as u64, "{report:?}");
    let began = Instant::now();
    for number in 0..SINGLES {
        ledger.append(None, vec![fact(number)]).await?;
    }
    rates.single.push(SINGLES as f64 / began.elapsed().as_secs_f64());
    ledger.store().close().await;
    Ok(())
}

async fn open(folder: &Path) -> anyhow::Result<Ledger> {
    let project = ProjectId::from_name("bench")?;
    Ok(Ledger::new(Store::open(folder, &project).await?, Arc::new(SystemClock)))
}

async fn append(ledger: &Ledger, numbers: Range<usize>) -> anyhow::Result<()> {
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(BATCH) {
        ledger.append(None, batch.iter().copied().map(fact).collect()).await?;
    }
    Ok(())
}

/// Lets our binary verify ledgers of growing length.
pub(crate) fn measure_million() -> anyhow::Result<Lines> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let home = tempfile::tempdir()?;
    let folder = home.path().join("projects/bench");
    let mut lines = Lines::new();
    let mut written = 0;
    for entries in [10_000, 100_000, 1_000_000] {
        runtime.block_on(async {
            let ledger = open(&folder).await?;
            append(&ledger, written..entries).await?;
            ledger.store().close().await;
            anyhow::Ok(())
        })?;
        written = entries;
        let mut took = Numbers::default();
        let peak = Numbers::of(ROUNDS, || {
            let began = Instant::now();
            let mut client = Client::start(home.path(), home.path(), "http://127.0.0.1:9", &[])?;
            let report = client.call("verify_proofs", &json!({}))?;
            anyhow::ensure!(report["verified"] == json!(true) && report["entries"] == json!(entries), "{report}");
            took.push(began.elapsed().as_secs_f64());
            status_mib(client.process_id(), "VmHWM:")
        })?;
        lines.push(peak.row(&format!("peak, {entries} entries verified"), "MiB"));
        lines.push(took.row("  in", "s"));
    }
    Ok(lines)
}

/// Makes a proof like that of a live check.
fn proof(number: usize) -> Proof {
    Proof {
        not_counted: None,
        catch_all: false,
        expectations: Vec::new(),
        told: Vec::new(),
        endpoint: format!("https://api.example.com/api/resource/{number}"),
        user_tested: "anonymous".to_owned(),
        result: ProofResult::Pass,
        timestamp: Timestamp::from_micros(1_795_370_400_000_000),
        response_code: Some(200),
        response_body: Some(json!({ "path": format!("/api/resource/{number}") })),
        response_digest: Some(format!("{number:064x}")),
        response_bytes: Some(512),
        html: false,
        error_message: None,
        check: format!("task_check_{number}"),
        method: Some("GET".to_owned()),
        kind: ProofKind::Live,
        required: true,
        counts: true,
        attempts: Vec::new(),
        duration_ms: 12,
        task_id: None,
        attempt: None,
        check_identity: None,
        red: None,
        build: None,
        change: None,
        shown_by_deploy: false,
        untrusted_settings: false,
        shape: None,
        commit: None,
        criteria_digest: None,
        config_digest: Some(format!("sha256:{:064x}", 7)),
        seq: None,
        hash: None,
    }
}

fn fact(number: usize) -> Fact {
    Fact::Proof(Box::new(proof(number)))
}

/// The text that the chain keeps of it.
fn text(number: usize) -> serde_json::Result<String> {
    serde_json::to_string(&Proof { response_body: None, ..proof(number) })
}

/// Hashes the same texts as a chain in memory; returns entries a second.
fn bare_hashes() -> anyhow::Result<f64> {
    let texts = (0..ENTRIES).map(text).collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    let mut link = Sha256::digest(b"genesis");
    for text in &texts {
        let mut hash = Sha256::new();
        hash.update(link);
        hash.update(text.as_bytes());
        link = hash.finalize();
    }
    std::hint::black_box(link);
    Ok(ENTRIES as f64 / began.elapsed().as_secs_f64())
}

/// Lets the sqlite3 program insert the same texts in the same batches; `None` when it is not installed.
fn bare_inserts(folder: &Path) -> anyhow::Result<Option<f64>> {
    let Some(program) = find("sqlite3") else { return Ok(None) };
    let mut script = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;\
                      CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL);\n"
        .to_owned();
    for batch in 0..ENTRIES / BATCH {
        script.push_str("BEGIN IMMEDIATE;\n");
        for number in batch * BATCH..(batch + 1) * BATCH {
            writeln!(script, "INSERT INTO entries VALUES ({number}, '{}');", text(number)?)?;
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
