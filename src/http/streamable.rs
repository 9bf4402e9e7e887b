//! Streamable HTTP: rmcp's service, and what it leaves to its host.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
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
    Router::new()
        .route_service("/mcp", service.clone())
        .route_service("/mcp/", service)
        .layer(from_fn_with_state(state, exchange))
}

#[derive(Clone)]
struct StreamableState {
    sessions: Arc<Sessions>,
    has_sessions: bool,
}

/// Handles one request: checks the owner of its session, takes a permit for a new session, and answers a body that
/// cannot be read in the protocol's own form.
async fn exchange(State(state): State<StreamableState>, mut request: Request, next: Next) -> Response {
    if let Some(refusal) = accept_as_clients_mean_it(&mut request) {
        return refusal;
    }
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

/// Reads `Accept` as media ranges (RFC 9110 §12.5.1): none, and `*/*`, take everything. rmcp looks for the two names.
fn accept_as_clients_mean_it(request: &mut Request) -> Option<Response> {
    const STREAM: &str = "text/event-stream";
    const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
    let wanted: &[&str] = match *request.method() {
        Method::POST => &["application/json", STREAM],
        Method::GET => &[STREAM],
        _ => return None,
    };
    let given: Vec<&str> =
        request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let given = given.join(",");
    if let Some(refused) = wanted.iter().find(|kind| !accepts(&given, kind)) {
        let message =
            format!("send `Accept: application/json, text/event-stream`: this header does not take {refused}");
        return Some(refuse(StatusCode::NOT_ACCEPTABLE, &message));
    }
    request.headers_mut().insert(header::ACCEPT, BOTH);
    None
}

/// Tells whether a header takes a media type: the closest range decides, and a weight of 0 means no.
fn accepts(header: &str, kind: &str) -> bool {
    let (major, _) = kind.split_once('/').unwrap_or((kind, ""));
    let all_of_it = format!("{major}/*");
    let ranges = || header.split(',').filter(|range| !range.trim().is_empty());
    let weight = |wanted: &str| {
        ranges().find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(wanted);
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            named.then(|| weight.unwrap_or(1.0))
        })
    };
    let closest = [kind, &all_of_it, "*/*"].into_iter().find_map(weight);
    ranges().next().is_none() || closest.is_some_and(|weight| weight > 0.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accept_header_is_read_as_media_ranges() {
        for (header, taken) in [
            ("", true),
            ("*/*", true),
            ("application/json, text/event-stream", true),
            ("text/html, */*;q=0.1", true),
            ("application/*", true),
            ("APPLICATION/JSON;q=0.5", true),
            ("text/html", false),
            ("application/json;q=0, */*", false),
            ("*/*;q=0", false),
            ("application/jsonx", false),
        ] {
            assert_eq!(accepts(header, "application/json"), taken, "{header}");
        }
        assert!(accepts("text/*", "text/event-stream") && !accepts("application/json", "text/event-stream"));
    }
}
