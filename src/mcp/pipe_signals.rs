//! A reader that signals the end of its input at once, and a writer that signals a failed write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

/// Passes everything through and cancels `ended` at the end of the input.
///
/// rmcp lets calls go on for seconds after the end so that their answers can be sent. Runs must stop at once.
pub(super) struct EofSignal<R> {
    inner: R,
    ended: CancellationToken,
}

impl<R> EofSignal<R> {
    pub(super) const fn new(inner: R, ended: CancellationToken) -> Self {
        Self { inner, ended }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for EofSignal<R> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(context, buffer);
        match &read {
            Poll::Ready(Ok(())) if buffer.filled().len() > before || buffer.remaining() == 0 => {}
            Poll::Ready(_) => this.ended.cancel(),
            Poll::Pending => {}
        }
        read
    }
}

/// Passes everything through and cancels `broken` when a write fails.
///
/// rmcp logs a failed write and goes on, so a run would continue for a client that closed only its side of the output.
pub(super) struct WriteErrorSignal<W> {
    inner: W,
    broken: CancellationToken,
}

impl<W> WriteErrorSignal<W> {
    pub(super) const fn new(inner: W, broken: CancellationToken) -> Self {
        Self { inner, broken }
    }

    fn watched<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(written, Poll::Ready(Err(_))) {
            self.broken.cancel();
        }
        written
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for WriteErrorSignal<W> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.watched(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(context);
        this.watched(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}
