//! Questions to the project's documents.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{ContextAnswer, ContextQuery};

impl Orchestrator {
    /// Returns the best sections of the project's documents; `max_tokens` is a hard cap.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn query_context(&self, query: ContextQuery) -> Result<ContextAnswer, OrchestratorError> {
        query.check()?;
        let query = ContextQuery { query: self.parts.redactor.text(&query.query), ..query };
        let mut answer = self.parts.snipara.context.query_context(query).await?;
        for section in &mut answer.sections {
            section.content = self.parts.redactor.text(&section.content);
        }
        Ok(answer)
    }
}
