//! Our server over HTTP, until a signal comes.

use std::io;
use std::sync::Arc;

use crate::mcp::{Opener, Server, ServerOptions, ServerOptionsError, stop_runs, stop_signal};
use crate::orchestrator::protect_process;

use super::snipara_routes::snipara_routes;
use super::{HttpError, HttpServer, HttpSettings, Metrics};

/// A server could not serve over HTTP.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The options name something that does not exist; nothing was read.
    #[error(transparent)]
    Options(#[from] ServerOptionsError),
    /// No HTTP server could be started; nothing was read.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Signals cannot be watched.
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
    /// The process could not be shielded from its children (prctl(2), PR_SET_DUMPABLE).
    #[error("cannot clear PR_SET_DUMPABLE")]
    Shield(#[source] io::Error),
}

/// Serves MCP over HTTP until SIGTERM, SIGINT or SIGHUP; stops every run then, and lets it record its state.
///
/// `listening` gets the address as soon as clients can connect.
///
/// # Errors
/// When the options name an unknown tool or toolset, when the settings cannot be used or the address is in use, or when
/// signals cannot be watched. No connection was accepted then.
pub async fn serve_http(
    options: ServerOptions,
    open: Opener,
    settings: HttpSettings,
    listening: impl FnOnce(&str),
) -> Result<(), ServeError> {
    let metrics = Metrics::default();
    let counted = metrics.clone();
    let server = Server::new(&options, open)?
        .counting(Arc::new(move |tool, outcome| counted.call(tool, outcome)))
        .auditing(settings.access.audit().cloned());
    protect_process().map_err(ServeError::Shield)?;
    let signal = stop_signal().map_err(ServeError::Signals)?;
    let (asked, stopped) = (server.clone(), server.clone());
    let named = !settings.access.is_open();
    let snipara = snipara_routes(server.clone(), settings.access.clone());
    let http = HttpServer::bind(settings)
        .await?
        .with_metrics(metrics)
        .with_routes(snipara)
        .ready_when(move || ready(asked.clone()))
        .winding_up(async move { stop_runs(&stopped).await });
    listening(&http.url());
    let server = if named { server.for_named_senders() } else { server };
    http.serve_each(move || server.for_session(), signal).await;
    Ok(())
}

/// Tells whether the store can be opened. The error is the code only, because callers without a token read it.
async fn ready(server: Server) -> Result<(), String> {
    server.orchestrator().await.map(drop).map_err(|error| {
        tracing::warn!(error = %crate::domain::error_chain(&error), "not ready");
        error.code().to_owned()
    })
}
