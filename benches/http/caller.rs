//! One client of a server: a session, and one call after another.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use bytes::BytesMut;

use super::connection::Connection;
use super::contender::{Call, INITIALIZE, INITIALIZED, Transport};

/// A client with a session of its own.
pub(super) struct Caller {
    requests: Connection,
    /// The stream on which answers come, where they don't come to the request.
    events: Option<Events>,
    /// Everything of a request's head but its body's length.
    head: String,
    request: String,
    calls: u64,
}

struct Events {
    connection: Connection,
    read: BytesMut,
}

impl Caller {
    /// Connects and shakes hands.
    pub(super) async fn open(transport: Transport, address: SocketAddr) -> anyhow::Result<Self> {
        let mut caller = Self {
            requests: Connection::open(address).await?,
            events: None,
            head: head(address, "POST", "/mcp"),
            request: String::new(),
            calls: 0,
        };
        if transport == Transport::Sse {
            let mut connection = Connection::open(address).await?;
            let asked = format!("{}\r\n", head(address, "GET", "/sse"));
            let answered = connection.begin(asked.as_bytes()).await?;
            ensure!(answered.status == 200, "GET /sse was answered {}", answered.status);
            let mut events = Events { connection, read: BytesMut::new() };
            caller.head = head(address, "POST", &events.next().await?);
            caller.events = Some(events);
        }
        let session = caller.send(INITIALIZE, Some("serverInfo")).await?;
        if let Some(session) = session {
            caller.head.push_str(&format!("mcp-session-id: {session}\r\n"));
        }
        if caller.events.is_none() {
            caller.head.push_str("mcp-protocol-version: 2025-11-25\r\n");
        }
        caller.send(INITIALIZED, None).await?;
        Ok(caller)
    }

    /// Makes one call and waits for its whole answer.
    pub(super) async fn call(&mut self, call: &Call) -> anyhow::Result<()> {
        self.calls += 1;
        let message = call.message(self.calls);
        self.send(&message, Some(&call.expected)).await.map(drop)
    }

    /// Ends the session; who leaves it open would slow the server down for the next.
    pub(super) async fn close(mut self) -> anyhow::Result<()> {
        if self.events.is_none() {
            let request = format!("{}content-length: 0\r\n\r\n", self.head.replacen("POST", "DELETE", 1));
            self.requests.exchange(request.as_bytes()).await?;
        }
        Ok(())
    }

    /// Posts a message and waits for its answer, which must hold a text; answers the session that it names.
    async fn send(&mut self, message: &str, expected: Option<&str>) -> anyhow::Result<Option<String>> {
        self.request.clear();
        self.request.push_str(&self.head);
        self.request.push_str(&format!("content-length: {}\r\n\r\n{message}", message.len()));
        let (head, body) = self.requests.exchange(self.request.as_bytes()).await?;
        ensure!(matches!(head.status, 200 | 202), "{} to {message}: {}", head.status, String::from_utf8_lossy(&body));
        let Some(expected) = expected else { return Ok(head.session) };
        let streamed = match &mut self.events {
            Some(events) => Some(events.next().await?),
            None => None,
        };
        let answer = match &streamed {
            Some(event) => event,
            None => std::str::from_utf8(&body)?,
        };
        ensure!(answer.contains(expected), "no {expected} in the answer to {message}: {answer}");
        Ok(head.session)
    }
}

impl Events {
    /// Returns the next event's data.
    async fn next(&mut self) -> anyhow::Result<String> {
        loop {
            while let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(end + 1);
                // Each message of MCP is one line of data; the rest is names, comments and ends.
                if let Some(data) = std::str::from_utf8(&line)?.strip_prefix("data:") {
                    return Ok(data.trim().to_owned());
                }
            }
            let chunk = self.connection.chunk().await?.context("the stream of events ended")?;
            self.read.extend_from_slice(&chunk);
        }
    }
}

fn head(address: SocketAddr, method: &str, path: &str) -> String {
    let accept = if method == "GET" { "text/event-stream" } else { "application/json, text/event-stream" };
    format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept: {accept}\r\ncontent-type: application/json\r\n")
}
