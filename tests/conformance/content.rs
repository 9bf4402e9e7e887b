//! Tools that answer at once: every kind of content, a failure, a schema that must arrive whole.

use rmcp::model::{JsonObject, Tool};
use serde_json::{Value, json};

use crate::json::{Answer, PNG, WAV, content, failed, plain_tool, text, tool};

/// The tools of this kind.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        plain_tool("test_simple_text", "Answers with a text"),
        plain_tool("test_image_content", "Answers with a picture"),
        plain_tool("test_audio_content", "Answers with a sound"),
        plain_tool("test_embedded_resource", "Answers with a resource"),
        plain_tool("test_multiple_content_types", "Answers with a text, a picture and a resource"),
        plain_tool("test_error_handling", "Fails"),
        tool("json_schema_2020_12_tool", "Has a schema with the words of JSON Schema 2020-12", schema()),
        tool(
            "test_header_parameter",
            "Has an argument that clients repeat in a header",
            json!({
                "type": "object",
                "properties": { "region": { "type": "string", "x-mcp-header": "Region" } },
                "required": ["region"]
            }),
        ),
    ]
}

/// Answers a call of a tool of this kind.
pub(crate) fn call(name: &str, arguments: &JsonObject) -> Option<Answer> {
    Some(match name {
        "test_simple_text" => text("This is a simple text response for testing."),
        "test_image_content" => content(json!([picture()])),
        "test_audio_content" => content(json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }])),
        "test_embedded_resource" => content(json!([resource(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content."
        )])),
        "test_multiple_content_types" => content(json!([
            { "type": "text", "text": "Multiple content types test:" },
            picture(),
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#)
        ])),
        "test_error_handling" => failed("This tool intentionally returns an error for testing"),
        "json_schema_2020_12_tool" | "test_header_parameter" => text(Value::Object(arguments.clone()).to_string()),
        _ => return None,
    })
}

fn picture() -> Value {
    json!({ "type": "image", "data": PNG, "mimeType": "image/png" })
}

fn resource(uri: &str, mime_type: &str, text: &str) -> Value {
    json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime_type, "text": text } })
}

fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    })
}
