//! Bodies: how large and how slow they may be, and the answer to one that is not JSON.

use std::time::Duration;

use axum::RequestExt;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use tokio::time::Instant;

use super::guarded_body::{fail_after, is_too_large, is_too_slow};
use super::refusal::{INVALID_REQUEST, PARSE_ERROR, refuse, refuse_as};
use super::settings::HttpLimits;

/// Bounds a body before a handler reads it: the size that it announces, and the time that it may take in all.
pub(super) async fn bound(State(limits): State<HttpLimits>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return too_large(limits.body_bytes);
    }
    let request = request.map(|body| fail_after(body, Instant::now() + limits.body));
    next.run(request.with_limited_body()).await
}

/// Reads a whole body before a handler gets it. Answers in the protocol's own form when it cannot be read.
pub(super) async fn read_whole(State(limits): State<HttpLimits>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, limits.body_bytes).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) if is_too_large(&error) => too_large(limits.body_bytes),
        Err(error) if is_too_slow(&error) => refuse(StatusCode::REQUEST_TIMEOUT, &too_slow(limits.body)),
        Err(_) => refuse(StatusCode::BAD_REQUEST, "the body broke off"),
    }
}

/// Takes out a body that [`read_whole`] has read.
pub(super) async fn taken(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, usize::MAX).await.map_err(|_| refuse(StatusCode::BAD_REQUEST, "the body broke off"))
}

/// Returns why a body cannot be a message, in JSON-RPC's own form.
pub(super) fn unreadable(body: &[u8]) -> Response {
    let (code, message) = match serde_json::from_slice::<serde_json::Value>(body) {
        Err(error) => (PARSE_ERROR, format!("the body is not valid JSON: {error}")),
        Ok(serde_json::Value::Array(_)) => {
            (INVALID_REQUEST, "batches are not part of MCP: send one message a request".to_owned())
        }
        Ok(_) => (INVALID_REQUEST, "the body is not a JSON-RPC message of MCP".to_owned()),
    };
    refuse_as(StatusCode::BAD_REQUEST, code, &message)
}

fn too_slow(time: Duration) -> String {
    format!("the body did not arrive within {} s", time.as_secs())
}

fn too_large(most: usize) -> Response {
    refuse(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body is larger than {most} bytes"))
}
