//! The parts of the embedded backend, and putting it together.

use std::path::PathBuf;
use std::sync::Arc;

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
    /// Why that is nobody's project: nothing is indexed then, and what is remembered says where it lies.
    pub no_project: Option<String>,
    /// Tells the time.
    pub clock: SharedClock,
    /// The rules for htasks.
    pub htask_policy: HTaskPolicy,
}

/// The embedded backend: each folder implements one of the four traits for it.
#[derive(Debug)]
pub(super) struct Embedded {
    pub(super) settings: EmbeddedSettings,
}

/// Puts the embedded backend together. Nothing is read or written.
pub fn embedded(settings: EmbeddedSettings) -> Snipara {
    let backend = Arc::new(Embedded { settings });
    Snipara {
        kind: SniparaKind::Embedded,
        context: backend.clone(),
        memories: backend.clone(),
        htasks: backend.clone(),
        swarms: backend,
        forward: None,
    }
}
