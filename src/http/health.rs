//! Whether the process lives, and whether it can work.

use std::pin::Pin;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Tells whether calls can be answered, and if not, why in words that hold no secret.
pub(super) type Ready = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// Answers `/healthz`. An answer of any kind shows that the process lives.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answers `/readyz`.
pub(super) async fn readyz(ready: Ready) -> Response {
    match ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response(),
    }
}
