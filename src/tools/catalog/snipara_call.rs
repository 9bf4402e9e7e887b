//! `snipara_call`: calls a tool of the Snipara service that has none of its own here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{FieldError, ForwardRequest, Scope, one_line};
use crate::snipara::payload::Payload;
use crate::tools::needs_person::needs_a_person;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, quoted_json, shorten, told};

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
        scope: Scope::Admin,
        destructive: true,
        open_world: true,
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Forwarded {
    tool: String,
    /// What the service answered.
    answer: Payload,
}

async fn call(context: CallContext, asked: ForwardRequest) -> Answered<Forwarded> {
    let ForwardRequest { tool, arguments } = asked;
    if let Some(own) = needs_a_person(&tool, &arguments) {
        let fix = format!("call our tool {own}, which asks one");
        return Err(FieldError::new("tool", format!("{own} needs a person's consent here"), fix).into());
    }
    let orchestrator = &context.orchestrator;
    let mut answer = orchestrator.forward_tool(&tool, arguments).await?;
    if Value::Object(answer.clone()).to_string().len() > LONGEST_ANSWER {
        shorten(&mut answer, LONGEST_ANSWER);
    }
    let tool = one_line(&tool, 120);
    let shown = quoted_json(&Value::Object(answer.clone()), TOLD_ANSWER, orchestrator.redactor());
    let payload: Payload =
        [("tool".to_owned(), tool.clone().into()), ("answer".to_owned(), answer.into())].into_iter().collect();
    told(
        payload,
        vec![format!("> {tool}: {shown}")],
        "Use what it answered; it proves nothing about production.".to_owned(),
    )
}
