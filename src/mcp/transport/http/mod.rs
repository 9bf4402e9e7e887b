//! MCP over HTTP: Streamable HTTP, the older HTTP+SSE, and what surrounds them.
//!
//! Lives here: the listener, the guards on every route, sessions, health, metrics, TLS. All of it is generic over
//! rmcp's `ServerHandler`: [`HttpServer::bind`], then [`HttpServer::serve`]. Does not live here: who may call
//! (`mcp::access`) and what is called.
//!
//! Invariants: every request passes the guards, whatever its route; nothing from a request reaches the logs but its
//! method, its route and its status; a session belongs to one principal.

mod body;
mod cors;
mod error;
mod exchange;
mod guard;
mod health;
mod listener;
mod metrics;
mod read;
mod refusal;
mod rush;
mod server;
mod sessions;
mod settings;
mod sse;
mod streamable;
mod tls;

pub(super) use body::is_too_large;
pub use error::HttpError;
pub use metrics::Metrics;
pub use server::HttpServer;
pub use settings::{HttpLimits, HttpSettings, TlsFiles};
pub(super) use streamable::says_json;
