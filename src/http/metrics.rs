//! What is counted, and how Prometheus reads it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What `/metrics` is served as.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a server counts. Cheap to clone; every clone counts into the same numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    sessions: Family<TransportLabels, Gauge>,
    connections: Gauge,
    refused_connections: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    tool: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabels {
    transport: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("snipara_orchestrator");
        let calls = Family::default();
        registry.register("calls", "Tool calls by tool and outcome", calls.clone());
        let requests = Family::default();
        registry.register("http_requests", "HTTP requests by route and status", requests.clone());
        let sessions = Family::default();
        registry.register("sessions", "MCP sessions that are open", sessions.clone());
        let connections = Gauge::default();
        registry.register("connections", "Connections that stand", connections.clone());
        let refused_connections = Counter::default();
        registry.register("refused_connections", "Connections beyond the cap", refused_connections.clone());
        let counted = Counted { registry, calls, requests, sessions, connections, refused_connections };
        Self { counted: Arc::new(counted) }
    }
}

impl Metrics {
    /// Counts a call of a tool and how it ended: `ok`, `failed` or `refused`.
    pub fn call(&self, tool: &'static str, outcome: &'static str) {
        self.counted.calls.get_or_create(&CallLabels { tool, outcome }).inc();
    }

    pub(super) fn request(&self, route: String, status: StatusCode) {
        self.counted.requests.get_or_create(&RequestLabels { route, status: status.as_u16() }).inc();
    }

    /// Counts a session for as long as what is returned lives.
    pub(super) fn session(&self, transport: &'static str) -> OpenCount {
        OpenCount::up(&self.counted.sessions.get_or_create(&TransportLabels { transport }))
    }

    /// Counts a connection for as long as what is returned lives.
    pub(super) fn connection(&self) -> OpenCount {
        OpenCount::up(&self.counted.connections)
    }

    pub(super) fn refused_connection(&self) {
        self.counted.refused_connections.inc();
    }

    /// Answers with all numbers, in the text form of OpenMetrics.
    pub(super) fn answer(&self) -> Response {
        let mut text = String::new();
        if encode(&mut text, &self.counted.registry).is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let mut response = Body::from(text).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
        response
    }
}

/// One more in a gauge, until it is dropped.
#[derive(Debug)]
pub(super) struct OpenCount(Gauge);

impl OpenCount {
    fn up(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for OpenCount {
    fn drop(&mut self) {
        self.0.dec();
    }
}
