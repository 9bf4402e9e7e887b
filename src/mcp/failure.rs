//! Failures as a model reads them: `{code, message, hint}`.

use rmcp::ErrorData;
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use crate::domain::{bounded, marked};
use crate::orchestrator::OrchestratorError;

use super::server::Server;

/// The longest message or hint in characters; what is longer is cut.
const LONGEST: usize = 800;

/// Makes the answer to a failed call: `isError`, one text block, no structured content.
pub(super) fn failed_call(server: &Server, error: &OrchestratorError) -> CallToolResult {
    server.failed_call(document(error), matches!(error, OrchestratorError::Invalid(_)))
}

/// Makes the JSON-RPC error of a resource that could not be read.
pub(super) fn failed_read(error: OrchestratorError) -> ErrorData {
    if error.is_not_found() {
        return ErrorData::resource_not_found(shown(&error.to_string()), Some(document(&error)));
    }
    error.into()
}

/// Makes the JSON-RPC error of any other request: what is not there is then a wrong parameter.
impl From<OrchestratorError> for ErrorData {
    fn from(error: OrchestratorError) -> Self {
        let message = shown(&error.to_string());
        let data = Some(document(&error));
        match error.is_refusal() {
            true => Self::invalid_params(message, data),
            false => Self::internal_error(message, data),
        }
    }
}

fn document(error: &OrchestratorError) -> Value {
    json!({ "code": error.code(), "message": shown(&error.to_string()), "hint": shown(&error.hint()) })
}

/// An error may hold a server's words or a file's name.
fn shown(text: &str) -> String {
    bounded(&marked(text), LONGEST)
}
