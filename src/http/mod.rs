//! MCP over HTTP: Streamable HTTP, the older HTTP+SSE, and what surrounds them.
//!
//! Lives here: the listener, the guards on every route, sessions, health, metrics, TLS. All of it is generic over
//! rmcp's `ServerHandler`: [`HttpServer::bind`], then [`HttpServer::serve`]. Does not live here: who may call
//! (`http::auth`) and what is called.
//!
//! Invariants: every request passes the guards, whatever its route; nothing from a request reaches the logs but its
//! method, its route and its status; a session belongs to one principal.

pub mod auth;
mod body;
mod cors;
mod error;
mod guard;
mod guarded_body;
mod health;
mod in_flight;
mod listener;
mod malloc_trim;
mod metrics;
mod refusal;
mod serve;
mod server;
mod sessions;
mod settings;
mod snipara_routes;
mod sse;
mod streamable;
mod tls;

pub use error::HttpError;
pub use metrics::Metrics;
pub use serve::{ServeError, serve_http};
pub use server::HttpServer;
pub use settings::{HttpLimits, HttpSettings, TlsFiles};
pub use snipara_routes::snipara_routes;
