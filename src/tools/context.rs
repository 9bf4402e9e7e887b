//! What a call is carried out with: whose it is, and how the door that it came through tells and asks.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::domain::{ProgressSink, Scope};
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError};

use super::question::{Asked, Question};

/// Begins to tell a call's progress; what is told goes where the door shows it.
pub type StartProgress = Arc<dyn Fn() -> ProgressSink + Send + Sync>;

/// Asks a person; every door has its own way, or none.
pub trait AskPerson: Send + Sync {
    /// Asks, and waits for the answer where the door can wait.
    ///
    /// # Errors
    /// When nobody can be asked, or the person declines or does not answer.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Asked, OrchestratorError>>;
}

/// What a tool's body is given beside its request.
#[derive(Clone)]
pub struct CallContext {
    /// The orchestrator as the caller sees it.
    pub orchestrator: Orchestrator,
    /// Begins to tell progress.
    pub progress: StartProgress,
    /// Ends when the caller does not wait any more.
    pub cancel: CancellationToken,
    /// Ends when the server stops.
    pub stopping: CancellationToken,
    /// Asks a person.
    pub person: Arc<dyn AskPerson>,
    /// Whether the caller takes the handle of a run instead of its end.
    pub wants_handle: bool,
}

/// Makes the refusal of a caller whose token does not allow something.
pub fn insufficient_scope(scope: Scope) -> OrchestratorError {
    InvalidError::InsufficientScope(scope).into()
}
