//! What a command opened, to be closed at its end.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::orchestrator::Orchestrator;

/// How long closing may take: somebody may still hold a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// The orchestrators that a command opened. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Opened {
    orchestrators: Arc<Mutex<Vec<Orchestrator>>>,
    production: Arc<OnceLock<String>>,
}

impl Opened {
    /// Notes an orchestrator.
    pub(super) fn keep(&self, orchestrator: Orchestrator) -> Orchestrator {
        if let Some(origin) = orchestrator.production_origin() {
            self.production.get_or_init(|| origin);
        }
        self.orchestrators.lock().unwrap_or_else(PoisonError::into_inner).push(orchestrator.clone());
        orchestrator
    }

    /// Returns the origin of production, as the first one knows it: addresses are shown relative to it.
    pub(super) fn production(&self) -> Option<&str> {
        self.production.get().map(String::as_str)
    }

    /// Closes their stores, so that each file is whole by itself.
    pub(super) async fn close(&self) {
        let opened = std::mem::take(&mut *self.orchestrators.lock().unwrap_or_else(PoisonError::into_inner));
        for orchestrator in opened {
            if tokio::time::timeout(PATIENCE, orchestrator.close()).await.is_err() {
                tracing::warn!("the store could not be closed in time; its log stays beside it");
            }
        }
    }
}
