//! Tools of the Snipara service that have no type here.

use serde_json::{Map, Value};

use super::{Orchestrator, OrchestratorError};

impl Orchestrator {
    /// Forwards a tool by its name; only with a key.
    ///
    /// # Errors
    /// No key, or nobody answers.
    pub async fn forward_tool(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
    ) -> Result<Map<String, Value>, OrchestratorError> {
        let Some(client) = &self.parts.snipara.forward else {
            return Err(OrchestratorError::Refused {
                code: "no_key",
                message: format!("{} needs a Snipara key", crate::domain::one_line(tool, 60)),
                hint: "a person sets SNIPARA_API_KEY and starts the server again".to_owned(),
            });
        };
        Ok(client.call(tool, arguments).await?)
    }
}
