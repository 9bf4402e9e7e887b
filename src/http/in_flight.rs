//! Tracks every request: counts it, answers it even when its handler panics, and waits for it when the server stops.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::{Method, StatusCode};
use tokio_util::task::TaskTracker;

use crate::http::guarded_body::hold;

use super::malloc_trim::MemoryRelease;
use super::metrics::Metrics;
use super::refusal::refuse;

/// The requests whose answers are on their way. Streams that only listen are not among them.
#[derive(Debug, Clone, Default)]
pub(super) struct InFlight {
    tracker: TaskTracker,
}

impl InFlight {
    /// Waits for so long until every request is answered.
    pub(super) async fn end(&self, time: Duration) {
        self.tracker.close();
        if tokio::time::timeout(time, self.tracker.wait()).await.is_err() {
            tracing::info!("some answers did not end in time");
        }
    }
}

/// Passes a request on and makes sure that it is answered.
pub(super) async fn track(
    State((in_flight, metrics, memory)): State<(InFlight, Metrics, MemoryRelease)>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let token = (*request.method() == Method::POST).then(|| in_flight.tracker.token());
    let method = request.method().clone();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answered.unwrap_or_else(|_| {
        tracing::error!(%method, route, "a request's handler panicked");
        refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    });
    tracing::debug!(%method, route, status = response.status().as_u16(), "answered");
    metrics.request(route, response.status());
    memory.note();
    match token {
        Some(token) => response.map(|body| hold(body, token)),
        None => response,
    }
}
