//! Sessions that share one client's connections, as a gateway's do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::http_served::{Told, initialize, modern, told};
use crate::support::patience::PATIENCE;

/// How many callers ask at once.
pub(super) const CALLERS: usize = 64;

/// A session of 2025-11-25.
#[derive(Clone)]
pub(super) struct Session {
    client: reqwest::Client,
    url: String,
    id: String,
    /// Counts requests: each has an id of its own.
    asked: Arc<AtomicU64>,
}

impl Session {
    pub(super) async fn open(client: &reqwest::Client, url: &str) -> Self {
        let opening = Self { client: client.clone(), url: url.to_owned(), id: String::new(), asked: Arc::default() };
        let opened = told(opening.post(&initialize())).await;
        let id = opened.header("mcp-session-id").unwrap_or_else(|| panic!("a session in {opened:?}")).to_owned();
        let session = Self { id, ..opening };
        told(session.post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))).await;
        session
    }

    /// Opens the stream on which the server may speak by itself; nothing has to come.
    pub(super) async fn listen(&self) -> reqwest::Response {
        let asking =
            self.client.get(&self.url).header("accept", "text/event-stream").header("mcp-session-id", &self.id);
        let stream = tokio::time::timeout(PATIENCE, asking.send()).await.expect("in time").expect("a stream");
        assert_eq!(stream.status(), 200);
        stream
    }

    /// Prepares a call of a tool.
    pub(super) fn calling(&self, tool: &str, arguments: &Value) -> reqwest::RequestBuilder {
        let params = json!({"name": tool, "arguments": arguments});
        let id = self.asked.fetch_add(1, Ordering::Relaxed) + 2;
        self.post(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}))
    }

    pub(super) async fn close(self) {
        let ending = self.client.delete(&self.url).header("mcp-session-id", &self.id);
        assert_eq!(told(ending).await.status, 204);
    }

    fn post(&self, message: &Value) -> reqwest::RequestBuilder {
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(message.to_string());
        if self.id.is_empty() { request } else { request.header("mcp-session-id", &self.id) }
    }
}

/// Opens so many sessions, [`CALLERS`] at once.
pub(super) async fn open(client: &reqwest::Client, url: &str, count: usize) -> Vec<Session> {
    let opening = (0..count).map(|_| Session::open(client, url));
    futures_util::stream::iter(opening).buffer_unordered(CALLERS).collect().await
}

/// Remembers a text; returns the id that the server acknowledged.
pub(super) fn remembered(answer: &Told) -> String {
    let answer = answer.json();
    let id = answer["result"]["structuredContent"]["memory_id"].as_str();
    id.unwrap_or_else(|| panic!("an id in {answer}")).to_owned()
}

/// A call in the era without sessions, on a connection of its own.
pub(super) fn calling(url: &str, tool: &str, arguments: Value) -> reqwest::RequestBuilder {
    modern(url, "tools/call", json!({"name": tool, "arguments": arguments}))
}
