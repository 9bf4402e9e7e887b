//! A reader that signals the end of its input at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
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
