//! What a command opened, to be closed at its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::orchestrator::Orchestrator;

/// How long closing may take: somebody may still hold a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// The orchestrators that a command opened. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Opened(Arc<Mutex<Vec<Orchestrator>>>);

impl Opened {
    /// Notes an orchestrator.
    pub(super) fn keep(&self, orchestrator: Orchestrator) -> Orchestrator {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(orchestrator.clone());
        orchestrator
    }

    /// Closes their stores, so that each file is whole by itself.
    pub(super) async fn close(&self) {
        let opened = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for orchestrator in opened {
            if tokio::time::timeout(PATIENCE, orchestrator.close()).await.is_err() {
                tracing::warn!("the store could not be closed in time; its log stays beside it");
            }
        }
    }
}
