//! A production on loopback that deploys, breaks, slows, drips, hangs, lies, and records every request.
//!
//! Written over plain sockets, so that it can send what no web framework would.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the fake does with a request.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Answers at once.
    Normal,
    /// Sends the head, then one byte of the body every interval.
    Drip(Duration),
    /// Takes the request and never answers.
    Hang,
    /// Closes the connection without an answer, with a reset.
    Reset,
    /// Sends the head and this many times the body, chunk after chunk.
    Repeat(u64),
    /// Sends these bytes instead of an HTTP answer.
    Raw(Vec<u8>),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub behaviour: Behaviour,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), behaviour: Behaviour::Normal }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::status(status).header("content-type", "application/json").body(body.to_string())
    }

    pub fn text(status: u16, body: &str) -> Self {
        Self::status(status).header("content-type", "text/plain").body(body)
    }

    pub fn html(status: u16, body: &str) -> Self {
        Self::status(status).header("content-type", "text/html; charset=utf-8").body(body)
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[must_use]
    pub fn behaving(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }
}

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub method: String,
    /// Path and query, to the letter.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    /// By `/path [header]` first, then by `METHOD /path`, then by `/path`; each a queue whose last answer stays.
    routes: HashMap<String, Vec<Answer>>,
    fallback: Option<Answer>,
    received: Vec<Received>,
    answered: Vec<u16>,
    open: usize,
    most_open: usize,
}

/// The running fake; it stops when it is dropped.
pub struct Production {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

impl Production {
    /// Starts a production that answers 404 to everything.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }

    async fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                tokio::spawn(async move {
                    {
                        let mut state = state.lock().expect("unpoisoned");
                        state.open += 1;
                        state.most_open = state.most_open.max(state.open);
                    }
                    serve(stream, &state).await;
                    state.lock().expect("unpoisoned").open -= 1;
                });
            }
        });
        Self { address, state, accepting }
    }

    /// Starts a healthy production: `/health` passes, `/api/users` and `/api/orders` answer different JSON.
    pub async fn healthy() -> Self {
        Self::healthy_at("127.0.0.1:0").await
    }

    /// Starts a healthy production at an address of this machine.
    pub async fn healthy_at(address: &str) -> Self {
        let production = Self::start_at(address).await;
        production.answer("/health", Answer::json(200, &serde_json::json!({"status": "ok"})));
        production.answer("/api/users", Answer::json(200, &serde_json::json!({"users": ["ada"]})));
        production.answer("/api/orders", Answer::json(200, &serde_json::json!({"orders": [1, 2]})));
        production.answer("/api/cart", Answer::json(200, &serde_json::json!({"cart": {"items": 3}})));
        production
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn at(&self, target: &str) -> String {
        format!("{}{target}", self.url())
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers `route` (`/path` or `METHOD /path`, without query) from now on.
    pub fn answer(&self, route: &str, answer: Answer) {
        self.answers(route, vec![answer]);
    }

    /// Answers requests for `path` that carry this header (its name in lower case) from now on.
    pub fn answer_with(&self, path: &str, header: &str, answer: Answer) {
        self.answer(&format!("{path} [{header}]"), answer);
    }

    /// Answers `route` with these in turn; the last one stays.
    pub fn answers(&self, route: &str, answers: Vec<Answer>) {
        self.state.lock().expect("unpoisoned").routes.insert(route.to_owned(), answers);
    }

    /// Answers everything else with this; `{nonce}` in its body is another word in each answer.
    pub fn fallback(&self, answer: Answer) {
        self.state.lock().expect("unpoisoned").fallback = Some(answer);
    }

    /// Returns every request so far.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().expect("unpoisoned").received.clone()
    }

    /// Returns the status of every answer so far.
    pub fn answered(&self) -> Vec<u16> {
        self.state.lock().expect("unpoisoned").answered.clone()
    }

    /// Returns how many requests came for a path, whatever the query and method.
    pub fn count(&self, path: &str) -> usize {
        self.received().iter().filter(|request| request.target.split('?').next() == Some(path)).count()
    }

    /// Returns the most connections that were open at once.
    pub fn most_open(&self) -> usize {
        self.state.lock().expect("unpoisoned").most_open
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let head_only = request.method == "HEAD";
        let answer = choose(state, request);
        match answer.behaviour.clone() {
            Behaviour::Hang => {
                let mut rest = [0; 1024];
                while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
                return;
            }
            Behaviour::Reset => {
                #[expect(deprecated, reason = "a zero linger is exactly what sends a reset")]
                let _ = stream.set_linger(Some(Duration::ZERO));
                return;
            }
            Behaviour::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            behaviour => {
                if send(&mut stream, &answer, &behaviour, head_only).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn choose(state: &Mutex<State>, request: Received) -> Answer {
    let mut state = state.lock().expect("unpoisoned");
    let path = request.target.split('?').next().unwrap_or_default().to_owned();
    let mut keys: Vec<String> = request.headers.iter().map(|(name, _)| format!("{path} [{name}]")).collect();
    keys.extend([format!("{} {path}", request.method), path]);
    state.received.push(request);
    let known = keys.into_iter().find(|key| state.routes.contains_key(key));
    let answer = match known.and_then(|key| state.routes.get_mut(&key)) {
        Some(queue) if queue.len() > 1 => queue.remove(0),
        Some(queue) => queue[0].clone(),
        None => state.else_answered(),
    };
    state.answered.push(answer.status);
    answer
}

impl State {
    fn else_answered(&self) -> Answer {
        let Some(answer) = &self.fallback else { return Answer::text(404, "not found") };
        let nonce = format!("{:016x}", (self.received.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut answer = answer.clone();
        if let Ok(body) = std::str::from_utf8(&answer.body) {
            answer.body = body.replace("{nonce}", &nonce).into_bytes();
        }
        answer
    }
}

async fn send(stream: &mut TcpStream, answer: &Answer, behaviour: &Behaviour, head_only: bool) -> std::io::Result<()> {
    let times = if let Behaviour::Repeat(times) = behaviour { *times } else { 1 };
    let length = answer.body.len() as u64 * times;
    let mut head = format!("HTTP/1.1 {} X\r\ncontent-length: {length}\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    if head_only {
        return stream.flush().await;
    }
    match behaviour {
        Behaviour::Drip(interval) => {
            for byte in &answer.body {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(*interval).await;
            }
        }
        _ => {
            for _ in 0..times {
                stream.write_all(&answer.body).await?;
            }
        }
    }
    stream.flush().await
}

pub(super) async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let mut chunk = [0; 8192];
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        buffer.extend_from_slice(&chunk[..read]);
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    while buffer.len() < head_end + length {
        let mut chunk = [0; 8192];
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        buffer.extend_from_slice(&chunk[..read]);
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    Some(Received { method, target, headers, body })
}
