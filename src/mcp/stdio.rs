//! MCP over a pair of pipes: one JSON-RPC message a line.

use std::future::Future;
use std::io;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::domain::AuditSink;
use crate::mcp::options::{ServerOptions, ServerOptionsError};
use crate::mcp::server::{Opener, Server};
use crate::orchestrator::protect_process;

use super::malformed_request::MalformedRequestReader;
use super::pipe_signals::EofSignal;
use super::stop_signal::stop_signal;
use super::unread::{MOST_UNREAD_BYTES, OutputSignals, bounded};

/// How long runs may take to write their end when the server stops.
const STOP: Duration = Duration::from_secs(20);
/// How long answers that are still on their way may take then; rmcp gives them five seconds.
const DRAIN: Duration = Duration::from_secs(7);

/// A server could not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StdioError {
    /// The options name something that does not exist; nothing was read.
    #[error(transparent)]
    Options(#[from] ServerOptionsError),
    /// The first messages were not MCP's, or could not be answered.
    #[error("the client did not open an MCP session")]
    Handshake(#[source] Box<ServerInitializeError>),
    /// The loop that serves failed.
    #[error("the server's loop failed")]
    Loop(#[source] tokio::task::JoinError),
    /// The client asks and does not read the answers.
    #[error("the client does not read: {} MiB of answers wait for it", MOST_UNREAD_BYTES / 1024 / 1024)]
    Unread,
    /// Signals cannot be watched.
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
    /// The process could not be shielded from its children (prctl(2), PR_SET_DUMPABLE).
    #[error("cannot clear PR_SET_DUMPABLE")]
    Shield(#[source] io::Error),
}

/// Serves MCP over standard input and output until the input ends, the output is closed, a client lets
/// too much unread, or a signal comes. Then it stops every run. Calls are written into `audit`.
///
/// # Errors
/// When the options name an unknown tool or toolset (before anything is read), when no session is opened, or when
/// signals cannot be watched.
pub async fn serve_stdio(options: ServerOptions, open: Opener, audit: Option<AuditSink>) -> Result<(), StdioError> {
    let server = Server::new(&options, open)?.auditing(audit);
    protect_process().map_err(StdioError::Shield)?;
    let signal = stop_signal().map_err(StdioError::Signals)?;
    let (reader, writer) = stdio_pipes();
    serve(server, reader, writer, signal).await
}

/// Serves MCP over any pair of pipes until the input ends.
///
/// # Errors
/// As [`serve_stdio`].
pub async fn serve_pipes<R, W>(options: ServerOptions, open: Opener, reader: R, writer: W) -> Result<(), StdioError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    serve(Server::new(&options, open)?, reader, writer, std::future::pending()).await
}

async fn serve<R, W>(
    server: Server,
    reader: R,
    writer: W,
    signal: impl Future<Output = ()> + Send,
) -> Result<(), StdioError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let ended = CancellationToken::new();
    let signals = OutputSignals::default();
    let stop = CancellationToken::new();
    let (output, writing) = bounded(writer, MOST_UNREAD_BYTES, &signals);
    let pipes = (MalformedRequestReader::new(EofSignal::new(reader, ended.clone())), output);
    let serving = async {
        match server.clone().serve_with_ct(pipes, stop.clone()).await {
            Ok(running) => running.waiting().await.map(drop).map_err(StdioError::Loop),
            // It is not a failure when a client leaves, or a signal comes, before the first message.
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
            Err(error) => Err(StdioError::Handshake(Box::new(error))),
        }
    };
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => {
            stop_runs(&server).await;
            return written(&signals, writing, served).await;
        }
        () = ended.cancelled() => {}
        () = signals.broken.cancelled() => stop.cancel(),
        () = signals.unread.cancelled() => stop.cancel(),
        () = signal => stop.cancel(),
    }
    let drained = async { tokio::time::timeout(DRAIN, &mut serving).await };
    let (drained, ()) = futures_util::future::join(drained, stop_runs(&server)).await;
    written(&signals, writing, drained.unwrap_or(Ok(()))).await
}

/// Waits, for a while, until the last answers are written; not for a client that does not read.
async fn written(
    signals: &OutputSignals,
    mut writing: JoinHandle<()>,
    served: Result<(), StdioError>,
) -> Result<(), StdioError> {
    if signals.unread.is_cancelled() {
        writing.abort();
        return Err(StdioError::Unread);
    }
    if tokio::time::timeout(DRAIN, &mut writing).await.is_err() {
        writing.abort();
    }
    served
}

/// Stops every run and waits, for a while, until each has written its end.
pub(crate) async fn stop_runs(server: &Server) {
    if tokio::time::timeout(STOP, server.shut_down()).await.is_err() {
        tracing::warn!("runs did not end in time; the next call will find them interrupted");
    }
}
