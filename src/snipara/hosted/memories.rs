//! Memories of the service.

use crate::domain::{
    ForgetQuery, InvalidateRequest, Memory, MemoryFilter, MemoryId, MemoryPage, MemoryStatus, NewMemory, RecallQuery,
    Recalled, Remembered, SupersedeRequest, error_chain,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{object, read};
use crate::snipara::{Answer, Memories};

impl Memories for HostedClient {
    fn remember(&self, memory: NewMemory) -> Answer<'_, Remembered> {
        Box::pin(async move {
            let arguments = object(&memory);
            let mut remembered = self.ask("remember", arguments, |payload| read::remembered(payload, &memory)).await?;
            // The contract has no argument for it (snipara-wire.md §4.2): a second call, whose failure must not
            // hide that the memory is kept.
            if let Some(old) = memory.supersedes {
                let new = remembered.memory.memory_id.clone();
                match self.supersede(old.clone(), new, None).await {
                    Ok(_) => remembered.superseded.push(old),
                    Err(error) => {
                        remembered.warnings.push(format!("{old} was not superseded: {}", error_chain(&error)));
                    }
                }
            }
            Ok(remembered)
        })
    }

    fn recall(&self, query: RecallQuery) -> Answer<'_, Recalled> {
        Box::pin(async move {
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let mut recalled = self.ask("recall", object(&query), read::recalled).await?;
            recalled.memories.truncate(limit);
            Ok(recalled)
        })
    }

    fn list(&self, filter: MemoryFilter) -> Answer<'_, MemoryPage> {
        self.asked("memories", filter, |payload, _| read::memory_page(payload))
    }

    fn forget(&self, query: ForgetQuery) -> Answer<'_, u64> {
        self.asked("forget", query, |payload, _| read::forgotten(payload))
    }

    fn invalidate(&self, memory_id: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        self.asked("memory_invalidate", InvalidateRequest { memory_id, reason }, |payload, request| {
            read::memory_changed(payload, MemoryStatus::Invalidated, request.reason.clone())
        })
    }

    fn supersede(&self, old: MemoryId, new: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        let request = SupersedeRequest { old_memory_id: old, new_memory_id: new, reason };
        self.asked("memory_supersede", request, |payload, request| {
            read::memory_changed(payload, MemoryStatus::Superseded, request.reason.clone())
        })
    }
}
