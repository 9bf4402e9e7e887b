//! Something that a request needs is not available.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::{TaskId, TaskStatus, error_chain};
use crate::ledger::LedgerError;
use crate::store::StoreError;

/// Something that a request needs is not available. It may succeed later.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UnavailableError {
    /// The store could not be opened.
    #[error("{}", error_chain(.0))]
    Opening(#[source] Arc<StoreError>),
    /// The store failed.
    #[error("{}", error_chain(.0))]
    Store(#[source] Arc<StoreError>),
    /// Another process runs the task now.
    #[error("{}", error_chain(.0))]
    TakenOver(#[source] Arc<StoreError>),
    /// The ledger failed.
    #[error("{}", error_chain(.0))]
    Ledger(#[source] Arc<LedgerError>),
    /// The store says something that the ledger does not.
    #[error(transparent)]
    LedgerDisagrees(#[from] Disagreement),
    /// Too many runs go on.
    #[error("{limit} runs{} go on", share(*.of_caller))]
    RunsBusy {
        /// How many may go on.
        limit: usize,
        /// Whether the limit is the caller's own share.
        of_caller: bool,
    },
    /// Too many calls go on.
    #[error("{limit} {what}{} are going on already", share(*.of_caller))]
    CallsBusy {
        /// `calls`, or `looks` where a call only looks at a run.
        what: &'static str,
        /// How many may go on.
        limit: usize,
        /// Whether the limit is the caller's own share.
        of_caller: bool,
    },
    /// This process stops and begins nothing any more.
    #[error("this process is stopping: it starts no run any more")]
    Stopping,
    /// The server stopped before the call was done.
    #[error("the server is stopping: its input was closed")]
    Interrupted,
    /// The call took too long.
    #[error("the call took longer than {seconds} s")]
    TimedOut {
        /// How long it was given, in seconds.
        seconds: u64,
    },
    /// A person was asked and did not answer.
    #[error("{tool}: a person was asked and did not answer; nothing was done")]
    NoAnswer {
        /// The tool that asked.
        tool: String,
        /// What a person can do instead.
        instead: String,
    },
    /// Whether an htask exists could not be found out.
    #[error("the htask could not be looked up: {why}")]
    HTaskLookup {
        /// Why.
        why: String,
    },
}

/// How the store and the ledger disagree about a task: somebody else wrote to one of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Disagreement {
    /// The attempt ended otherwise in this process.
    #[error(
        "the store says that task {task_id} is {status}, but attempt {attempt} ended otherwise in this process: the ledger was written by someone else"
    )]
    EndedOtherwise {
        /// The task.
        task_id: TaskId,
        /// The status that the store has.
        status: TaskStatus,
        /// The attempt.
        attempt: u32,
    },
    /// The ledger has another status, or no decision for it.
    #[error(
        "the store says that task {task_id} is {status}, the ledger ({entries} entries) says {told}: the store was edited"
    )]
    StoreEdited {
        /// The task.
        task_id: TaskId,
        /// The status that the store has.
        status: TaskStatus,
        /// How many entries the ledger has.
        entries: u64,
        /// The status that the ledger has.
        told: TaskStatus,
    },
    /// What the store tells about an earlier attempt cannot be so.
    #[error("the store tells nothing that can be believed of attempt {attempt} at task {task_id}")]
    EarlierAttempt {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        attempt: u32,
    },
}

const fn share(of_caller: bool) -> &'static str {
    if of_caller { " of this caller" } else { "" }
}

impl UnavailableError {
    /// Returns the stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Opening(_) | Self::Store(_) => "store_unavailable",
            Self::TakenOver(_) => "taken_over",
            Self::Ledger(_) => "ledger_unavailable",
            Self::LedgerDisagrees(_) => "ledger_disagrees",
            Self::RunsBusy { .. } | Self::CallsBusy { .. } => "busy",
            Self::Stopping | Self::Interrupted => "interrupted",
            Self::TimedOut { .. } => "timed_out",
            Self::NoAnswer { .. } => "no_answer",
            Self::HTaskLookup { .. } => "snipara_unreachable",
        }
    }

    /// Returns what to do.
    pub fn hint(&self) -> Cow<'_, str> {
        let hint = match self {
            Self::Opening(_) => "nothing was written; do what the message says and try again",
            Self::Store(error) => store_hint(error),
            Self::TakenOver(_) => "ask for the task's status: another process runs it now",
            Self::Ledger(_) => "run `snipara-orchestrator proofs verify` to see what is wrong",
            Self::LedgerDisagrees(Disagreement::EndedOtherwise { .. }) => {
                "tell a person that the ledger was forged; create a new task by title to prove it"
            }
            Self::LedgerDisagrees(Disagreement::StoreEdited { .. }) => {
                "run `snipara-orchestrator proofs verify`; run the task again to prove it anew"
            }
            Self::LedgerDisagrees(Disagreement::EarlierAttempt { .. }) => {
                "run `snipara-orchestrator proofs verify`; task_status tells about the last attempt"
            }
            Self::RunsBusy { .. } => "Wait for one with task_status, or cancel one with task_cancel.",
            Self::CallsBusy { .. } => "Wait for one of them to end, then call again.",
            Self::Stopping => "Start it again, then run the task.",
            Self::Interrupted => "Start the server again and keep its input open while a task runs.",
            Self::TimedOut { .. } => "A run that was started goes on: look at it with task_status.",
            Self::NoAnswer { instead, .. } => instead,
            Self::HTaskLookup { .. } => "try again; nothing was written",
        };
        Cow::Borrowed(hint)
    }

    /// Tells whether a ledger or a backup was looked at and does not verify.
    pub fn does_not_verify(&self) -> bool {
        match self {
            Self::Store(error) => matches!(**error, StoreError::BackupUnusable { .. }),
            Self::Ledger(error) => matches!(**error, LedgerError::Broken { .. }),
            _ => false,
        }
    }

    /// Tells whether the store is what failed.
    pub const fn is_store(&self) -> bool {
        matches!(self, Self::Opening(_) | Self::Store(_))
    }
}

/// Returns what to do about a store that cannot be used; its message names the file.
fn store_hint(error: &StoreError) -> &'static str {
    match error {
        // It comes in the middle of the work, too.
        StoreError::Full { .. } => "free some space and try again; a run that was under way is recorded as interrupted",
        StoreError::ReadOnly { .. } | StoreError::PermissionDenied { .. } => {
            "make the state folder writable and try again; nothing of this request was written"
        }
        StoreError::Corrupt { .. }
        | StoreError::Altered { .. }
        | StoreError::Emptied { .. }
        | StoreError::Held { .. }
        | StoreError::BackupUnusable { .. } => "do what the message says; nothing of this request was written",
        StoreError::Busy { .. } | StoreError::Conflict { .. } => "try again; nothing of this request was written",
        _ => "`snipara-orchestrator doctor` looks at the store; nothing of this request was written",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_fits_what_is_wrong_with_the_store() {
        let path = std::path::PathBuf::from("/state/store.sqlite3");
        let hint = |error: StoreError| UnavailableError::Store(Arc::new(error)).hint().into_owned();
        assert!(hint(StoreError::ReadOnly(path.clone())).starts_with("make the state folder writable"));
        let full = hint(StoreError::Full(path.clone()));
        assert!(full.starts_with("free some space") && !full.contains("nothing"), "{full}");
        assert!(hint(StoreError::Busy { path: path.clone(), waited_s: 30 }).starts_with("try again"));
        assert!(hint(StoreError::Newer { path, found: 2, known: 1 }).contains("doctor"));
    }
}
