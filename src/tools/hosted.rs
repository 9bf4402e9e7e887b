//! Toolset `hosted`: tools of the Snipara service that have none of their own here.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::needs_person::needs_a_person;
use crate::domain::{FieldError, one_line};
use crate::snipara::payload::Payload;

use super::payload_reply::{Answered, shorten, told};

/// The longest answer that is passed on as it is, in bytes of JSON.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How much of an answer the text shows, in characters.
const TOLD_ANSWER: usize = 600;

/// Says what `snipara_call` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "snipara_call",
        title: "Call a Snipara tool",
        description: "Call a tool of the hosted Snipara service by its name, such as session_memories.",
        toolset: Toolset::Hosted,
        default: false,
        scope: Scope::Admin,
        destructive: true,
        idempotent: false,
        open_world: true,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(snipara_call),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SniparaCallParams {
    tool: String,
    #[serde(default)]
    arguments: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Forwarded {
    tool: String,
    /// What the service answered.
    answer: Payload,
}

impl Request for SniparaCallParams {}

async fn snipara_call(context: CallContext, given: SniparaCallParams) -> Answered<Forwarded> {
    if given.tool.trim().is_empty() {
        return Err(FieldError::new("tool", "is empty", "give the name of a tool of the service").into());
    }
    let arguments = given.arguments.unwrap_or_default();
    if let Some(own) = needs_a_person(&given.tool, &arguments) {
        let fix = format!("call our tool {own}, which asks one");
        return Err(FieldError::new("tool", format!("{own} needs a person's word here"), fix).into());
    }
    let orchestrator = &context.orchestrator;
    let mut answer = orchestrator.forward_tool(&given.tool, arguments).await?;
    if Value::Object(answer.clone()).to_string().len() > LONGEST_ANSWER {
        shorten(&mut answer, LONGEST_ANSWER);
    }
    let tool = one_line(&given.tool, 120);
    let shown = one_line(&Value::Object(answer.clone()).to_string(), TOLD_ANSWER);
    let payload: Payload =
        [("tool".to_owned(), tool.clone().into()), ("answer".to_owned(), answer.into())].into_iter().collect();
    told(
        payload,
        vec![format!("{tool}: {shown}")],
        "Use what it answered; it proves nothing about production.".to_owned(),
    )
}
