//! The metadata that tells clients where tokens come from (RFC 9728). Reading it needs no token.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::authenticator::Access;
use crate::domain::Scope;

/// Returns the routes of the metadata; they answer 404 when no issuer is configured. Mount them outside of
/// [`super::require()`].
pub fn metadata_routes(access: Arc<Access>) -> Router {
    Router::new()
        .route("/.well-known/oauth-protected-resource", get(metadata))
        .route("/.well-known/oauth-protected-resource/mcp", get(metadata))
        .with_state(access)
}

async fn metadata(State(access): State<Arc<Access>>) -> Response {
    let Some((issuer, resource)) = access.issuer() else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let document = json!({
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": Scope::ALL.map(Scope::name),
        "bearer_methods_supported": ["header"],
        "resource_name": "Snipara Orchestrator",
    });
    let mut response = Response::new(Body::from(document.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
