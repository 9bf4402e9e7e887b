//! Bodies: how large, how slow, and what is told when they are no JSON.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

use super::refusal::{INVALID_REQUEST, PARSE_ERROR, refuse, refuse_as};
use super::settings::HttpLimits;

/// Reads a body whole before it is handed on: in time, within its size.
pub(super) async fn read_whole(State(limits): State<HttpLimits>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match read(&parts.headers, body, limits.body_bytes, limits.body).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal,
    }
}

async fn read(headers: &HeaderMap, body: Body, most: usize, time: Duration) -> Result<Bytes, Response> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    match tokio::time::timeout(time, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_large(&error) => Err(too_large(most)),
        Ok(Err(_)) => Err(refuse(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => {
            let message = format!("the body did not come within {} s", time.as_secs());
            Err(refuse(StatusCode::REQUEST_TIMEOUT, &message))
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        source = error.source();
    }
    false
}

fn too_large(most: usize) -> Response {
    refuse(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body is larger than {most} bytes"))
}

/// Returns why a body cannot be a message, in JSON-RPC's own form.
pub(super) fn unreadable(body: &[u8]) -> Response {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Err(error) => {
            refuse_as(StatusCode::BAD_REQUEST, PARSE_ERROR, &format!("the body is no JSON that can be read: {error}"))
        }
        Ok(serde_json::Value::Array(_)) => refuse_as(
            StatusCode::BAD_REQUEST,
            INVALID_REQUEST,
            "batches are not part of MCP: send one message a request",
        ),
        Ok(_) => refuse_as(StatusCode::BAD_REQUEST, INVALID_REQUEST, "the body is no JSON-RPC message of MCP"),
    }
}
