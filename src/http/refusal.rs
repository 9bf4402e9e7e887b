//! The answers to requests that are refused before MCP sees them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// JSON-RPC's code for what the transport refuses.
const REFUSED: i32 = -32000;
/// JSON-RPC's code for a body that is not JSON.
pub(super) const PARSE_ERROR: i32 = -32700;
/// JSON-RPC's code for JSON that is not a request.
pub(super) const INVALID_REQUEST: i32 = -32600;

/// Answers with a JSON-RPC error without a request id. Clients show its message.
pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    refuse_as(status, REFUSED, message)
}

/// Answers that nothing is at an address. Clients look for OAuth at addresses of their own, and read `error` as a text there
/// (RFC 6749 §5.2).
pub(crate) fn nothing_here() -> Response {
    let body = json!({"error": "not_found", "error_description": "nothing is here: MCP is served at /mcp"});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// Answers with a JSON-RPC error of this code.
pub(super) fn refuse_as(status: StatusCode, code: i32, message: &str) -> Response {
    let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}});
    (status, Json(body)).into_response()
}

/// Answers that there is no room now, and when to try again.
pub(super) fn no_room(message: &str) -> Response {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
