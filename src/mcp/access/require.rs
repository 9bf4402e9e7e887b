//! The middleware that lets nobody through whom the settings do not name.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::judge::Access;

/// Puts the [`super::Principal`] into the request's extensions, or answers 401, 403 or 429.
///
/// Mount it with `axum::middleware::from_fn_with_state(access, access::require)` outside of everything that costs.
pub async fn require(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    match access.identify(request.headers()).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(refusal) => refusal.response(access.metadata_address()),
    }
}
