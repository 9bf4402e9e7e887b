//! From an HTTP request to an answer.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Json, Router};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::domain::{Principal, Scope};
use crate::domain::{ProjectId, one_line};
use crate::http::auth::{Access, Refusal, require_with_api_key};
use crate::mcp::Server;

use super::failure::{ToolFailure, failure_payload};
use super::json_rpc::RpcReply;
use super::route_kind::RouteKind;
use super::{documents, json_rpc, rest};
use crate::http::guarded_body::is_too_large;
use crate::http::streamable::says_json;

/// The largest body, in bytes; the transport's own bound is as large.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The paths; each with a doubled slash before and one after it, too: clients put both there and follow no redirect.
const PATHS: [&str; 6] = [
    "/mcp/{project}",
    "/mcp//{project}",
    "/v1/{project}/mcp",
    "/api/mcp/{project}",
    "/v1/{project}/automation",
    "/capabilities",
];

/// Makes the routes of Snipara's own clients.
///
/// They ask for the caller's token themselves, also in `X-API-Key`: mount them outside of
/// [`crate::http::auth::require`].
pub fn snipara_routes(server: Server, access: Arc<Access>) -> Router {
    let mut router = Router::new();
    for path in PATHS {
        for (before, after) in [("", ""), ("", "/"), ("/", ""), ("/", "/")] {
            router = router.route(&format!("{before}{path}{after}"), any(answer));
        }
    }
    router.layer(from_fn_with_state(access.clone(), require_with_api_key)).with_state(Routes { server, access })
}

#[derive(Clone)]
struct Routes {
    server: Server,
    access: Arc<Access>,
}

async fn answer(
    State(routes): State<Routes>,
    parameters: RawPathParams,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let Some(kind) = RouteKind::of(&path) else {
        return error_response(StatusCode::NOT_FOUND, "not_found", "nothing is here", "MCP is served at /mcp");
    };
    if request.method().as_str() != kind.method() && !(request.method() == Method::HEAD && kind.method() == "GET") {
        return wrong_method(kind);
    }
    // Decoded, as against the path itself.
    if let Some((_, project)) = parameters.iter().next()
        && let Err(refused) = admit(&routes.server, &principal, project).await
    {
        return refused;
    }
    let routes = Routes { server: routes.server.for_principal(&principal), access: routes.access };
    match kind {
        RouteKind::JsonRpc | RouteKind::Rest => answer_post(&routes, &principal, kind, request).await,
        RouteKind::Automation if !principal.may(Scope::Read) => {
            routes.refused(&Refusal::InsufficientScope(Scope::Read))
        }
        RouteKind::Automation => Json(documents::automation()).into_response(),
        RouteKind::Capabilities => Json(documents::capabilities(&routes.server)).into_response(),
    }
}

/// Lets a caller in whose token is good for the project of the path, when that is this server's.
///
/// Both refusals read alike, so that a caller without access to a project does not learn that it is here.
async fn admit(server: &Server, principal: &Principal, project: &str) -> Result<(), Response> {
    let orchestrator = server
        .orchestrator()
        .await
        .map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, Json(ToolFailure::from(error).payload())).into_response())?;
    let own = orchestrator.project();
    // A name that is not a slug becomes one here, as it did when the project was made.
    let meant = ProjectId::from_name(project).is_ok_and(|meant| meant == *own);
    if meant && principal.may_use(own) {
        return Ok(());
    }
    let message = format!("there is no project `{}` for this token", one_line(project, 80));
    Err(error_response(
        StatusCode::NOT_FOUND,
        "not_found",
        &message,
        "check the project's name and the token's projects",
    ))
}

async fn answer_post(routes: &Routes, principal: &Principal, kind: RouteKind, request: Request) -> Response {
    // A page may send anything else without asking (CORS, Fetch standard §2.2.2), and Snipara's clients send this.
    if !says_json(request.headers()) {
        let hint = "send content-type: application/json";
        return error_response(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body is not called JSON",
            hint,
        );
    }
    let bytes = match to_bytes(request.into_body(), MAX_BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(error) if is_too_large(&error) => return routes.refused(&Refusal::TooLarge),
        Err(_) => return routes.refused(&Refusal::BrokenBody),
    };
    let in_rpc = matches!(kind, RouteKind::JsonRpc);
    let body: Value = match serde_json::from_slice(&bytes) {
        Ok(body) => body,
        Err(error) => {
            let why = error.to_string();
            let body = if in_rpc { json_rpc::unreadable(&why) } else { rest::unreadable(&why) };
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    };
    // Both forms are understood at both addresses. A body in neither form is refused in the form of its address.
    let calls_a_tool = body.get("tool").is_some() && body.get("method").is_none();
    let is_message = body.is_array() || body.get("method").is_some();
    if calls_a_tool || !(in_rpc || is_message) {
        return match rest::answer(&routes.server, principal, &body).await {
            Ok(body) => Json(body).into_response(),
            Err(refusal) => routes.refused(&refusal),
        };
    }
    if let Some(more) = body.as_array().and_then(|batch| batch.len().checked_sub(1))
        && let Err(refusal) = routes.access.charge(principal, more)
    {
        return routes.refused(&refusal);
    }
    match json_rpc::answer(&routes.server, principal, &body).await {
        RpcReply::Document(body) => Json(body).into_response(),
        RpcReply::Nothing => StatusCode::ACCEPTED.into_response(),
        RpcReply::Refused(refusal) => routes.refused(&refusal),
    }
}

impl Routes {
    /// Refuses with the challenge that access makes, in the form that these clients read (snipara-wire.md §S2).
    fn refused(&self, refusal: &Refusal) -> Response {
        let (mut head, _) = refusal.response(self.access.metadata_address()).into_parts();
        head.headers.remove(header::CONTENT_LENGTH);
        let body = Value::Object(failure_payload(refusal.name(), &refusal.message(), "use a token that may do this"));
        Response::from_parts(head, Body::from(body.to_string()))
    }
}

fn wrong_method(kind: RouteKind) -> Response {
    let message = format!("this address is for {}", kind.method());
    let mut response =
        error_response(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &message, "use the right method");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(kind.method()));
    response
}

fn error_response(status: StatusCode, code: &str, message: &str, hint: &str) -> Response {
    (status, Json(failure_payload(code, message, hint))).into_response()
}
