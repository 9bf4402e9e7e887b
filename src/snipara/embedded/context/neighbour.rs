//! The trait over the store.

use std::sync::Arc;

use crate::domain::{ContextAnswer, ContextQuery};
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::{Answer, Context};

/// The trait [`Context`] over the store.
#[derive(Debug)]
pub struct EmbeddedContext {
    settings: Arc<EmbeddedSettings>,
}

impl EmbeddedContext {
    /// Makes it; nothing is read or written.
    pub fn new(settings: Arc<EmbeddedSettings>) -> Self {
        Self { settings }
    }
}

impl Context for EmbeddedContext {
    fn query_context(&self, _query: ContextQuery) -> Answer<'_, ContextAnswer> {
        todo!()
    }
}
