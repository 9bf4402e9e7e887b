//! The four traits together, with either implementation.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::hosted::HostedClient;
use super::{ContextSearch, HTasks, Memories, SniparaError, Swarms};

/// The return type of the traits' methods.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, SniparaError>>;

/// The kind of backend that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SniparaKind {
    /// The store on this machine.
    Embedded,
    /// The Snipara service.
    Hosted,
}

impl fmt::Display for SniparaKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Embedded => "embedded",
            Self::Hosted => "hosted",
        })
    }
}

/// Context, memories, htasks and swarms of one project. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snipara {
    /// The kind of backend that answers.
    pub kind: SniparaKind,
    /// Answers questions from documents.
    pub context: Arc<dyn ContextSearch>,
    /// Keeps memories.
    pub memories: Arc<dyn Memories>,
    /// Keeps hierarchical tasks.
    pub htasks: Arc<dyn HTasks>,
    /// Keeps swarms.
    pub swarms: Arc<dyn Swarms>,
    /// Forwards tools that have no type here; only with a key.
    pub forward: Option<HostedClient>,
}
