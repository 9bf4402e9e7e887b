//! Failures as these clients read them: in-band, `success: false` and `error` in words (snipara-wire.md §S2).

use serde_json::{Value, json};

use crate::domain::{FieldError, InvalidRequest, bounded};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::{self, Payload};
use crate::tools::FormError;

/// The longest message or hint, in characters.
const LONGEST: usize = 800;

/// Why a verb did not do what was asked.
#[derive(Debug)]
pub(super) enum ToolFailure {
    /// An argument cannot be used.
    Field(FieldError),
    /// The orchestrator refused or could not.
    Orchestrator(OrchestratorError),
}

impl From<FieldError> for ToolFailure {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<OrchestratorError> for ToolFailure {
    fn from(error: OrchestratorError) -> Self {
        Self::Orchestrator(error)
    }
}

impl From<FormError> for ToolFailure {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Invalid(InvalidRequest::Field(error)) => Self::Field(error),
            FormError::Invalid(error @ InvalidRequest::LiveCheck { .. }) => Self::Orchestrator(error.into()),
            FormError::Failed(error) => Self::Orchestrator(error),
        }
    }
}

impl ToolFailure {
    /// Returns the payload that tells it: a program finds what it needs to go on beside the words.
    pub(super) fn payload(&self) -> Payload {
        match self {
            Self::Field(error) => {
                let mut told = failure_payload("invalid_input", &error.to_string(), &error.fix);
                told.insert("field".to_owned(), bounded(&error.field, LONGEST).into());
                told.insert("problem".to_owned(), bounded(&error.problem, LONGEST).into());
                told
            }
            Self::Orchestrator(OrchestratorError::Backend(error)) => payload::error(error),
            Self::Orchestrator(error) => failure_payload(error.code(), &error.to_string(), &error.hint()),
        }
    }
}

/// Makes the payload of a failure.
pub(super) fn failure_payload(code: &str, message: &str, hint: &str) -> Payload {
    let told = json!({
        "success": false, "error": bounded(message, LONGEST), "code": code, "hint": bounded(hint, LONGEST),
    });
    match told {
        Value::Object(told) => told,
        _ => Payload::new(),
    }
}
