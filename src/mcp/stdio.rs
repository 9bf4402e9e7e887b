//! MCP over a pair of pipes: one JSON-RPC message a line.

use std::future::Future;
use std::io;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::mcp::options::{ServerOptions, ServerOptionsError};
use crate::mcp::server::{Opener, Server};
use crate::orchestrator::protect_process;

use super::malformed_request::MalformedRequestReader;
use super::pipe_signals::{EofSignal, WriteErrorSignal};
use super::stop_signal::stop_signal;

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
    /// Signals cannot be watched.
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
    /// The process could not be shielded from its children (prctl(2), PR_SET_DUMPABLE).
    #[error("cannot clear PR_SET_DUMPABLE")]
    Shield(#[source] io::Error),
}

/// Serves MCP over standard input and output until the input ends, the output is closed, or a signal comes. Then it stops
/// every run.
///
/// # Errors
/// When the options name an unknown tool or toolset (before anything is read), when no session is opened, or when
/// signals cannot be watched.
pub async fn serve_stdio(options: ServerOptions, open: Opener) -> Result<(), StdioError> {
    let server = Server::new(&options, open)?;
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
    let broken = CancellationToken::new();
    let stop = CancellationToken::new();
    let pipes = (
        MalformedRequestReader::new(EofSignal::new(reader, ended.clone())),
        WriteErrorSignal::new(writer, broken.clone()),
    );
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
            return served;
        }
        () = ended.cancelled() => {}
        () = broken.cancelled() => stop.cancel(),
        () = signal => stop.cancel(),
    }
    let drained = async { tokio::time::timeout(DRAIN, &mut serving).await };
    let (drained, ()) = futures_util::future::join(drained, stop_runs(&server)).await;
    drained.unwrap_or(Ok(()))
}

/// Stops every run and waits, for a while, until each has written its end.
pub(crate) async fn stop_runs(server: &Server) {
    if tokio::time::timeout(STOP, server.shut_down()).await.is_err() {
        tracing::warn!("runs did not end in time; the next call will find them interrupted");
    }
}
