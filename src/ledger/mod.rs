//! The book: append-only, hash-chained, one chain a project.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Cause, Fence, RunHolder, RunRecord, SharedClock, Task, TaskId, TaskReport, TaskStatus, Timestamp};
use crate::store::{Store, StoreError};

/// What an entry is about. Names on the wire and in the file are snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A task with its criteria and their digest.
    TaskCreated,
    /// An attempt began: holder, token, configuration digest, production, commit, options.
    RunStarted,
    /// A status changed: `from`, `to`, `cause`.
    Transition,
    /// A local test ran: a `CommandRun`; its outputs are the body.
    LocalTest,
    /// A drift report.
    Drift,
    /// The generated cutover checklist.
    Checklist,
    /// A proof; its response body is the body.
    Proof,
    /// A gate decided: a `Verdict` with the hashes it was decided from.
    Decision,
    /// A run's process was found gone.
    RunInterrupted,
    /// A deployment ran: a `CommandRun`; never a proof.
    Deployment,
    /// A body was removed: `seq` of its entry.
    Redaction,
}

/// Something to append.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// What it is about.
    pub kind: EntryKind,
    /// The task; none for observations without one.
    pub task_id: Option<TaskId>,
    /// The attempt.
    pub attempt: Option<u32>,
    /// The facts: canonicalised and hashed into the chain.
    pub payload: Value,
    /// What may have to be removed one day (response bodies, outputs): stored beside the chain by its digest.
    pub body: Option<Value>,
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRef {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash, `sha256:` and 64 hexadecimal digits.
    pub hash: String,
}

/// An entry as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// The hash of the entry before it.
    pub prev_hash: String,
    /// What it is about.
    pub kind: EntryKind,
    /// The task.
    pub task_id: Option<TaskId>,
    /// The attempt.
    pub attempt: Option<u32>,
    /// When it was appended.
    pub at: Timestamp,
    /// The facts.
    pub payload: Value,
    /// The digest of its body.
    pub body_digest: Option<String>,
    /// Its body; none when it has none or when it was removed.
    pub body: Option<Value>,
}

/// A change of a task that is written in the same transaction as the entries that tell of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The task has a new status. DONE and PROD_OK need a passing decision of the same attempt in the store.
    Status {
        /// The status.
        status: TaskStatus,
        /// What it comes from.
        cause: Option<Cause>,
    },
    /// Gate 2 decided in the entry with this index of the same call.
    Decision {
        /// The index into `entries`.
        entry: usize,
        /// Whether it let the task pass.
        passed: bool,
    },
    /// The attempt ended with this report.
    End {
        /// What the run answers.
        report: Box<TaskReport>,
    },
}

/// What a new attempt is started with.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStart {
    /// Who runs it.
    pub holder: RunHolder,
    /// Marks the environment of its commands.
    pub cookie: String,
    /// How long the lease holds without renewal, in milliseconds.
    pub lease_ms: i64,
    /// The digest of the configuration in force.
    pub config_digest: String,
    /// Production's origin.
    pub production_origin: String,
    /// What else is recorded: options, commit.
    pub payload: Value,
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one; of the empty chain, its genesis.
    pub hash: String,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether the whole chain holds.
    pub verified: bool,
    /// How many entries were looked at.
    pub entries: u64,
    /// Where the chain ends.
    pub head: Option<Head>,
    /// How many bodies were removed on purpose (and say so in the chain).
    pub redacted_bodies: u64,
    /// The first thing that is wrong.
    pub problem: Option<ChainProblem>,
}

/// The first broken link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainProblem {
    /// The entry's number, where it is about one.
    pub seq: Option<u64>,
    /// What is wrong, one line: `entry 12 was changed: …`.
    pub what: String,
}

/// What can go wrong with the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else runs this task.
    #[error("task {} is being run by {} (process {})", .0.fence.task_id, .0.holder.label, .0.holder.process.process_id)]
    Held(Box<RunRecord>),
    /// The task cannot be started from where it stands.
    #[error("a task that is {status} cannot be run again")]
    NotRunnable {
        /// Where it stands.
        status: TaskStatus,
    },
    /// SCAFFOLD for: no such entry, not JSON, broken chain, head file.
    #[error("SCAFFOLD")]
    Scaffold,
}

/// The book of one project. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {}

impl Ledger {
    /// Opens the ledger over a store; the head lies beside the store's file.
    pub fn new(_store: Store, _clock: SharedClock) -> Self {
        todo!()
    }

    /// Returns the store below.
    pub fn store(&self) -> &Store {
        todo!()
    }

    /// Creates a task: its row and its entry in one transaction.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn create_task(&self, _task: &Task) -> Result<EntryRef, LedgerError> {
        todo!()
    }

    /// Starts the next attempt of a task: takes the lease with a new token, sets IN_PROGRESS, and appends
    /// `run_started` and the transition, all in one transaction.
    ///
    /// # Errors
    /// [`LedgerError::Held`] while another run has the lease, [`LedgerError::NotRunnable`] for a task that is done.
    pub async fn start_run(&self, _id: &TaskId, _start: RunStart) -> Result<(Fence, Vec<EntryRef>), LedgerError> {
        todo!()
    }

    /// Appends entries and makes the changes that they tell of, in one transaction.
    ///
    /// With a fence, the entries are of its task and attempt, and an older token is refused. Changes need a fence.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`], or when the store cannot be written; then nothing was.
    pub async fn append(
        &self,
        _fence: Option<&Fence>,
        _entries: Vec<NewEntry>,
        _changes: Vec<Change>,
    ) -> Result<Vec<EntryRef>, LedgerError> {
        todo!()
    }

    /// Records that a run's process is gone: the entry, the transition to `status`, the run's end, in one transaction.
    /// Does nothing and answers `false` when the run was renewed, ended or taken over meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn interrupt(
        &self,
        _run: &RunRecord,
        _status: TaskStatus,
        _report: &TaskReport,
    ) -> Result<bool, LedgerError> {
        todo!()
    }

    /// Reads the entries after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entries_since(&self, _seq: u64, _limit: u32) -> Result<Vec<Entry>, LedgerError> {
        todo!()
    }

    /// Reads the entries of a task, of one attempt or of all, in order, with hashes recomputed from the stored bytes.
    ///
    /// # Errors
    /// When an entry's stored bytes do not have its hash, or when the store cannot be read.
    pub async fn task_entries(&self, _id: &TaskId, _attempt: Option<u32>) -> Result<Vec<Entry>, LedgerError> {
        todo!()
    }

    /// Reads the latest proofs, newest first; of one task, or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn proofs(&self, _id: Option<&TaskId>, _limit: u32) -> Result<Vec<Entry>, LedgerError> {
        todo!()
    }

    /// Reads one entry by its number.
    ///
    /// # Errors
    /// When there is none, or when the store cannot be read.
    pub async fn entry(&self, _seq: u64) -> Result<Entry, LedgerError> {
        todo!()
    }

    /// Returns where the chain ends.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn head(&self) -> Result<Head, LedgerError> {
        todo!()
    }

    /// Verifies the whole chain, page by page, against the head beside it.
    ///
    /// # Errors
    /// When the store cannot be read; a broken chain is an answer, not an error.
    pub async fn verify(&self) -> Result<VerifyReport, LedgerError> {
        todo!()
    }

    /// Removes the body of an entry and records that; the chain still holds.
    ///
    /// # Errors
    /// When there is no such entry or it has no body.
    pub async fn redact(&self, _seq: u64) -> Result<EntryRef, LedgerError> {
        todo!()
    }

    /// Makes the receipt of an attempt (the last one when not given): an in-toto Statement v1, `signed: false`.
    ///
    /// # Errors
    /// When there is no such attempt.
    pub async fn receipt(&self, _id: &TaskId, _attempt: Option<u32>) -> Result<Value, LedgerError> {
        todo!()
    }
}
