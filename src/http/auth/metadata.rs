//! The metadata that tells clients where tokens come from (RFC 9728). Reading it needs no token.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::authenticator::Access;
use crate::domain::Scope;
use crate::http::refusal::nothing_here;

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
        return nothing_here();
    };
    Json(json!({
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": Scope::ALL.map(Scope::name),
        "bearer_methods_supported": ["header"],
        "resource_name": "Snipara Orchestrator",
    }))
    .into_response()
}
