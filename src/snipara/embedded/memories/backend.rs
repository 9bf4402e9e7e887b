//! The trait over the store.

use super::decay::decayed;
use super::known::{known, refuse_circle, replaced};
use super::recall::recall;
use super::remember::remember;
use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, MemoryStatus, NewMemory, RecallQuery, Recalled, Remembered,
};
use crate::snipara::embedded::Embedded;
use crate::snipara::{Answer, Memories};

impl Memories for Embedded {
    fn remember(&self, memory: NewMemory) -> Answer<'_, Remembered> {
        Box::pin(async move {
            let mut remembered = remember(&self.settings.store, memory, self.settings.clock.now()).await?;
            remembered.warnings.extend(self.settings.no_project.clone());
            Ok(remembered)
        })
    }

    fn recall(&self, query: RecallQuery) -> Answer<'_, Recalled> {
        Box::pin(async move { recall(&self.settings.store, &query, self.settings.clock.now()).await })
    }

    fn list(&self, filter: MemoryFilter) -> Answer<'_, MemoryPage> {
        Box::pin(async move {
            let now = self.settings.clock.now();
            let mut reading = self.settings.store.begin_read().await?;
            let (memories, total_count) = reading.memory_page(&filter, now).await?;
            reading.commit().await?;
            let behind = u64::try_from(filter.offset).unwrap_or_default().saturating_add(memories.len() as u64);
            Ok(MemoryPage {
                memories: memories.into_iter().map(|memory| decayed(memory, now)).collect(),
                total_count,
                has_more: behind < total_count,
            })
        })
    }

    fn forget(&self, query: ForgetQuery) -> Answer<'_, u64> {
        Box::pin(async move {
            let store = &self.settings.store;
            let mut writing = store.begin_write().await?;
            let forgotten = writing.delete_memories(&query, self.settings.clock.now()).await?;
            writing.commit().await?;
            // The text is still in the log. A reader may prevent emptying it now. Then a later call empties it.
            if forgotten > 0
                && let Err(error) = store.empty_log().await
            {
                tracing::debug!(%error, "the log could not be emptied after memories were forgotten");
            }
            Ok(forgotten)
        })
    }

    fn invalidate(&self, memory_id: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        Box::pin(async move {
            let mut writing = self.settings.store.begin_write().await?;
            let old = known(&mut writing, &memory_id).await?;
            let status_reason = reason.or_else(|| {
                let said = old.status_reason.clone();
                said.filter(|_| old.status == MemoryStatus::Invalidated)
            });
            let old = Memory { status: MemoryStatus::Invalidated, status_reason, superseded_by: None, ..old };
            writing.set_memory_status(&old).await?;
            writing.commit().await?;
            Ok(decayed(old, self.settings.clock.now()))
        })
    }

    fn supersede(&self, old: MemoryId, new: MemoryId, reason: Option<String>) -> Answer<'_, Memory> {
        Box::pin(async move {
            let mut writing = self.settings.store.begin_write().await?;
            let stored = known(&mut writing, &old).await?;
            let by = known(&mut writing, &new).await?;
            refuse_circle(&mut writing, &old, &by).await?;
            let stored = replaced(stored, &by.memory_id, reason);
            writing.set_memory_status(&stored).await?;
            writing.commit().await?;
            Ok(decayed(stored, self.settings.clock.now()))
        })
    }
}
