//! What can go wrong with the ledger.

use std::path::PathBuf;

use crate::domain::{CanonicalError, RunRecord, TaskId, TaskStatus, TransitionError};
use crate::store::StoreError;

/// What can go wrong with the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process runs this task.
    #[error("task {} is being run by {} (process {})", .0.fence.task_id, .0.holder.label, .0.holder.process.process_id)]
    Held(Box<RunRecord>),
    /// The task cannot be started from its present status.
    #[error("a task that is {0} cannot be run again")]
    NotRunnable(TaskStatus),
    /// No entry has this number.
    #[error("the ledger has no entry {0}")]
    NoEntry(u64),
    /// The task was never run, or not so often.
    #[error("task {task_id} has no attempt {attempt}")]
    NoAttempt {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        attempt: u32,
    },
    /// There is nothing to remove.
    #[error("entry {0} has no body that could be removed")]
    NoBody(u64),
    /// It was removed before.
    #[error("the texts of entry {0} were removed already")]
    BodyGone(u64),
    /// The text to be removed is so short that it is part of other words.
    #[error("the text is too short: give the whole secret, at least {at_least} bytes of it")]
    ShortText {
        /// The least number of bytes.
        at_least: usize,
    },
    /// The text to be removed is not in the store.
    #[error("this text stands nowhere in the store: check that it is whole and as it was written")]
    NowhereFound,
    /// The text to be removed stands only where it may not be removed.
    #[error(
        "this text stands only where it may not be removed ({places}): there it is a name, or a value that decides"
    )]
    NotRemovable {
        /// How many places of each kind.
        places: String,
    },
    /// Its stored bytes are not those that were appended.
    #[error("entry {seq} was changed: {what}; run `snipara-orchestrator proofs verify`")]
    Changed {
        /// The entry.
        seq: u64,
        /// What is wrong.
        what: String,
    },
    /// Its bytes have their hash and yet cannot be read.
    #[error("entry {seq} cannot be read; run `snipara-orchestrator proofs verify`")]
    Unreadable {
        /// The entry.
        seq: u64,
        /// What JSON says.
        #[source]
        source: serde_json::Error,
    },
    /// A newer program wrote it.
    #[error("entry {seq} has format {found}, this program knows {known}: update snipara-orchestrator")]
    Newer {
        /// The entry.
        seq: u64,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The criteria of a task are not those it was created with.
    #[error("the criteria of task {0} were changed after it was created: make a new task")]
    CriteriaChanged(TaskId),
    /// The lifecycle does not have this transition.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// PROD_OK or DONE without a gate that let the task pass.
    #[error("task {task_id} has no passing decision in attempt {attempt}")]
    NoPassingDecision {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        attempt: u32,
    },
    /// The caller broke a rule of [`super::Ledger::append`]: a bug of ours.
    #[error("the ledger was asked for something that it never does: {0}")]
    Misuse(String),
    /// Something has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The head beside the store cannot be made.
    #[error("{} cannot be written: check the disk and the folder", path.display())]
    Head {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The chain itself does not hold, so its head is not what is wrong.
    #[error("the chain does not hold: {what}")]
    Broken {
        /// What is wrong.
        what: String,
    },
    /// The work on it was stopped from outside.
    #[error("the ledger's work was stopped")]
    Stopped(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl LedgerError {
    pub(super) fn misuse(what: impl Into<String>) -> Self {
        Self::Misuse(what.into())
    }
}
