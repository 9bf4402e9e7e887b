//! Streamable HTTP: rmcp's service, and what it leaves to its host.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::body::{taken, unreadable};
use super::refusal::{no_room, refuse};
use super::sessions::{Owner, Sessions};
use super::settings::HttpSettings;

/// The header that names a session.
const SESSION: &str = "mcp-session-id";

/// Makes the route `/mcp`.
pub(super) fn route<H, M>(
    settings: &HttpSettings,
    sessions: Arc<Sessions>,
    make: M,
    ending: &CancellationToken,
) -> Router
where
    H: ServerHandler,
    M: Fn() -> H + Clone + Send + Sync + 'static,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(!settings.stateless)
        .with_json_response(settings.stateless)
        .with_cancellation_token(ending.clone())
        .with_max_request_body_bytes(settings.limits.body_bytes)
        // The guard before every route has judged the host already.
        .disable_allowed_hosts();
    let service = StreamableHttpService::new(move || Ok(make()), sessions.clone(), config);
    let state = StreamableState { sessions, has_sessions: !settings.stateless };
    Router::new().route_service("/mcp", service).layer(from_fn_with_state(state, exchange))
}

#[derive(Clone)]
struct StreamableState {
    sessions: Arc<Sessions>,
    has_sessions: bool,
}

/// Handles one request: checks the owner of its session, takes a permit for a new session, and answers a body that
/// cannot be read in the protocol's own form.
async fn exchange(State(state): State<StreamableState>, request: Request, next: Next) -> Response {
    let owner = Owner::of(request.extensions());
    let session = request.headers().get(SESSION).and_then(|id| id.to_str().ok());
    if session.is_some_and(|id| state.sessions.is_foreign(id, &owner)) {
        return refuse(StatusCode::NOT_FOUND, "session not found");
    }
    let has_session = session.is_some();
    let method = request.method().clone();
    if method == Method::DELETE {
        let existed = match session {
            Some(id) => state.sessions.exists(id).await,
            None => false,
        };
        return deleted(next.run(request).await, existed);
    }
    if method != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match taken(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let is_json = says_json(&parts.headers);
    let request = Request::from_parts(parts, Body::from(body.clone()));
    let response = if state.has_sessions && !has_session && opens_a_session(&body) {
        opened(state.sessions, owner, request, next).await
    } else {
        next.run(request).await
    };
    readable(response, &body, is_json)
}

#[derive(Deserialize)]
struct MethodOnly<'a> {
    #[serde(borrow)]
    method: std::borrow::Cow<'a, str>,
}

fn opens_a_session(body: &Bytes) -> bool {
    serde_json::from_slice::<MethodOnly<'_>>(body).is_ok_and(|message| message.method == "initialize")
}

/// Opens a session in a task of its own, so that its owner is recorded even when the client has gone meanwhile.
async fn opened(sessions: Arc<Sessions>, owner: Owner, request: Request, next: Next) -> Response {
    let permit = match sessions.try_open("streamable_http", &owner) {
        Ok(permit) => permit,
        Err(full) => return no_room(&format!("{full}: end one with DELETE, or try again later")),
    };
    let opening = tokio::spawn(async move {
        let response = next.run(request).await;
        if let Some(id) = response.headers().get(SESSION).and_then(|id| id.to_str().ok()) {
            sessions.register(id, owner, permit).await;
        }
        response
    });
    opening.await.unwrap_or_else(|_| refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal error"))
}

/// Corrects rmcp's answer to DELETE. Its 202 makes clients warn, and it also confirms sessions that never existed.
fn deleted(mut response: Response, existed: bool) -> Response {
    if response.status() != StatusCode::ACCEPTED {
        return response;
    }
    if !existed {
        return refuse(StatusCode::NOT_FOUND, "session not found");
    }
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Corrects rmcp's answer to JSON that it cannot read: it calls that an unsupported media type.
fn readable(response: Response, body: &Bytes, is_json: bool) -> Response {
    if is_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE { unreadable(body) } else { response }
}

/// Tells whether a request says that it carries JSON. A page must ask before it may send that content type (CORS).
pub(super) fn says_json(headers: &HeaderMap) -> bool {
    let named = headers.get(header::CONTENT_TYPE).and_then(|named| named.to_str().ok());
    let essence = named.and_then(|named| named.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
