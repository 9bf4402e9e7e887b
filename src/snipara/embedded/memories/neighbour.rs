//! The trait over the store.

use std::sync::Arc;

use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, NewMemory, RecallQuery, Recalled, Remembered,
};
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::{Answer, Memories};

/// The trait [`Memories`] over the store.
#[derive(Debug)]
pub struct EmbeddedMemories {
    settings: Arc<EmbeddedSettings>,
}

impl EmbeddedMemories {
    /// Makes it; nothing is read or written.
    pub fn new(settings: Arc<EmbeddedSettings>) -> Self {
        Self { settings }
    }
}

impl Memories for EmbeddedMemories {
    fn remember(&self, _memory: NewMemory) -> Answer<'_, Remembered> {
        todo!()
    }

    fn recall(&self, _query: RecallQuery) -> Answer<'_, Recalled> {
        todo!()
    }

    fn list(&self, _filter: MemoryFilter) -> Answer<'_, MemoryPage> {
        todo!()
    }

    fn forget(&self, _query: ForgetQuery) -> Answer<'_, u64> {
        todo!()
    }

    fn invalidate(&self, _memory_id: MemoryId, _reason: Option<String>) -> Answer<'_, Memory> {
        todo!()
    }

    fn supersede(&self, _old: MemoryId, _new: MemoryId, _reason: Option<String>) -> Answer<'_, Memory> {
        todo!()
    }
}
