//! Prompts of every kind of content, and one that asks before it answers.

use rmcp::ErrorData;
use rmcp::model::{
    GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequests, InputRequiredResult, ListPromptsResult,
};
use serde_json::{Value, json};

use crate::json::{PNG, parsed, result};
use crate::rounds::{field, form};

/// The prompts.
pub(crate) fn list() -> Result<ListPromptsResult, ErrorData> {
    result(json!({ "prompts": [
        { "name": "test_simple_prompt", "description": "Has no arguments" },
        {
            "name": "test_prompt_with_arguments",
            "description": "Has two arguments",
            "arguments": [
                { "name": "arg1", "description": "The first", "required": true },
                { "name": "arg2", "description": "The second", "required": true }
            ]
        },
        {
            "name": "test_prompt_with_embedded_resource",
            "description": "Carries a resource",
            "arguments": [{ "name": "resourceUri", "description": "The resource's address", "required": true }]
        },
        { "name": "test_prompt_with_image", "description": "Carries a picture" },
        { "name": "test_input_required_result_prompt", "description": "Asks for its context" }
    ] }))
}

/// Answers with a prompt.
pub(crate) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        request.arguments.as_ref().and_then(|arguments| arguments.get(name)).and_then(Value::as_str).unwrap_or_default()
    };
    let messages = match request.name.as_str() {
        "test_simple_prompt" => json!([words("This is a simple prompt for testing.")]),
        "test_prompt_with_arguments" => {
            let (one, other) = (argument("arg1"), argument("arg2"));
            json!([words(&format!("Prompt with arguments: arg1='{one}', arg2='{other}'"))])
        }
        "test_prompt_with_embedded_resource" => {
            let resource = json!({
                "uri": argument("resourceUri"),
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing."
            });
            json!([
                { "role": "user", "content": { "type": "resource", "resource": resource } },
                words("Please process the embedded resource above.")
            ])
        }
        "test_prompt_with_image" => json!([
            { "role": "user", "content": { "type": "image", "data": PNG, "mimeType": "image/png" } },
            words("Please analyze the image above.")
        ]),
        "test_input_required_result_prompt" => match field(request.input_responses.as_ref(), "user_context", "context")
        {
            Some(context) => json!([words(&format!("Use this context: {context}"))]),
            None => {
                let question = form("What context should the prompt use?", "context", "string");
                let questions: InputRequests = parsed(json!({ "user_context": question }))?;
                return Ok(InputRequiredResult::from_input_requests(questions).into());
            }
        },
        name => return Err(ErrorData::invalid_params(format!("unknown prompt `{name}`"), None)),
    };
    Ok(result::<GetPromptResult>(json!({ "messages": messages }))?.into())
}

fn words(text: &str) -> Value {
    json!({ "role": "user", "content": { "type": "text", "text": text } })
}
