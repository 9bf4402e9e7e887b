//! What looking at a store, a backup, a restore and a repair tell.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ChainProblem, Head};

/// The part of a store that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StorePart {
    /// The file cannot be opened at all.
    File,
    /// Its pages.
    Pages,
    /// Rows that name rows which are not there.
    References,
    /// Its tables, indexes and triggers.
    Schema,
    /// The ledger: its chain, or what lies beside it.
    Ledger,
}

/// Something that is wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreProblem {
    /// The part.
    pub part: StorePart,
    /// What is wrong, one line.
    pub what: String,
}

/// What a look at a store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreCheck {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// The file.
    pub file: PathBuf,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether there was time for all of it.
    pub finished: bool,
    /// How many entries the ledger has; none when they could not be counted.
    pub entries: Option<u64>,
    /// What is wrong.
    pub problems: Vec<StoreProblem>,
    /// What to do about it.
    pub fix: Option<String>,
}

/// A backup that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// The file.
    pub file: PathBuf,
    /// The SHA-256 of the file in hexadecimal digits.
    pub sha256: String,
    /// How many entries its ledger has.
    pub entries: u64,
    /// Where its chain ends.
    pub head: Option<Head>,
    /// Whether its ledger verifies.
    pub verified: bool,
    /// Why it does not.
    pub problem: Option<ChainProblem>,
}

/// A ledger that would be lost by putting a backup in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplacedLedger {
    /// How many entries it has, as far as it or its head can tell; none when neither can be read.
    pub entries: Option<u64>,
    /// The hash of the last one.
    pub hash: Option<String>,
    /// What makes it another one than the backup's, one line.
    pub what: String,
}

/// A backup that was put in its store's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// The backup.
    pub file: PathBuf,
    /// The SHA-256 of the backup in hexadecimal digits.
    pub sha256: String,
    /// Whether that was compared with the digest beside the backup.
    pub digest_compared: bool,
    /// How many entries the ledger has now.
    pub entries: u64,
    /// Where its chain ends.
    pub head: Option<Head>,
    /// The store that was replaced; none where there was none.
    pub kept: Option<PathBuf>,
}

/// What a repair carried over, and what it could not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// How many entries of the chain were kept: all before the first that could not be read.
    pub entries: u64,
    /// How many entries after that could be read. They have lost their place and stay in the damaged file.
    pub entries_cut_off: u64,
    /// How many entries there were, as far as the head knew.
    pub entries_known: Option<u64>,
    /// How many pages could not be read.
    pub pages: u64,
    /// Rows that were not carried over.
    pub rows: Vec<LostRows>,
    /// The digests of texts beside the chain that are lost.
    pub lost_bodies: Vec<String>,
    /// The tasks whose criteria are lost: they cannot be run again.
    pub lost_criteria: Vec<String>,
}

/// Rows that a repair could not carry over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostRows {
    /// The table; `any` where that is not known.
    pub table: String,
    /// How many.
    pub rows: u64,
    /// Why, one line.
    pub why: String,
}

/// A store that was repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairReport {
    /// The file with what could be read: a backup, which can be restored.
    pub file: PathBuf,
    /// The SHA-256 of the file in hexadecimal digits.
    pub sha256: String,
    /// What was carried over, and what not.
    pub repaired: Repaired,
    /// Why its ledger does not verify; then it cannot be restored.
    pub problem: Option<ChainProblem>,
    /// The store that it replaced; none when it was not put in its place.
    pub kept: Option<PathBuf>,
    /// Whether it is in its place now.
    pub replaced: bool,
}
