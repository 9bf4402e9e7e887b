//! The server: a listener, the guards, and the routes.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use rmcp::ServerHandler;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::http::auth::{metadata_routes, require};
use crate::reload::Reloading;

use super::body::{bound, read_whole};
use super::cors::cors;
use super::error::HttpError;
use super::guard::{Guard, check_host_and_origin};
use super::health::{Ready, healthz, readyz};
use super::in_flight::{InFlight, track};
use super::listener::{self, Connections};
use super::malloc_trim::MemoryRelease;
use super::metrics::Metrics;
use super::refusal::nothing_here;
use super::sessions::Sessions;
use super::settings::HttpSettings;
use super::tls::reloading_acceptor;
use super::{sse, streamable};

/// How long the answers that are on their way may take when the server stops.
const ANSWERS: Duration = Duration::from_secs(3);

/// Work that is done after the last connection was accepted and before the last answer.
type WindUp = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An HTTP server that listens already, and serves any rmcp handler.
///
/// ```no_run
/// # async fn example<H: rmcp::ServerHandler + Clone>(handler: H) -> Result<(), Box<dyn std::error::Error>> {
/// use snipara_orchestrator::http::{HttpServer, HttpSettings};
///
/// let server = HttpServer::bind(HttpSettings::default()).await?;
/// println!("listening at {}", server.address());
/// server.serve(handler, std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
pub struct HttpServer {
    settings: HttpSettings,
    listener: TcpListener,
    address: SocketAddr,
    guard: Guard,
    tls: Option<Reloading<TlsAcceptor>>,
    metrics: Metrics,
    ready: Ready,
    wind_up: Option<WindUp>,
    routes: Router,
}

impl HttpServer {
    /// Listens at the address of the settings; nothing is accepted yet.
    ///
    /// # Errors
    /// When an allowed host or origin is not one, when no token is asked for and the address is not on loopback, when
    /// the certificate cannot be used, or when the address cannot be listened at.
    pub async fn bind(settings: HttpSettings) -> Result<Self, HttpError> {
        // The settings are checked before a port is taken.
        Guard::new(&settings, settings.bind)?;
        if settings.access.is_open() && !settings.bind.ip().is_loopback() {
            return Err(HttpError::Open { address: settings.bind });
        }
        let tls = settings.tls.clone().map(reloading_acceptor).transpose()?;
        let (listener, address) = listener::bind(settings.bind).await?;
        let guard = Guard::new(&settings, address)?;
        Ok(Self {
            settings,
            listener,
            address,
            guard,
            tls,
            metrics: Metrics::default(),
            ready: Arc::new(|| Box::pin(std::future::ready(Ok(())))),
            wind_up: None,
            routes: Router::new(),
        })
    }

    /// Returns the address that is listened at.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the protocol's endpoint, as clients are given it.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/mcp", self.address)
    }

    /// Counts into these metrics. The handler may count into them, too.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Answers `/readyz` with the outcome of this function. `Err` says in words why calls cannot be answered.
    #[must_use]
    pub fn ready_when<F, R>(mut self, ready: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.ready = Arc::new(move || Box::pin(ready()));
        self
    }

    /// Does this work when the server stops: after the last connection was accepted, before streams are ended.
    #[must_use]
    pub fn winding_up(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        self.wind_up = Some(Box::pin(work));
        self
    }

    /// Adds routes behind the same guards. The routes must check themselves who may call them.
    #[must_use]
    pub fn with_routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// Serves one handler to all clients until `stop` ends. Then it winds up, ends the streams and gives the last
    /// answers some time.
    pub async fn serve<H>(self, handler: H, stop: impl Future<Output = ()>)
    where
        H: ServerHandler + Clone,
    {
        self.serve_each(move || handler.clone(), stop).await;
    }

    /// Serves as [`HttpServer::serve`] does, with a new handler for each session and for each request without one.
    pub async fn serve_each<H, M>(self, make: M, stop: impl Future<Output = ()>)
    where
        H: ServerHandler,
        M: Fn() -> H + Clone + Send + Sync + 'static,
    {
        let streams = CancellationToken::new();
        let in_flight = InFlight::default();
        let limits = self.settings.limits;
        let sessions = Arc::new(Sessions::new(&limits, self.metrics.clone()));
        let metrics = self.metrics.clone();
        let memory = MemoryRelease::default();
        let around = (in_flight.clone(), self.metrics.clone(), memory.clone());
        let access = self.settings.access.clone();
        let sse = match self.settings.stateless {
            // Sessions of HTTP+SSE are kept in this process: behind a balancer its messages would reach other replicas.
            true => sse::none(),
            false => sse::routes(sessions.clone(), &limits, make.clone(), streams.clone()),
        };
        let router = streamable::route(&self.settings, sessions, make, &streams)
            .merge(sse)
            .layer(from_fn_with_state(limits, read_whole))
            .route("/metrics", get(move || std::future::ready(metrics.answer())))
            .layer(from_fn_with_state(access.clone(), require))
            .merge(self.routes)
            .merge(metadata_routes(access))
            .route("/healthz", get(healthz))
            .route("/readyz", get(move || readyz(self.ready)))
            .fallback(|| std::future::ready(nothing_here()))
            .layer(from_fn_with_state(limits, bound))
            .layer(DefaultBodyLimit::max(limits.body_bytes))
            .layer(tower::util::option_layer(cors(&self.guard)))
            .layer(from_fn_with_state(Arc::new(self.guard), check_host_and_origin))
            .layer(from_fn_with_state(around, track));
        let connections = Connections::new(router, self.tls, limits, self.metrics, memory.clone());
        let releasing = tokio::spawn(memory.release_when_quiet());
        connections.accept(self.listener, stop).await;
        if let Some(wind_up) = self.wind_up {
            wind_up.await;
        }
        in_flight.end(ANSWERS).await;
        streams.cancel();
        connections.drain(limits.drain).await;
        releasing.abort();
    }
}
