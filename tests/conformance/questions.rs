//! Tools that ask the client in the middle of their call, as versions before 2026-07-28 let them.

use rmcp::RoleServer;
use rmcp::model::{CreateMessageRequestParams, ElicitRequestParams, JsonObject, Tool};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::json::{Answer, failed, parsed, plain_tool, text, tool};

/// The tools of this kind.
pub(crate) fn tools() -> Vec<Tool> {
    let one =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    vec![
        tool("test_sampling", "Asks the client's model", one("prompt")),
        tool("test_elicitation", "Asks the user", one("message")),
        plain_tool("test_elicitation_sep1034_defaults", "Asks the user with default values"),
        plain_tool("test_elicitation_sep1330_enums", "Asks the user to choose"),
    ]
}

/// Answers a call of a tool of this kind.
pub(crate) async fn call(name: &str, arguments: &JsonObject, context: &RequestContext<RoleServer>) -> Option<Answer> {
    let word = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(match name {
        "test_sampling" => sample(&word("prompt"), context).await,
        "test_elicitation" => elicit("User response", &word("message"), person(), context).await,
        "test_elicitation_sep1034_defaults" => {
            elicit("Elicitation completed", "Please review the defaults", defaults(), context).await
        }
        "test_elicitation_sep1330_enums" => elicit("Elicitation completed", "Please choose", choices(), context).await,
        _ => return None,
    })
}

async fn sample(prompt: &str, context: &RequestContext<RoleServer>) -> Answer {
    let asked: CreateMessageRequestParams = parsed(json!({
        "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
        "maxTokens": 100
    }))?;
    match context.peer.create_message(asked).await {
        Ok(answer) => text(format!("LLM response: {}", json!(answer.message.content))),
        Err(error) => failed(format!("the client's model was not asked: {error}")),
    }
}

async fn elicit(said: &str, message: &str, schema: Value, context: &RequestContext<RoleServer>) -> Answer {
    let asked: ElicitRequestParams = parsed(json!({ "message": message, "requestedSchema": schema }))?;
    match context.peer.create_elicitation(asked).await {
        Ok(answer) => text(format!("{said}: action={}, content={}", json!(answer.action), json!(answer.content))),
        Err(error) => failed(format!("the user was not asked: {error}")),
    }
}

fn person() -> Value {
    json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" }
        },
        "required": ["username", "email"]
    })
}

fn defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true }
        },
        "required": []
    })
}

fn choices() -> Value {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" }
    ]);
    let untitled = json!(["option1", "option2", "option3"]);
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": untitled },
            "titledSingle": { "type": "string", "oneOf": titled },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"]
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": untitled } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled } }
        },
        "required": []
    })
}
