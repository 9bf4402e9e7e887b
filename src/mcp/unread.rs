//! The answers that a client has not read yet, within a bound.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The most bytes of answers that wait for a client to read them: 64 MiB.
pub(super) const MOST_UNREAD_BYTES: usize = 64 * 1024 * 1024;
/// How much is handed to the client at once.
const CHUNK: usize = 64 * 1024;

/// Takes what rmcp writes at once, so that no answer waits where nobody counts it: rmcp begins to write each answer in a
/// task of its own, however many wait already.
pub(super) struct BoundedWriter {
    waiting: DuplexStream,
    unread: CancellationToken,
}

/// What becomes of an output.
#[derive(Debug, Clone, Default)]
pub(super) struct OutputSignals {
    /// A write failed: the client closed its side.
    pub(super) broken: CancellationToken,
    /// The client does not read, and the bound is reached.
    pub(super) unread: CancellationToken,
}

/// Puts a bound before an output. The task ends when everything is written after the writer was dropped.
pub(super) fn bounded<W>(output: W, bound: usize, signals: &OutputSignals) -> (BoundedWriter, JoinHandle<()>)
where
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (waiting, taken) = tokio::io::duplex(bound);
    let broken = signals.broken.clone();
    let writing = tokio::spawn(async move {
        if hand_on(taken, output).await.is_err() {
            broken.cancel();
        }
    });
    (BoundedWriter { waiting, unread: signals.unread.clone() }, writing)
}

async fn hand_on(mut taken: impl AsyncRead + Unpin, mut output: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = taken.read(&mut chunk).await?;
        let Some(bytes) = chunk.get(..length).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        output.write_all(bytes).await?;
        output.flush().await?;
    }
}

impl AsyncWrite for BoundedWriter {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.waiting).poll_write(context, bytes) {
            Poll::Pending => {
                this.unread.cancel();
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            written => written,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().waiting).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().waiting).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_fits_is_taken_at_once_and_handed_on_when_it_is_read() {
        let signals = OutputSignals::default();
        let (client, mut read) = tokio::io::duplex(16);
        let (mut writer, writing) = bounded(client, 1_000, &signals);
        writer.write_all(&[b'x'; 900]).await.expect("taken, though nobody reads");
        drop(writer);
        let mut all = Vec::new();
        read.read_to_end(&mut all).await.expect("read");
        writing.await.expect("it ends");
        assert_eq!(all.len(), 900);
        assert!(!signals.unread.is_cancelled() && !signals.broken.is_cancelled());
    }

    #[tokio::test]
    async fn more_than_the_bound_is_refused_and_told() {
        let signals = OutputSignals::default();
        let (client, _read) = tokio::io::duplex(16);
        let (mut writer, writing) = bounded(client, 1_000, &signals);
        assert!(writer.write_all(&[b'x'; 2_000_000]).await.is_err());
        assert!(signals.unread.is_cancelled());
        writing.abort();
    }

    #[tokio::test]
    async fn a_client_that_closed_its_side_is_told_of() {
        let signals = OutputSignals::default();
        let (client, read) = tokio::io::duplex(16);
        drop(read);
        let (mut writer, writing) = bounded(client, 1_000, &signals);
        writer.write_all(b"x").await.expect("taken");
        writing.await.expect("it ends");
        assert!(signals.broken.is_cancelled());
    }
}
