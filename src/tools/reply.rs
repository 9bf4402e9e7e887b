//! Replies: the same verdict and `next_step` as structured content and as one text; or what stands for an answer.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::domain::Redactor;
use crate::orchestrator::{OrchestratorError, RunHandle};

use super::outside;

/// How many lines of a list an answer shows.
pub(super) const SHOWN_LINES: usize = 20;
/// How long a line may be, in characters.
pub(super) const LINE: usize = 240;

/// What a tool answers.
pub struct ToolAnswer<O> {
    /// The structured form.
    pub output: O,
    /// The same for people and models that read text.
    pub text: String,
    /// Where more can be read.
    pub links: Vec<Link>,
}

/// An answer, or what each door has in its place.
pub enum ToolReply<O> {
    /// The answer.
    Answer(ToolAnswer<O>),
    /// A run that goes on; its answer is asked for later.
    Running(RunHandle),
    /// The question that the context was asked; the call comes again with a person's answer.
    Asked,
}

/// What a tool's body gives: most give an answer and nothing else.
pub trait IntoReply {
    /// The structured form of the answer.
    type Output: Serialize + JsonSchema + Send + 'static;

    /// Makes the reply.
    fn into_reply(self) -> ToolReply<Self::Output>;
}

impl<O: Serialize + JsonSchema + Send + 'static> IntoReply for ToolAnswer<O> {
    type Output = O;

    fn into_reply(self) -> ToolReply<O> {
        ToolReply::Answer(self)
    }
}

impl<O: Serialize + JsonSchema + Send + 'static> IntoReply for ToolReply<O> {
    type Output = O;

    fn into_reply(self) -> Self {
        self
    }
}

impl<O: Serialize> ToolReply<O> {
    /// Returns the reply as it leaves.
    pub(super) fn released(self, redactor: &Redactor) -> Result<ToolReply<Value>, OrchestratorError> {
        Ok(match self {
            Self::Answer(answer) => ToolReply::Answer(answer.released(redactor)?),
            Self::Running(run) => ToolReply::Running(run),
            Self::Asked => ToolReply::Asked,
        })
    }
}

impl<O: Serialize> ToolAnswer<O> {
    /// Returns the answer as it leaves: its structured form as JSON, and both forms clean.
    ///
    /// # Errors
    /// When the output has no JSON form.
    pub fn released(self, redactor: &Redactor) -> Result<ToolAnswer<Value>, OrchestratorError> {
        let mut output = serde_json::to_value(&self.output)
            .map_err(|error| OrchestratorError::internal(format!("an answer has no JSON form: {error}")))?;
        let mut text = self.text;
        outside::release(&mut output, &mut text, redactor);
        Ok(ToolAnswer { output, text, links: self.links })
    }
}

/// A resource that an answer points to.
pub struct Link {
    /// Its URI.
    pub uri: String,
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
}

impl Link {
    pub(super) const fn new(uri: String, name: &'static str, description: &'static str) -> Self {
        Self { uri, name, description }
    }
}
