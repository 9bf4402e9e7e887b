//! Questions to the project's documents.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{ContextAnswer, ContextQuery, Request, Section};

/// The most sections that a query adds to an htask's references.
const MAX_REFERENCES: usize = 5;

impl Orchestrator {
    /// Returns where the best sections stand, `file:first-last`, for an htask's `context_refs`.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn context_references(&self, query: String) -> Result<Vec<String>, OrchestratorError> {
        let query = ContextQuery { query, max_tokens: ContextQuery::DEFAULT_MAX_TOKENS };
        let answer = self.query_context(query).await?;
        let place = |section: &Section| format!("{}:{}-{}", section.file, section.lines[0], section.lines[1]);
        Ok(answer.sections.iter().take(MAX_REFERENCES).map(place).collect())
    }

    /// Returns the best sections of the project's documents; `max_tokens` is a hard cap.
    ///
    /// # Errors
    /// Bad input, or nobody answers.
    pub async fn query_context(&self, query: ContextQuery) -> Result<ContextAnswer, OrchestratorError> {
        query.check()?;
        let max_tokens = query.max_tokens;
        let query = ContextQuery { query: self.deps.redactor.text(&query.query), ..query };
        let mut answer = self.deps.snipara.context.query_context(query).await?;
        for section in &mut answer.sections {
            section.title = self.deps.redactor.text(&section.title);
            section.content = self.deps.redactor.text(&section.content);
        }
        // What stands for a secret may be longer than the secret, and a host may count in its own way.
        answer.fit(max_tokens);
        Ok(answer)
    }
}
