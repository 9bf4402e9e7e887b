//! Fixtures are written as the suite writes them: as JSON.

use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, CallToolResult, JsonObject, Tool};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The answer to a call.
pub(crate) type Answer = Result<CallToolResponse, ErrorData>;

/// A picture of one red pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/// A sound without samples.
pub(crate) const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

/// Reads what is written here into rmcp's type.
pub(crate) fn parsed<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(format!("a fixture: {error}"), None))
}

/// Reads a complete result; rmcp takes the word for it away from clients that do not know it.
pub(crate) fn result<T: DeserializeOwned>(mut value: Value) -> Result<T, ErrorData> {
    if let Value::Object(fields) = &mut value {
        fields.insert("resultType".to_owned(), json!("complete"));
    }
    parsed(value)
}

/// Answers with these blocks of content.
pub(crate) fn content(blocks: Value) -> Answer {
    Ok(result::<CallToolResult>(json!({ "content": blocks }))?.into())
}

/// Answers with a text.
pub(crate) fn text(text: impl Into<String>) -> Answer {
    content(json!([{ "type": "text", "text": text.into() }]))
}

/// Answers that the tool failed.
pub(crate) fn failed(text: impl Into<String>) -> Answer {
    let blocks = json!([{ "type": "text", "text": text.into() }]);
    Ok(result::<CallToolResult>(json!({ "content": blocks, "isError": true }))?.into())
}

/// A tool without arguments.
pub(crate) fn plain_tool(name: &'static str, description: &'static str) -> Tool {
    tool(name, description, json!({ "type": "object", "properties": {} }))
}

/// A tool with the arguments of a schema.
pub(crate) fn tool(name: &'static str, description: &'static str, schema: Value) -> Tool {
    let schema = if let Value::Object(schema) = schema { schema } else { JsonObject::new() };
    Tool::new(name, description, schema)
}
