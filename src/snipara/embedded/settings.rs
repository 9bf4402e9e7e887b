//! The parts of the embedded backend, and putting it together.

use std::path::PathBuf;
use std::sync::Arc;

use super::context::EmbeddedContext;
use super::htasks::EmbeddedHTasks;
use super::memories::EmbeddedMemories;
use super::swarms::EmbeddedSwarms;
use crate::domain::{HTaskPolicy, SharedClock};
use crate::snipara::{Snipara, SniparaKind};
use crate::store::Store;

/// The parts of the embedded backend. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EmbeddedSettings {
    /// The project's store.
    pub store: Store,
    /// The repository whose documents are indexed.
    pub repository: PathBuf,
    /// Tells the time.
    pub clock: SharedClock,
    /// The rules for htasks.
    pub htask_policy: HTaskPolicy,
}

/// Puts the embedded backend together. Nothing is read or written.
pub fn embedded(settings: EmbeddedSettings) -> Snipara {
    let settings = Arc::new(settings);
    Snipara {
        kind: SniparaKind::Embedded,
        context: Arc::new(EmbeddedContext::new(settings.clone())),
        memories: Arc::new(EmbeddedMemories::new(settings.clone())),
        htasks: Arc::new(EmbeddedHTasks::new(settings.clone())),
        swarms: Arc::new(EmbeddedSwarms::new(settings)),
        forward: None,
    }
}
