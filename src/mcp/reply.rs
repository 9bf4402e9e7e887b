//! Answers: the same verdict and `next_step` as structured content and as one text block; or what stands for an answer.

use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, CreateTaskResult, InputRequiredResult, Resource};
use schemars::JsonSchema;
use serde::Serialize;

use crate::orchestrator::OrchestratorError;

/// What a tool answers.
pub(super) struct Answer<O> {
    /// The structured form.
    pub(super) output: O,
    /// The same for people and models that read text.
    pub(super) text: String,
    /// Where more can be read.
    pub(super) links: Vec<Link>,
}

/// An answer, or what the protocol has in its place.
pub(super) enum Reply<O> {
    /// The answer.
    Answer(Answer<O>),
    /// The handle of a task whose answer is asked for later.
    Task(CreateTaskResult),
    /// A question that a person answers before the call comes again.
    Question(Box<InputRequiredResult>),
}

/// What a tool's body gives: most give an answer and nothing else.
pub(super) trait IntoReply {
    /// The structured form of the answer.
    type Output: Serialize + JsonSchema + Send + 'static;

    /// Makes the reply.
    fn into_reply(self) -> Reply<Self::Output>;
}

impl<O: Serialize + JsonSchema + Send + 'static> IntoReply for Answer<O> {
    type Output = O;

    fn into_reply(self) -> Reply<O> {
        Reply::Answer(self)
    }
}

impl<O: Serialize + JsonSchema + Send + 'static> IntoReply for Reply<O> {
    type Output = O;

    fn into_reply(self) -> Self {
        self
    }
}

/// Makes the response to a call.
///
/// # Errors
/// When the output has no JSON form.
pub(super) fn response<O: Serialize>(reply: Reply<O>) -> Result<CallToolResponse, OrchestratorError> {
    match reply {
        Reply::Answer(answer) => Ok(result(answer)?.into()),
        Reply::Task(task) => Ok(task.into()),
        Reply::Question(question) => Ok((*question).into()),
    }
}

/// A resource that an answer points to.
pub(super) struct Link {
    uri: String,
    name: &'static str,
    description: &'static str,
}

impl Link {
    pub(super) const fn new(uri: String, name: &'static str, description: &'static str) -> Self {
        Self { uri, name, description }
    }
}

/// Makes the result of a call.
///
/// # Errors
/// When the output has no JSON form.
pub(super) fn result<O: Serialize>(answer: Answer<O>) -> Result<CallToolResult, OrchestratorError> {
    let output = serde_json::to_value(&answer.output)
        .map_err(|error| OrchestratorError::Bug { message: format!("an answer has no JSON form: {error}") })?;
    let mut content = vec![ContentBlock::text(answer.text)];
    content.extend(answer.links.into_iter().map(|link| {
        let resource = Resource::new(link.uri, link.name).with_description(link.description);
        ContentBlock::resource_link(resource.with_mime_type("application/json"))
    }));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(output);
    Ok(result)
}
