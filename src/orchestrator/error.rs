//! Why a verb did not do what was asked.

use std::sync::Arc;

use crate::domain::{CanonicalError, FieldError, IdError, InvalidRequest, UnknownWord, with_causes};
use crate::gatekeeper::RequirementsError;
use crate::ledger::LedgerError;
use crate::snipara::SniparaError;
use crate::store::StoreError;

/// Why a verb did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OrchestratorError {
    /// The request is wrong or not allowed; nothing was written. Exit code 2.
    #[error("{message}")]
    Refused {
        /// A stable word for programs: `invalid_input`, `not_found`, `task_is_running`, `untrusted_configuration`.
        code: &'static str,
        /// What is wrong: field, value.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Something needed is not available. Exit code 3.
    #[error("{message}")]
    CouldNot {
        /// A stable word for programs: `store_unavailable`, `interrupted`.
        code: &'static str,
        /// What failed.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The neighbour did not do it. Exit code 2 when it refused, 3 when it could not.
    #[error("{message}")]
    Neighbour {
        /// What it said, one line.
        message: String,
        /// What to do.
        hint: String,
        /// The failure itself, for callers that are told what a program needs to go on.
        error: Arc<SniparaError>,
    },
    /// An invariant of ours does not hold. Exit code 70.
    #[error("internal error: {message}")]
    Bug {
        /// What was found.
        message: String,
    },
}

impl OrchestratorError {
    /// Makes a refusal of bad input.
    pub fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { code: "invalid_input", message: message.into(), hint: hint.into() }
    }

    /// Makes a refusal about something that does not exist.
    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { code: "not_found", message: message.into(), hint: hint.into() }
    }

    /// Tells whether the request is wrong or not allowed, as against something that is not available or our bug.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Neighbour { error, .. } => error.is_refusal(),
            Self::CouldNot { .. } | Self::Bug { .. } => false,
        }
    }

    /// Returns the stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } | Self::CouldNot { code, .. } => code,
            Self::Neighbour { error, .. } => error.code(),
            Self::Bug { .. } => "internal_error",
        }
    }

    /// Returns what to do.
    pub fn hint(&self) -> &str {
        match self {
            Self::Refused { hint, .. } | Self::CouldNot { hint, .. } | Self::Neighbour { hint, .. } => hint,
            Self::Bug { .. } => "report this, with the log on standard error",
        }
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
        StoreError::Busy { .. } | StoreError::Conflict { .. } => "try again; nothing of this request was written",
        _ => "`snipara-orchestrator doctor` looks at the store; nothing of this request was written",
    }
}

impl From<StoreError> for OrchestratorError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NoTask(_) => {
                Self::not_found(error.to_string(), "list the tasks with `snipara-orchestrator task list`")
            }
            StoreError::StaleFence => Self::CouldNot {
                code: "taken_over",
                message: with_causes(&error),
                hint: "ask for the task's status: another process runs it now".to_owned(),
            },
            _ => Self::CouldNot {
                code: "store_unavailable",
                message: with_causes(&error),
                hint: store_hint(&error).to_owned(),
            },
        }
    }
}

impl From<LedgerError> for OrchestratorError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(store) => store.into(),
            LedgerError::Held(run) => Self::Refused {
                code: "task_is_running",
                message: format!(
                    "task {} is being run by {} (process {}) since {}",
                    run.fence.task_id, run.holder.label, run.holder.process.process_id, run.started_at
                ),
                hint: "wait for it with task_status and wait_seconds, or stop it with task_cancel".to_owned(),
            },
            LedgerError::NotRunnable { status } => Self::Refused {
                code: "not_runnable",
                message: format!("a task that is {status} cannot be run again"),
                hint: "create a new task by title".to_owned(),
            },
            LedgerError::NoEntry { .. } => {
                Self::not_found(error.to_string(), "`snipara-orchestrator proofs list` shows the numbers of the proofs")
            }
            LedgerError::NoAttempt { .. } => {
                Self::not_found(error.to_string(), "`snipara-orchestrator task show` tells how often the task was run")
            }
            LedgerError::NoBody { .. } | LedgerError::BodyGone { .. } => Self::invalid(
                error.to_string(),
                "nothing was changed; `snipara-orchestrator proofs list` shows the entries that may have a body",
            ),
            LedgerError::Canonical(error) => error.into(),
            other => Self::CouldNot {
                code: "ledger_unavailable",
                message: with_causes(&other),
                hint: "run `snipara-orchestrator proofs verify` to see what is wrong".to_owned(),
            },
        }
    }
}

impl From<FieldError> for OrchestratorError {
    fn from(error: FieldError) -> Self {
        Self::invalid(error.to_string(), error.fix)
    }
}

impl From<InvalidRequest> for OrchestratorError {
    fn from(error: InvalidRequest) -> Self {
        Self::invalid(error.to_string(), error.fix())
    }
}

impl From<UnknownWord> for OrchestratorError {
    fn from(error: UnknownWord) -> Self {
        Self::invalid(error.to_string(), format!("give one of {}", error.known))
    }
}

impl From<SniparaError> for OrchestratorError {
    fn from(error: SniparaError) -> Self {
        let (message, hint) = (with_causes(&error), error.hint());
        match error {
            SniparaError::Field(_) => Self::invalid(message, hint),
            SniparaError::Store(store) => store.into(),
            error => Self::Neighbour { message, hint, error: Arc::new(error) },
        }
    }
}

impl From<CanonicalError> for OrchestratorError {
    fn from(error: CanonicalError) -> Self {
        Self::Bug { message: with_causes(&error) }
    }
}

impl From<serde_json::Error> for OrchestratorError {
    fn from(error: serde_json::Error) -> Self {
        Self::Bug { message: with_causes(&error) }
    }
}

impl From<IdError> for OrchestratorError {
    fn from(error: IdError) -> Self {
        Self::not_found(error.to_string(), "list the tasks with `snipara-orchestrator task list`")
    }
}

impl From<RequirementsError> for OrchestratorError {
    fn from(error: RequirementsError) -> Self {
        let hint = match &error {
            RequirementsError::Criteria(_) => "correct the field and call again; nothing was written",
            RequirementsError::LiveCheck { .. } => "correct this live check and call again; nothing was written",
            RequirementsError::Policy { .. } => "a person corrects this key in the configuration",
        };
        Self::invalid(error.to_string(), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_refused_and_not_said_to_be_unavailable() {
        for error in [LedgerError::NoEntry { seq: 9 }, LedgerError::NoBody { seq: 9 }, LedgerError::BodyGone { seq: 9 }]
        {
            let message = error.to_string();
            let told = OrchestratorError::from(error);
            assert!(matches!(told, OrchestratorError::Refused { code: "not_found" | "invalid_input", .. }), "{told:?}");
            assert_eq!(told.to_string(), message);
        }
    }

    #[test]
    fn a_hint_fits_what_is_wrong_with_the_store() {
        let path = std::path::PathBuf::from("/state/store.sqlite3");
        let hint = |error: StoreError| OrchestratorError::from(error).hint().to_owned();
        assert!(hint(StoreError::ReadOnly { path: path.clone() }).starts_with("make the state folder writable"));
        let full = hint(StoreError::Full { path: path.clone() });
        assert!(full.starts_with("free some space") && !full.contains("nothing"), "{full}");
        assert!(hint(StoreError::Busy { path: path.clone(), waited_s: 30 }).starts_with("try again"));
        assert!(hint(StoreError::Newer { path, found: 2, known: 1 }).contains("doctor"));
    }
}
