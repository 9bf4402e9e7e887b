//! A story that proves itself: a pretend production, and an agent that drives our own binary over MCP.
//!
//! Lives here: the production (axum, a loopback port), the repository with two builds, the client (rmcp, stdio), the
//! forger, and what is printed. Does not live here: anything of ours; the product is only reached as a client
//! reaches it, as a process that speaks MCP. `cli` calls [`run`]; `tests/it/demo.rs` holds the whole story,
//! `tests/it/imports/law.rs` that no room of ours is used.

mod agent;
mod builds;
mod error;
mod forgery;
mod production;
mod screen;
mod story;

pub use error::DemoError;
pub use story::{DemoOptions, run};
