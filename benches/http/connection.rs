//! The smallest HTTP/1.1 client: one connection that is kept, one request at a time.
//!
//! It costs each server the same, and little: what is measured is the server.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What stands before a body.
pub(super) struct Head {
    pub(super) status: u16,
    /// The header `mcp-session-id`.
    pub(super) session: Option<String>,
    length: Length,
}

enum Length {
    Known(usize),
    Chunked,
}

pub(super) struct Connection {
    stream: TcpStream,
    read: BytesMut,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: BytesMut::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its whole answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(Head, Bytes)> {
        let head = self.begin(request).await?;
        let mut body = BytesMut::new();
        match head.length {
            Length::Known(length) => body = self.take(length).await?,
            Length::Chunked => {
                while let Some(chunk) = self.chunk().await? {
                    body.extend_from_slice(&chunk);
                }
            }
        }
        Ok((head, body.freeze()))
    }

    /// Sends a request and reads the head of its answer.
    pub(super) async fn begin(&mut self, request: &[u8]) -> anyhow::Result<Head> {
        self.stream.write_all(request).await?;
        let end = self.find(b"\r\n\r\n").await?;
        let text = self.take(end + 4).await?;
        let text = std::str::from_utf8(&text)?;
        let mut lines = text.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
        let mut head = Head { status, session: None, length: Length::Known(0) };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                head.length = Length::Known(value.parse()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                ensure!(value.eq_ignore_ascii_case("chunked"), "transfer-encoding is {value}");
                head.length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("mcp-session-id") {
                head.session = Some(value.to_owned());
            }
        }
        Ok(head)
    }

    /// Reads one chunk of a body that comes in chunks; nothing at its end.
    pub(super) async fn chunk(&mut self) -> anyhow::Result<Option<BytesMut>> {
        let end = self.find(b"\r\n").await?;
        let size = self.take(end + 2).await?;
        let size = usize::from_str_radix(std::str::from_utf8(&size)?.trim(), 16)?;
        let mut chunk = self.take(size + 2).await?;
        chunk.truncate(size);
        Ok((size > 0).then_some(chunk))
    }

    /// Tells where these bytes stand next.
    async fn find(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        loop {
            if let Some(place) = self.read.windows(bytes.len()).position(|window| window == bytes) {
                return Ok(place);
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> anyhow::Result<BytesMut> {
        while self.read.remaining() < length {
            self.more().await?;
        }
        Ok(self.read.split_to(length))
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the server closed the connection");
        Ok(())
    }
}
