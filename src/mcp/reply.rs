//! Answers: the same verdict and `next_step` as structured content and as one text block.

use rmcp::model::{CallToolResult, ContentBlock, Resource};
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
