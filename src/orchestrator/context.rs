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
        let max_tokens = query.max_tokens;
        let query = ContextQuery { query: self.parts.redactor.text(&query.query), ..query };
        let mut answer = self.parts.snipara.context.query_context(query).await?;
        for section in &mut answer.sections {
            section.title = self.parts.redactor.text(&section.title);
            section.content = self.parts.redactor.text(&section.content);
        }
        // What stands for a secret may be longer than the secret, and a host may count in its own way.
        answer.fit(max_tokens);
        Ok(answer)
    }
}
