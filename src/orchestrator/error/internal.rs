//! An invariant of this program does not hold.

use std::sync::Arc;

use crate::domain::{CanonicalError, TransitionError, error_chain};

/// An invariant of this program does not hold.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InternalError {
    /// A run ended and told nobody how.
    #[error("a run ended without an answer")]
    NoAnswer,
    /// The gate's pass for one attempt was handed to another.
    #[error("a gate pass of another task was handed in")]
    ForeignPass,
    /// The lifecycle has no such arrow.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The task that did the work died.
    #[error("{0}")]
    Crashed(#[source] Arc<tokio::task::JoinError>),
    /// The code that did the work panicked.
    #[error("the call panicked: {0}")]
    Panicked(String),
    /// Something has no canonical form.
    #[error("{}", error_chain(.0))]
    Canonical(#[source] Arc<CanonicalError>),
    /// Something has no JSON form.
    #[error("{}", error_chain(.0))]
    Json(#[source] Arc<serde_json::Error>),
    /// Anything else that never happens.
    #[error("{0}")]
    Broken(String),
}

impl From<CanonicalError> for InternalError {
    fn from(error: CanonicalError) -> Self {
        Self::Canonical(Arc::new(error))
    }
}

impl From<serde_json::Error> for InternalError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(Arc::new(error))
    }
}

impl From<tokio::task::JoinError> for InternalError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Crashed(Arc::new(error))
    }
}
