//! Tools of the Snipara service that have no type here, forwarded by name.

use serde_json::{Map, Value};

use super::{InvalidError, Orchestrator, OrchestratorError};
use crate::domain::Redactor;
use crate::snipara::catalog;

/// Arguments whose names look like secrets and that are none: handles that the service itself hands out.
const HANDLES: [&str; 4] = ["sessionId", "session_id", "workflow_session_id", "cursor"];

impl Orchestrator {
    /// Calls a published tool by its name, with or without prefix, and answers its payload; secrets in the arguments
    /// are taken out first.
    ///
    /// # Errors
    /// No such tool (the nearest name is offered), no key, or the service does not answer or refuses.
    pub async fn forward_tool(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
    ) -> Result<Map<String, Value>, OrchestratorError> {
        let Some(client) = &self.deps.snipara.forward else {
            return Err(InvalidError::NoApiKey.into());
        };
        let Some(published) = catalog::find(tool) else {
            let nearest = catalog::nearest_name(tool);
            return Err(InvalidError::UnknownTool { name: tool.to_owned(), nearest }.into());
        };
        let arguments = redacted(&self.deps.redactor, &arguments);
        Ok(client.call(published.name, arguments).await?)
    }
}

/// Numbers stay as they are: `max_tokens` is not a secret.
fn redacted(redactor: &Redactor, fields: &Map<String, Value>) -> Map<String, Value> {
    let clean = |(name, value): (&String, &Value)| (name.clone(), redacted_field(redactor, name, value));
    fields.iter().map(clean).collect()
}

fn redacted_field(redactor: &Redactor, name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(redacted(redactor, fields)),
        Value::Array(items) => items.iter().map(|item| redacted_field(redactor, name, item)).collect(),
        Value::String(_) if !HANDLES.contains(&name) => {
            let named = Value::Object(Map::from_iter([(name.to_owned(), value.clone())]));
            match redactor.json(&named) {
                Value::Object(fields) => fields.into_values().next().unwrap_or_default(),
                _ => Value::Null,
            }
        }
        other => redactor.json(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{REDACTED, SecretText};

    #[test]
    fn secrets_leave_no_argument_and_budgets_and_handles_stay() {
        let redactor = Redactor::new([SecretText::new("planted-1234")]);
        let given =
            json!({"max_tokens": 500, "sessionId": "s-1", "text": "use planted-1234", "custom": [{"password": "p"}]});
        let sent = redacted(&redactor, given.as_object().expect("an object"));
        assert_eq!(
            Value::Object(sent),
            json!({"max_tokens": 500, "sessionId": "s-1", "text": format!("use {REDACTED}"),
                "custom": [{"password": REDACTED}]})
        );
    }
}
