//! Remembering, recalling, listing and forgetting.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryPage, NewMemory, RecallQuery, Recalled, Remembered,
};

/// What a caller is told when a secret was taken out.
const SECRET_TAKEN_OUT: &str = "a secret was taken out of the content before it was kept";

impl Orchestrator {
    /// Keeps a memory; a secret in it is taken out first.
    ///
    /// # Errors
    /// Bad input, an unknown memory to supersede, or nobody answers.
    pub async fn remember(&self, memory: NewMemory) -> Result<Remembered, OrchestratorError> {
        memory.check()?;
        let content = self.parts.redactor.text(&memory.content);
        let redacted = content != memory.content;
        let mut remembered = self.parts.snipara.memories.remember(NewMemory { content, ..memory }).await?;
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
        let query = RecallQuery { query: self.parts.redactor.text(&query.query), ..query };
        Ok(self.parts.snipara.memories.recall(query).await?)
    }

    /// Lists memories.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn memories(&self, filter: MemoryFilter) -> Result<MemoryPage, OrchestratorError> {
        filter.check()?;
        Ok(self.parts.snipara.memories.list(filter).await?)
    }

    /// Removes memories for good and answers how many.
    ///
    /// # Errors
    /// No filter, or nobody answers.
    pub async fn forget(&self, query: ForgetQuery) -> Result<u64, OrchestratorError> {
        query.check()?;
        Ok(self.parts.snipara.memories.forget(query).await?)
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
        let reason = reason.map(|reason| self.parts.redactor.text(&reason));
        Ok(self.parts.snipara.memories.invalidate(memory_id, reason).await?)
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
        let reason = reason.map(|reason| self.parts.redactor.text(&reason));
        Ok(self.parts.snipara.memories.supersede(old, new, reason).await?)
    }
}
