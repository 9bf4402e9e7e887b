//! Tools that ask by an answer, which the client calls again with: the rounds of 2026-07-28.

use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, InputRequests, InputRequiredResult, InputResponses, RequestStateCodec,
    Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use crate::json::{Answer, parsed, plain_tool, text};

const STATE: &str = "test_input_required_result_request_state";
const SEVERAL: &str = "test_input_required_result_multiple_inputs";
const ROUNDS: &str = "test_input_required_result_multi_round";
const TAMPERED: &str = "test_input_required_result_tampered_state";

/// The tools of this kind.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        plain_tool("test_input_required_result_elicitation", "Asks the user's name"),
        plain_tool("test_input_required_result_sampling", "Asks the client's model"),
        plain_tool("test_input_required_result_list_roots", "Asks for the roots"),
        plain_tool(STATE, "Asks, and wants its sealed state back"),
        plain_tool(SEVERAL, "Asks three things at once"),
        plain_tool(ROUNDS, "Asks twice"),
        plain_tool(TAMPERED, "Asks, and refuses a state that was changed"),
        plain_tool("test_input_required_result_capabilities", "Asks only what the client can answer"),
        plain_tool("test_streaming_elicitation", "Asks the user on the stream of its answer"),
        plain_tool("test_missing_capability", "Needs a client with a model"),
    ]
}

/// Answers a call of a tool of this kind.
pub(crate) fn call(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
    codec: &RequestStateCodec,
) -> Option<Answer> {
    let given = request.input_responses.as_ref();
    Some(match request.name.as_ref() {
        "test_input_required_result_elicitation" | "test_streaming_elicitation" => {
            match field(given, "user_name", "name") {
                Some(name) => text(format!("Hello, {name}!")),
                None => ask(json!({ "user_name": name_question() }), None),
            }
        }
        "test_input_required_result_sampling" => match object(given, "capital_question") {
            Some(answer) => text(format!("The model says: {answer}")),
            None => ask(json!({ "capital_question": model("What is the capital of France?", 100) }), None),
        },
        "test_input_required_result_list_roots" => match object(given, "client_roots") {
            Some(roots) => text(format!("The roots: {roots}")),
            None => ask(json!({ "client_roots": roots() }), None),
        },
        "test_input_required_result_capabilities" => of_capabilities(given, context.client_capabilities()),
        "test_missing_capability" => match context.client_capabilities() {
            Some(able) if able.sampling.is_some() => text("The client has a model"),
            _ => Err(ErrorData::missing_required_client_capability(
                ClientCapabilities::builder().enable_sampling().build(),
            )),
        },
        STATE | SEVERAL | ROUNDS | TAMPERED => sealed(request, codec),
        _ => return None,
    })
}

/// Asks what the client can answer, and nothing else.
fn of_capabilities(given: Option<&InputResponses>, able: Option<ClientCapabilities>) -> Answer {
    if given.is_some_and(|given| !given.is_empty()) {
        return text("Answered");
    }
    let able = able.unwrap_or_default();
    let mut questions = serde_json::Map::new();
    if able.elicitation.is_some() {
        questions.insert("user_name".to_owned(), name_question());
    }
    if able.sampling.is_some() {
        questions.insert("greeting".to_owned(), model("Generate a greeting", 50));
    }
    if able.roots.is_some() {
        questions.insert("client_roots".to_owned(), roots());
    }
    ask(Value::Object(questions), None)
}

/// Asks with a state that only this server can have made.
fn sealed(request: &CallToolRequestParams, codec: &RequestStateCodec) -> Answer {
    let name = request.name.as_ref();
    let given = request.input_responses.as_ref();
    let step: u8 = match &request.request_state {
        None => 0,
        Some(state) => {
            let (tool, step): (String, u8) = codec
                .open_json(state)
                .map_err(|error| ErrorData::invalid_params(format!("requestState: {error}"), None))?;
            if tool != name {
                return Err(ErrorData::invalid_params("requestState: it belongs to another tool", None));
            }
            step
        }
    };
    let state = |step: u8| {
        let state = codec.seal_json(&(name, step));
        state.map(Some).map_err(|error| ErrorData::internal_error(error.to_string(), None))
    };
    match (name, step) {
        (STATE | TAMPERED, 1) if object(given, "confirm").is_some() => text("state-ok"),
        (STATE | TAMPERED, _) => ask(json!({ "confirm": form("Please confirm", "ok", "boolean") }), state(1)?),
        (SEVERAL, 1) if ["user_name", "greeting", "client_roots"].iter().all(|key| object(given, key).is_some()) => {
            text("All three were answered")
        }
        (SEVERAL, _) => ask(
            json!({
                "user_name": name_question(),
                "greeting": model("Generate a greeting", 50),
                "client_roots": roots()
            }),
            state(1)?,
        ),
        (_, 2) if object(given, "step2").is_some() => text("Both were answered"),
        (_, 1 | 2) if step == 2 || object(given, "step1").is_some() => {
            ask(json!({ "step2": form("Step 2: What is your favorite color?", "color", "string") }), state(2)?)
        }
        _ => ask(json!({ "step1": form("Step 1: What is your name?", "name", "string") }), state(1)?),
    }
}

/// Answers with questions.
pub(crate) fn ask(questions: Value, state: Option<String>) -> Answer {
    Ok(InputRequiredResult::new(Some(parsed::<InputRequests>(questions)?), state).into())
}

/// Asks the user for a form of one field.
pub(crate) fn form(message: &str, field: &str, kind: &str) -> Value {
    json!({
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": message,
            "requestedSchema": { "type": "object", "properties": { field: { "type": kind } }, "required": [field] }
        }
    })
}

/// Returns a field of a form that the user sent off.
pub(crate) fn field(given: Option<&InputResponses>, key: &str, field: &str) -> Option<String> {
    given?.get(key)?.get("content")?.get(field)?.as_str().map(str::to_owned)
}

pub(crate) fn name_question() -> Value {
    form("What is your name?", "name", "string")
}

fn object<'a>(given: Option<&'a InputResponses>, key: &str) -> Option<&'a Value> {
    given?.get(key).filter(|answer| answer.is_object())
}

fn model(prompt: &str, most_tokens: u32) -> Value {
    json!({
        "method": "sampling/createMessage",
        "params": {
            "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
            "maxTokens": most_tokens
        }
    })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}
