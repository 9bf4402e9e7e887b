//! The error of every verb, and what becomes one.

use std::borrow::Cow;
use std::sync::Arc;

use super::{InternalError, InvalidError, UnavailableError};
use crate::domain::{CanonicalError, FieldError, IdError, InvalidRequest, TransitionError, UnknownWord, error_chain};
use crate::executor::deploy::DeployError;
use crate::gatekeeper::RequirementsError;
use crate::ledger::LedgerError;
use crate::snipara::SniparaError;
use crate::store::StoreError;

/// Why a verb did not do what was asked.
///
/// A program matches on the variants; what a person reads is the message (`Display`) and the [hint](Self::hint).
///
/// ```
/// use snipara_orchestrator::OrchestratorError;
/// use snipara_orchestrator::orchestrator::{InvalidError, UnavailableError};
///
/// fn next(error: &OrchestratorError) -> String {
///     match error {
///         OrchestratorError::Invalid(InvalidError::UnknownTask { task_id }) => format!("no task {task_id}: make one"),
///         OrchestratorError::Invalid(error) => match error.field() {
///             Some(field) => format!("correct {field}"),
///             None => format!("stop: {error}"),
///         },
///         OrchestratorError::Unavailable(UnavailableError::TimedOut { seconds }) => format!("wait over {seconds} s"),
///         OrchestratorError::Unavailable(_) => "try again later".to_owned(),
///         OrchestratorError::Backend(error) if error.may_have_happened() => "look whether it happened".to_owned(),
///         other => other.hint().into_owned(),
///     }
/// }
///
/// assert_eq!(next(&InvalidError::NoTitle.into()), "correct title");
/// assert_eq!(next(&UnavailableError::TimedOut { seconds: 60 }.into()), "wait over 60 s");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OrchestratorError {
    /// The request is wrong or not allowed; nothing was written. Exit code 2.
    #[error(transparent)]
    Invalid(#[from] InvalidError),
    /// Something needed is not available. Exit code 3, or 5 for a ledger or a backup that does not verify.
    #[error(transparent)]
    Unavailable(#[from] UnavailableError),
    /// Snipara's service, or the store in its place, did not do it. Exit code 2 when it refused, 3 when it could not.
    #[error("{}", error_chain(.0))]
    Backend(#[source] Arc<SniparaError>),
    /// An invariant of this program does not hold. Exit code 70.
    #[error("internal error: {0}")]
    Internal(#[from] InternalError),
}

impl OrchestratorError {
    /// Makes a refusal of bad input for which there is no variant.
    pub fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        InvalidError::Input { message: message.into(), hint: hint.into() }.into()
    }

    /// Makes a refusal about something that does not exist, for which there is no variant.
    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        InvalidError::NotFound { message: message.into(), hint: hint.into() }.into()
    }

    /// Makes the error of an invariant that does not hold; the message must hold nothing from outside.
    pub fn internal(message: impl Into<String>) -> Self {
        InternalError::Broken(message.into()).into()
    }

    /// Tells whether the request is wrong or not allowed, as against something that is not available or our bug.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Invalid(_) => true,
            Self::Backend(error) => error.is_refusal(),
            Self::Unavailable(_) | Self::Internal(_) => false,
        }
    }

    /// Tells whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Invalid(error) => error.is_not_found(),
            Self::Backend(error) => matches!(**error, SniparaError::NotFound { .. }),
            Self::Unavailable(_) | Self::Internal(_) => false,
        }
    }

    /// Returns the stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(error) => error.code(),
            Self::Unavailable(error) => error.code(),
            Self::Backend(error) => error.code(),
            Self::Internal(_) => "internal_error",
        }
    }

    /// Returns what to do.
    pub fn hint(&self) -> Cow<'_, str> {
        match self {
            Self::Invalid(error) => error.hint(),
            Self::Unavailable(error) => error.hint(),
            Self::Backend(error) => error.hint().into(),
            Self::Internal(_) => "report this, with the log on standard error".into(),
        }
    }

    /// Returns the exit code of a command that ends with this error: 2, 3, 5 or 70.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Internal(_) => 70,
            Self::Unavailable(error) if error.does_not_verify() => 5,
            error if error.is_refusal() => 2,
            _ => 3,
        }
    }
}

impl From<StoreError> for OrchestratorError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoTask(task_id) => InvalidError::UnknownTask { task_id }.into(),
            StoreError::StaleFence => UnavailableError::TakenOver(Arc::new(error)).into(),
            error => UnavailableError::Store(Arc::new(error)).into(),
        }
    }
}

impl From<LedgerError> for OrchestratorError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(store) => store.into(),
            LedgerError::Held(run) => InvalidError::TaskIsRunning(run).into(),
            LedgerError::NotRunnable(status) => InvalidError::NotRunnable { status }.into(),
            LedgerError::NoEntry(seq) => InvalidError::UnknownEntry { seq }.into(),
            LedgerError::NoAttempt { task_id, attempt } => InvalidError::UnknownAttempt { task_id, attempt }.into(),
            LedgerError::NoBody(seq) => InvalidError::NoBody { seq }.into(),
            LedgerError::BodyGone(seq) => InvalidError::BodyGone { seq }.into(),
            LedgerError::Canonical(error) => error.into(),
            LedgerError::ShortText { .. } | LedgerError::NowhereFound | LedgerError::NotRemovable { .. } => {
                Self::invalid(error.to_string(), "give the text as it was written; nothing was changed")
            }
            other => UnavailableError::Ledger(Arc::new(other)).into(),
        }
    }
}

impl From<SniparaError> for OrchestratorError {
    fn from(error: SniparaError) -> Self {
        match error {
            SniparaError::Field(error) => error.into(),
            SniparaError::Store(store) => store.into(),
            error => Self::Backend(Arc::new(error)),
        }
    }
}

/// Declares what becomes an error by becoming one of a kind first.
macro_rules! through {
    ($($kind:ident: $($source:ty),+;)+) => {$($(
        impl From<$source> for OrchestratorError {
            fn from(error: $source) -> Self {
                $kind::from(error).into()
            }
        }
    )+)+};
}

through! {
    InvalidError: FieldError, InvalidRequest, RequirementsError, UnknownWord, DeployError, IdError;
    InternalError: TransitionError, CanonicalError, serde_json::Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_refused_and_not_said_to_be_unavailable() {
        for error in [LedgerError::NoEntry(9), LedgerError::NoBody(9), LedgerError::BodyGone(9)] {
            let message = error.to_string();
            let told = OrchestratorError::from(error);
            assert!(
                matches!(
                    told,
                    OrchestratorError::Invalid(
                        InvalidError::UnknownEntry { seq: 9 }
                            | InvalidError::NoBody { seq: 9 }
                            | InvalidError::BodyGone { seq: 9 }
                    )
                ),
                "{told:?}"
            );
            assert_eq!(told.to_string(), message);
        }
    }

    #[test]
    fn a_kind_says_how_a_command_ends() {
        let backend = |error| OrchestratorError::Backend(Arc::new(error));
        let refused = SniparaError::NotFound { what: "swarm", id: "s".into(), nearest: None };
        let silent = SniparaError::Malformed { tool: "t".into(), why: "w".into() };
        for (error, exit_code) in [
            (InvalidError::NoTitle.into(), 2),
            (UnavailableError::Stopping.into(), 3),
            (backend(refused), 2),
            (backend(silent), 3),
            (InternalError::NoAnswer.into(), 70),
        ] {
            let error: OrchestratorError = error;
            assert_eq!(error.exit_code(), exit_code, "{error:?}");
        }
    }

    #[test]
    fn the_cause_stays_beside_the_message() {
        let path = std::path::PathBuf::from("/state/store.sqlite3");
        let error = OrchestratorError::from(LedgerError::Store(StoreError::Full(path)));
        let OrchestratorError::Unavailable(UnavailableError::Store(cause)) = &error else { panic!("{error:?}") };
        assert!(matches!(**cause, StoreError::Full { .. }));
        assert_eq!(error_chain(&error), cause.to_string());
    }
}
