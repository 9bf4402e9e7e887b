//! An HTTP server in this process, and plain requests to it.

use std::net::SocketAddr;

use rmcp::ServerHandler;
use serde_json::{Value, json};
use snipara_orchestrator::http::{HttpServer, HttpSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::patience::PATIENCE;

/// A server that runs until it is dropped or stopped.
pub struct HttpServed {
    pub address: SocketAddr,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl HttpServed {
    /// Serves a handler on a free port.
    pub async fn start<H: ServerHandler + Clone>(settings: HttpSettings, handler: H) -> Self {
        Self::over(HttpServer::bind(settings).await.expect("a server"), handler)
    }

    /// Serves a handler by a server that was made already.
    pub fn over<H: ServerHandler + Clone>(server: HttpServer, handler: H) -> Self {
        let (address, stop) = (server.address(), CancellationToken::new());
        let serving = tokio::spawn(server.serve(handler, stop.clone().cancelled_owned()));
        Self { address, stop, serving: Some(serving) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Stops the server and waits for its end.
    pub async fn stopped(mut self) {
        self.stop.cancel();
        let serving = self.serving.take().expect("it serves");
        tokio::time::timeout(PATIENCE, serving).await.expect("an end in time").expect("no panic");
    }
}

impl Drop for HttpServed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Told {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Told {
    /// Reads the body as JSON, or the first message of its events.
    pub fn json(&self) -> Value {
        let mut events = self.body.lines().filter_map(|line| line.strip_prefix("data:").map(str::trim));
        let text = events.rfind(|data| !data.is_empty()).unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }
}

/// Sends a request and reads the answer whole.
pub async fn told(request: reqwest::RequestBuilder) -> Told {
    let reading = async {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Told { status, headers, body: answer.text().await.expect("a body") }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an answer in time")
}

/// A message posted as clients of Streamable HTTP post it.
pub fn posting(url: &str, message: &Value) -> reqwest::RequestBuilder {
    posting_text(url, message.to_string())
}

/// Any text, posted as a message.
pub fn posting_text(url: &str, text: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(text)
}

/// The first message of a session.
pub fn initialize() -> Value {
    let client = json!({"name": "it", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
}

/// A request of the era of 2026-07-28.
pub fn modern(url: &str, method: &str, params: Value) -> reqwest::RequestBuilder {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().map(str::to_owned);
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let request = posting(url, &message).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
    match name {
        Some(name) => request.header("mcp-name", name),
        None => request,
    }
}

/// Sends bytes over a connection of their own and reads until the server closes it.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let speaking = async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(bytes).await.expect("written");
        let mut answer = Vec::new();
        // A reset after the answer is a close, too.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::time::timeout(PATIENCE, speaking).await.expect("a close in time")
}
