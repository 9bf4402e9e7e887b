//! Memories of the service.

use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, NewMemory, RecallQuery, Recalled, Remembered,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::{Answer, Memories};

impl Memories for HostedClient {
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
