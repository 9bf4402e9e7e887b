//! A reader that makes every request answerable, even one that is not valid JSON.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

use crate::domain::one_line;
use crate::mcp::methods::UNREADABLE;

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// Passes lines through. A request that serde_json cannot read is replaced by one that says so, under its own id.
///
/// rmcp answers a line that it cannot read without an id. A client that wrote half of a surrogate pair, or 200 nested
/// arrays, would wait for ever.
pub(super) struct MalformedRequestReader<R> {
    inner: R,
    line: Vec<u8>,
    ready: VecDeque<u8>,
    ended: bool,
}

impl<R> MalformedRequestReader<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self { inner, line: Vec::new(), ready: VecDeque::new(), ended: false }
    }

    /// Takes in the bytes that were read. Whole lines become ready.
    fn take_in(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (head, rest) = bytes.split_at(end + 1);
            self.line.extend_from_slice(head);
            bytes = rest;
            let line = std::mem::take(&mut self.line);
            self.ready.extend(stand_in(&line).unwrap_or(line));
        }
        self.line.extend_from_slice(bytes);
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for MalformedRequestReader<R> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.ready.is_empty() && !this.ended {
            let mut chunk = [0; CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                this.ended = true;
                this.ready.extend(std::mem::take(&mut this.line));
            } else {
                this.take_in(read.filled());
            }
        }
        let (first, _) = this.ready.as_slices();
        let length = first.len().min(buffer.remaining());
        buffer.put_slice(&first[..length]);
        this.ready.drain(..length);
        Poll::Ready(Ok(()))
    }
}

/// The id of a request. serde_json skips all other fields without recursion.
#[derive(Deserialize)]
struct IdOnly {
    id: Value,
}

/// Returns the request that replaces one that cannot be read. Returns nothing when the line can be read, or when it is
/// not a request.
fn stand_in(line: &[u8]) -> Option<Vec<u8>> {
    let reason = serde_json::from_slice::<Value>(line).err()?.to_string();
    let IdOnly { id } = serde_json::from_slice(line).ok()?;
    if !(id.is_string() || id.is_number()) {
        return None;
    }
    let reason = one_line(&reason, 120);
    let request = json!({"jsonrpc": "2.0", "id": id, "method": UNREADABLE, "params": {"reason": reason}});
    Some(format!("{request}\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn through(input: &[u8]) -> String {
        let mut output = String::new();
        MalformedRequestReader::new(input).read_to_string(&mut output).await.expect("read");
        output
    }

    #[tokio::test]
    async fn what_can_be_read_and_what_is_no_request_is_passed_through() {
        for input in ["", "{\"id\":1}\n", "not json\n\n", "{\"id\":1}\n{\"id\":2", "{\"method\":\"\\ud83d\"}\n"] {
            assert_eq!(through(input.as_bytes()).await, input);
        }
        let long = format!("{{\"id\":1,\"text\":\"{}\"}}\n", "é".repeat(3 * CHUNK));
        assert_eq!(through(long.as_bytes()).await, long);
    }

    #[tokio::test]
    async fn a_request_that_cannot_be_read_keeps_its_id() {
        let deep = format!("{{\"id\":\"a\",\"params\":{}{}}}\n{{\"id\":8}}\n", "[".repeat(5000), "]".repeat(5000));
        let told = through(deep.as_bytes()).await;
        assert!(told.contains("\"id\":\"a\"") && told.contains(UNREADABLE) && told.contains("recursion"), "{told}");
        assert!(told.ends_with("{\"id\":8}\n"), "{told}");
        let told = through(b"{\"id\":7,\"params\":{\"title\":\"\\ud83d\"}}\n").await;
        assert!(told.contains("\"id\":7") && told.contains("hex escape"), "{told}");
    }
}
