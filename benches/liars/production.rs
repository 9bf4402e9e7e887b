//! The one production that tells every lie: a list of rules behind one or more addresses of this machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::answer::{Answer, bare};
use super::request::Request;
use super::rule::Rule;
use super::wire;

/// Where a production listens and by which name it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosting {
    /// 127.0.0.1.
    Address,
    /// A name that leads to 127.0.0.1 and 127.0.0.2.
    TwoNodes,
    /// [::1].
    SixAddress,
    /// A name that leads to [::1] only.
    SixName,
}

/// The name of productions that have one; it resolves nowhere but here (RFC 6761 §6.2).
const NAME: &str = "shop.test";

/// A running production; it stops when this is dropped.
pub(super) struct Production {
    hosting: Hosting,
    address: SocketAddr,
    accepting: Vec<JoinHandle<()>>,
    state: Arc<State>,
}

/// What production knows of the repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Built {
    /// The commit that was deployed last.
    pub build: String,
    /// The repository's HEAD.
    pub head: String,
}

struct State {
    deploys: AtomicU64,
    built: Mutex<Built>,
    rules: Vec<Rule>,
    connections: AtomicU64,
    asks: Mutex<HashMap<String, u64>>,
}

impl Production {
    pub(super) async fn start(hosting: Hosting, rules: Vec<Rule>) -> anyhow::Result<Self> {
        let state = Arc::new(State {
            deploys: AtomicU64::new(0),
            built: Mutex::default(),
            rules,
            connections: AtomicU64::new(0),
            asks: Mutex::default(),
        });
        let six = matches!(hosting, Hosting::SixAddress | Hosting::SixName);
        let first = TcpListener::bind(if six { "[::1]:0" } else { "127.0.0.1:0" }).await.context("a loopback port")?;
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        if hosting == Hosting::TwoNodes {
            listeners.push(TcpListener::bind(("127.0.0.2", address.port())).await.context("127.0.0.2")?);
        }
        let accepting = listeners.into_iter().enumerate();
        let accepting = accepting.map(|(node, listener)| tokio::spawn(accept(listener, node, state.clone()))).collect();
        Ok(Self { hosting, address, accepting, state })
    }

    /// Says where the repository stands.
    pub(super) fn see_head(&self, head: &str) {
        let mut built = self.state.built.lock().unwrap_or_else(PoisonError::into_inner);
        head.clone_into(&mut built.head);
        if built.build.is_empty() {
            head.clone_into(&mut built.build);
        }
    }

    /// Puts the next build in place: asks are counted anew.
    pub(super) fn deploy(&self) {
        let mut built = self.state.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.build = built.head.clone();
        self.state.deploys.fetch_add(1, Ordering::Relaxed);
        self.state.asks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns the address that the settings name.
    pub(super) fn url(&self) -> String {
        match self.hosting {
            Hosting::Address | Hosting::SixAddress => format!("http://{}", self.address),
            Hosting::TwoNodes | Hosting::SixName => format!("http://{NAME}:{}", self.address.port()),
        }
    }

    /// Returns host and port, as a list of allowed hosts has them.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Returns where the name leads, in the form of `--resolve`.
    pub(super) fn resolve(&self) -> Vec<String> {
        let port = self.address.port();
        let to = |address: &str| format!("{NAME}:{port}:{address}:{port}");
        match self.hosting {
            Hosting::Address | Hosting::SixAddress => Vec::new(),
            Hosting::TwoNodes => vec![to("127.0.0.1"), to("127.0.0.2")],
            Hosting::SixName => vec![to("[::1]")],
        }
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        self.accepting.iter().for_each(JoinHandle::abort);
    }
}

async fn accept(listener: TcpListener, node: usize, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = state.connections.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::spawn(serve(stream, node, connection, state.clone()));
    }
}

async fn serve(mut stream: TcpStream, node: usize, connection: u64, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(mut request) = wire::read_request(&mut stream, &mut buffer).await {
        (request.node, request.connection) = (node, connection);
        request.deploys = state.deploys.load(Ordering::Relaxed);
        request.count = {
            let mut asks = state.asks.lock().unwrap_or_else(PoisonError::into_inner);
            let count = asks.entry(request.path.clone()).or_default();
            *count += 1;
            *count
        };
        let answer =
            state.rules.iter().find(|rule| rule.fits(&request)).map_or_else(not_found, |rule| rule.answer.clone());
        if !wire::send(&mut stream, &request, &filled(answer, &request, &state.built())).await.unwrap_or(false) {
            return;
        }
    }
}

impl State {
    fn built(&self) -> Built {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn not_found() -> Answer {
    let mut answer = bare(404).header("content-type", "application/json");
    answer.body = br#"{"detail":"Not Found"}"#.to_vec();
    answer
}

/// Fills in what an answer says about its request.
fn filled(mut answer: Answer, request: &Request, built: &Built) -> Answer {
    if answer.body.windows(2).any(|pair| pair == b"{{")
        && let Ok(text) = std::str::from_utf8(&answer.body)
    {
        answer.body = fill(text, request, built).into_bytes();
    }
    for (_, value) in &mut answer.headers {
        *value = fill(value, request, built);
    }
    answer
}

fn fill(text: &str, request: &Request, built: &Built) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let origin = format!("http://{}", request.header("host").unwrap_or_default());
    text.replace("{{path}}", &request.path)
        .replace("{{count}}", &request.count.to_string())
        .replace("{{nonce}}", &uuid::Uuid::new_v4().simple().to_string())
        .replace("{{origin}}", &origin)
        .replace("{{build}}", &built.build)
        .replace("{{short}}", built.build.get(..7).unwrap_or_default())
        .replace("{{head}}", &built.head)
}
