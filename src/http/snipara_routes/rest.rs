//! `{tool, params}` and its answer, as Snipara's stdio server and runtime tools speak it.

use serde_json::{Value, json};

use crate::domain::Principal;
use crate::domain::one_line;
use crate::http::auth::Refusal;
use crate::mcp::Server;
use crate::snipara::payload::Payload;

use super::call::{CallOutcome, call};
use super::failure::failure_payload;

/// Answers a call; an unknown tool is told in-band, 404 means another address to these clients (snipara-wire.md §1.6).
///
/// # Errors
/// When the caller may not do this.
pub(super) async fn answer(server: &Server, principal: &Principal, body: &Value) -> Result<Value, Refusal> {
    let Some(tool) = body.get("tool").and_then(Value::as_str) else {
        return Ok(invalid("tool must name a tool", "send {\"tool\", \"params\"}"));
    };
    let params = match body.get("params") {
        None | Some(Value::Null) => Payload::new(),
        Some(Value::Object(params)) => params.clone(),
        Some(_) => return Ok(invalid("params must be an object", "send an object, or nothing")),
    };
    Ok(match call(server, principal, tool, params).await {
        CallOutcome::Done(payload) => json!({ "success": true, "result": payload }),
        CallOutcome::Failed(payload) => Value::Object(payload),
        CallOutcome::Unknown(message) => {
            Value::Object(failure_payload("unknown_tool", &message, "the tool `help` lists those offered"))
        }
        CallOutcome::Refused(refusal) => return Err(refusal),
    })
}

/// Returns what is told about a body that is not JSON.
pub(super) fn unreadable(why: &str) -> Value {
    let message = format!("the body is not JSON that can be read: {}", one_line(why, 200));
    invalid(&message, "send {\"tool\", \"params\"} as JSON")
}

fn invalid(message: &str, hint: &str) -> Value {
    Value::Object(failure_payload("invalid_input", message, hint))
}
