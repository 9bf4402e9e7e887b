//! The loop that accepts connections, and each connection's bounds.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::auth::Peer;
use super::error::HttpError;
use super::malloc_trim::MemoryRelease;
use super::metrics::Metrics;
use super::settings::HttpLimits;
use crate::reload::Reloading;

/// The most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
/// How many connections may wait to be accepted. With tokio's default, a rush of connections waits a second for each
/// one that did not fit. The system has a bound of its own (`net.core.somaxconn`).
const BACKLOG: u32 = 4_096;
/// How many connections beyond the cap get a 503 at once. The rest are closed without an answer.
const REFUSALS: usize = 64;
/// How long a connection beyond the cap may take to send its request before it gets its 503.
const REFUSAL: Duration = Duration::from_secs(1);
/// The whole answer to a connection beyond the cap.
const RESPONSE_503: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
                      content-type: text/plain\r\ncontent-length: 42\r\n\r\ntoo many connections: try again in a while";
/// How many descriptors are kept for everything that is not a connection.
#[cfg(unix)]
const OTHER_DESCRIPTORS: usize = 128;
/// How long to wait when the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens at an address.
///
/// # Errors
/// When another program listens there, or when the address does not belong to this machine.
pub(super) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), HttpError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => HttpError::InUse { address },
        _ => HttpError::Bind { address, source },
    };
    let listener = listening(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn listening(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As tokio's own listener does. On Windows the option would let another program listen there, too.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The open connections.
pub(super) struct Connections {
    router: Router,
    tls: Option<Reloading<TlsAcceptor>>,
    limits: HttpLimits,
    metrics: Metrics,
    memory: MemoryRelease,
    room: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Cancelled when no more requests are taken: each connection ends after its present answer.
    closing: CancellationToken,
    /// Cancelled when the time for the last answers is over.
    cut: CancellationToken,
}

impl Connections {
    pub(super) fn new(
        router: Router,
        tls: Option<Reloading<TlsAcceptor>>,
        limits: HttpLimits,
        metrics: Metrics,
        memory: MemoryRelease,
    ) -> Self {
        Self {
            router,
            tls,
            limits,
            metrics,
            memory,
            room: Arc::new(Semaphore::new(connection_limit(limits.connections))),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Accepts connections until `stop` ends; the address is free then.
    pub(super) async fn accept(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => self.start(stream, Peer::new(address.ip())),
                Err(error) => {
                    // A connection that broke before it was open does no harm, and a lack of descriptors passes.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.closing.cancel();
    }

    /// Waits for so long until every connection has ended, then cuts the rest.
    pub(super) async fn drain(&self, time: Duration) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(time, self.tasks.wait()).await.is_err() {
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }

    fn start(&self, stream: TcpStream, peer: Peer) {
        // An answer in two writes would wait for the other side's acknowledgement: 40 ms a call.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        let (closing, cut) = (self.closing.clone(), self.cut.clone());
        let tls = self.tls.as_ref().map(|tls| TlsAcceptor::clone(&tls.get()));
        if let Ok(room) = self.room.clone().try_acquire_owned() {
            let counting = self.metrics.connection();
            let (limits, memory) = (self.limits, self.memory.clone());
            let router = Noting { router: self.router.clone(), peer };
            self.tasks.spawn(async move {
                // A connection that asks nothing costs its task only: hyper's buffers of 14 KiB come later.
                if wait_first_byte(&stream, limits.headers, &closing).await {
                    match tls {
                        None => Box::pin(serve_connection(stream, router, limits, closing, cut)).await,
                        Some(tls) => Box::pin(serve_tls_connection(tls, stream, router, limits, closing, cut)).await,
                    }
                }
                drop((room, counting));
                memory.note();
            });
            return;
        }
        self.metrics.refused_connection();
        match self.refusals.clone().try_acquire_owned() {
            Ok(turn) => drop(self.tasks.spawn(async move {
                tokio::select! {
                    () = refuse(stream, tls) => {}
                    () = closing.cancelled() => {}
                }
                drop(turn);
            })),
            // Too many at once to wait for their requests. A TLS client is only closed, as it expects a handshake.
            Err(_) if tls.is_none() => respond_503_at_once(stream),
            Err(_) => {}
        }
    }
}

/// The router, which is told with each request who is at the other end.
#[derive(Clone)]
struct Noting {
    router: Router,
    peer: Peer,
}

impl Service<Request<Incoming>> for Noting {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Incoming>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}

/// Waits for a client's first byte. Tells `false` when it takes too long, or when no more requests are taken.
async fn wait_first_byte(stream: &TcpStream, time: Duration, closing: &CancellationToken) -> bool {
    // The byte stays in the stream. `readable()` would not do: tokio reports a new stream as readable without knowing.
    let mut first = [0];
    tokio::select! {
        said = tokio::time::timeout(time, stream.peek(&mut first)) => matches!(said, Ok(Ok(1..))),
        () = closing.cancelled() => false,
    }
}

/// Does the TLS handshake, then answers the connection's requests.
async fn serve_tls_connection(
    tls: TlsAcceptor,
    stream: TcpStream,
    router: Noting,
    limits: HttpLimits,
    closing: CancellationToken,
    cut: CancellationToken,
) {
    let handshake = tokio::select! {
        handshake = tls_handshake(tls, stream, limits.headers) => handshake,
        () = closing.cancelled() => None,
    };
    if let Some(stream) = handshake {
        serve_connection(stream, router, limits, closing, cut).await;
    }
}

/// Answers one connection's requests until it ends.
async fn serve_connection<I>(
    stream: I,
    router: Noting,
    limits: HttpLimits,
    closing: CancellationToken,
    cut: CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // A client that never reads its answer would hold its connection for ever.
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(limits.reading));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = cut.cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        // Clients hang up, time out and send nonsense. The server cannot mend any of it.
        tracing::debug!(%error, "a connection broke");
    }
}

/// Answers 503 on a connection beyond the cap, within bounds of time.
async fn refuse(stream: TcpStream, tls: Option<TlsAcceptor>) {
    let saying = async {
        match tls {
            None => respond_503(stream).await,
            Some(tls) => match tls_handshake(tls, stream, REFUSAL).await {
                Some(stream) => respond_503(stream).await,
                None => Ok(()),
            },
        }
    };
    if let Ok(Err(error)) = tokio::time::timeout(2 * REFUSAL, saying).await {
        tracing::debug!(%error, "a connection beyond the cap broke");
    }
}

/// Answers 503 to a request, or after a while to a client that has not sent one.
async fn respond_503<I>(mut stream: I) -> io::Result<()>
where
    I: AsyncRead + AsyncWrite + Send + Unpin,
{
    // The request does not matter, but unread bytes would make the system reset the connection before the answer.
    let mut asked = [0; 8 * 1024];
    if let Ok(read) = tokio::time::timeout(REFUSAL, stream.read(&mut asked)).await {
        read?;
    }
    stream.write_all(RESPONSE_503).await?;
    stream.shutdown().await
}

/// Answers 503 without waiting, as far as the system's buffer takes it.
fn respond_503_at_once(stream: TcpStream) {
    use std::io::Write;
    let said = stream.into_std().and_then(|mut stream| stream.write_all(RESPONSE_503));
    if let Err(error) = said {
        tracing::debug!(%error, "a connection beyond the cap broke");
    }
}

/// Does the TLS handshake. Returns nothing when it fails or takes too long.
async fn tls_handshake(tls: TlsAcceptor, stream: TcpStream, time: Duration) -> Option<TlsStream<TcpStream>> {
    match tokio::time::timeout(time, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

/// Returns how many connections there can be: each takes a descriptor, and runs and the store need some, too.
#[cfg(unix)]
fn connection_limit(wanted: usize) -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    let descriptors = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(OTHER_DESCRIPTORS).max(1);
    if most < wanted {
        tracing::info!(most, wanted, "fewer connections are let in: `ulimit -n` leaves no more descriptors");
    }
    wanted.min(most).min(Semaphore::MAX_PERMITS)
}

#[cfg(not(unix))]
fn connection_limit(wanted: usize) -> usize {
    wanted.min(Semaphore::MAX_PERMITS)
}
