//! What an HTTP server is told at its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::http::auth::Access;

/// How an HTTP server is reached, and its bounds.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The address to listen at; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Whether no state is kept between requests, so that any replica can answer.
    pub stateless: bool,
    /// `HOST[:PORT]`s of the `Host` header that are let in beside loopback's names and the bound address.
    pub allowed_hosts: Vec<String>,
    /// Who may call. A server that asks for no token listens on loopback only.
    pub access: Arc<Access>,
    /// The certificate and its key. Without them the server speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Origins of web pages that may call, such as `https://app.example.com`, beside those on loopback.
    pub allowed_origins: Vec<String>,
    /// The bounds.
    pub limits: HttpLimits,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            stateless: false,
            access: Arc::new(Access::open()),
            tls: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            limits: HttpLimits::default(),
        }
    }
}

/// The files of a server's certificate. Both are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead to its authority, as PEM.
    pub certificate: PathBuf,
    /// The key, as PEM.
    pub key: PathBuf,
}

/// Bounds on what callers may use; neither hyper nor rmcp has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// How many connections are open at once. More are answered 503.
    pub connections: usize,
    /// How many sessions there are at once, over both transports; more are answered 503. One named owner gets a
    /// quarter of them.
    pub sessions: usize,
    /// How long a session may be silent before it is forgotten.
    pub session_idle: Duration,
    /// How long a session may be open before its client says `initialize`.
    pub initialize: Duration,
    /// How long a request's headers may take, and how long a connection may be idle.
    pub headers: Duration,
    /// How long a request's body may take.
    pub body: Duration,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a client may take to read the next part of its answer.
    pub reading: Duration,
    /// How long the last answers may take when the server stops.
    pub drain: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            sessions: 1000,
            session_idle: Duration::from_secs(30 * 60),
            initialize: Duration::from_secs(30),
            headers: Duration::from_secs(30),
            body: Duration::from_secs(30),
            body_bytes: 4 * 1024 * 1024,
            reading: Duration::from_secs(60),
            drain: Duration::from_secs(7),
        }
    }
}
