//! Remembering, recalling, listing and forgetting.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, NewMemory, RecallQuery, Recalled, Remembered, Request,
};

/// What a caller is told when a secret was taken out.
const SECRET_TAKEN_OUT: &str = "a secret was taken out of the content before it was kept";

/// How many memories are read at once.
const PAGE: i64 = 500;
const DAY_MS: i64 = 86_400_000;

impl Orchestrator {
    /// Keeps a memory; a secret in it is taken out first.
    ///
    /// # Errors
    /// Bad input, an unknown memory to supersede, or nobody answers.
    pub async fn remember(&self, memory: NewMemory) -> Result<Remembered, OrchestratorError> {
        memory.check()?;
        let content = self.deps.redactor.text(&memory.content);
        let redacted = content != memory.content;
        let redactor = &self.deps.redactor;
        let (category, source) = (redactor.optional(memory.category), redactor.optional(memory.source));
        let memory = NewMemory { content, category, source, ..memory };
        let mut remembered = self.deps.snipara.memories.remember(memory).await?;
        if redacted {
            remembered.warnings.push(SECRET_TAKEN_OUT.to_owned());
        }
        Ok(remembered)
    }

    /// Finds memories by relevance.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn recall(&self, query: RecallQuery) -> Result<Recalled, OrchestratorError> {
        query.check()?;
        let query = RecallQuery { query: self.deps.redactor.text(&query.query), ..query };
        Ok(self.deps.snipara.memories.recall(query).await?)
    }

    /// Lists memories.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn memories(&self, filter: MemoryFilter) -> Result<MemoryPage, OrchestratorError> {
        filter.check()?;
        Ok(self.deps.snipara.memories.list(filter).await?)
    }

    /// Returns the memories that a query would remove now, newest first; those whose time is over are left out.
    ///
    /// # Errors
    /// No filter, or nobody answers.
    pub async fn forgettable(&self, query: &ForgetQuery) -> Result<Vec<Memory>, OrchestratorError> {
        query.check()?;
        let older_than = query.older_than_days.map(|days| self.deps.clock.now().plus_ms(days.saturating_mul(-DAY_MS)));
        let mut found = Vec::new();
        let mut offset = 0;
        loop {
            let page = self
                .memories(MemoryFilter {
                    memory_type: query.memory_type,
                    category: query.category.clone(),
                    limit: PAGE,
                    offset,
                    include_inactive: true,
                    ..MemoryFilter::default()
                })
                .await?;
            offset += i64::try_from(page.memories.len()).unwrap_or(PAGE);
            let more = page.has_more && !page.memories.is_empty();
            found.extend(page.memories.into_iter().filter(|memory| {
                query.memory_id.as_ref().is_none_or(|id| *id == memory.memory_id)
                    && older_than.is_none_or(|before| memory.created_at < before)
            }));
            if !more {
                return Ok(found);
            }
        }
    }

    /// Removes memories for good and answers how many.
    ///
    /// # Errors
    /// No filter, or nobody answers.
    pub async fn forget(&self, query: ForgetQuery) -> Result<u64, OrchestratorError> {
        query.check()?;
        let reason = self.deps.redactor.optional(query.reason);
        Ok(self.deps.snipara.memories.forget(ForgetQuery { reason, ..query }).await?)
    }

    /// Marks a memory as not valid any more; it is kept.
    ///
    /// # Errors
    /// No such memory, or nobody answers.
    pub async fn invalidate_memory(
        &self,
        memory_id: MemoryId,
        reason: Option<String>,
    ) -> Result<Memory, OrchestratorError> {
        let reason = self.deps.redactor.optional(reason);
        Ok(self.deps.snipara.memories.invalidate(memory_id, reason).await?)
    }

    /// Marks a memory as replaced by another; both are kept. Answers the old one.
    ///
    /// # Errors
    /// No such memory, or nobody answers.
    pub async fn supersede_memory(
        &self,
        old: MemoryId,
        new: MemoryId,
        reason: Option<String>,
    ) -> Result<Memory, OrchestratorError> {
        let reason = self.deps.redactor.optional(reason);
        Ok(self.deps.snipara.memories.supersede(old, new, reason).await?)
    }
}
