//! Failures as a model reads them: `{code, message, hint}`.

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use crate::domain::printable;
use crate::orchestrator::OrchestratorError;

/// The longest message or hint in characters; what is longer is cut.
const LONGEST: usize = 800;

/// Returns code, message and hint.
pub(super) fn parts(error: &OrchestratorError) -> (&'static str, String, String) {
    match error {
        OrchestratorError::Refused { code, message, hint } | OrchestratorError::CouldNot { code, message, hint } => {
            (code, bounded(message), bounded(hint))
        }
        OrchestratorError::Bug { message } => (
            "bug",
            bounded(&format!("internal error: {message}")),
            "This is a bug in snipara-orchestrator, not in your input: report it with the server's log.".to_owned(),
        ),
    }
}

/// Makes the answer to a failed call: `isError`, one text block, no structured content.
pub(super) fn failed_call(error: &OrchestratorError) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(document(error).to_string())])
}

/// Makes the JSON-RPC error of a resource that could not be read.
pub(super) fn failed_read(error: &OrchestratorError) -> ErrorData {
    let (code, message, _) = parts(error);
    let data = Some(document(error));
    match error {
        OrchestratorError::Refused { .. } if code == "not_found" => ErrorData::resource_not_found(message, data),
        OrchestratorError::Refused { .. } => ErrorData::invalid_params(message, data),
        OrchestratorError::CouldNot { .. } | OrchestratorError::Bug { .. } => ErrorData::internal_error(message, data),
    }
}

/// Makes an input error.
pub(super) fn invalid_input(message: impl Into<String>, hint: impl Into<String>) -> OrchestratorError {
    OrchestratorError::Refused { code: "invalid_input", message: message.into(), hint: hint.into() }
}

fn document(error: &OrchestratorError) -> Value {
    let (code, message, hint) = parts(error);
    json!({ "code": code, "message": message, "hint": hint })
}

fn bounded(text: &str) -> String {
    let clean = printable(text);
    if clean.chars().count() <= LONGEST {
        return clean;
    }
    clean.chars().take(LONGEST).chain(['…']).collect()
}
