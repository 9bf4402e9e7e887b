//! A story that proves itself: a pretend production, and an agent that drives our own binary over MCP.
//!
//! Lives here: the production (axum, a loopback port), the repository with two builds, the client (rmcp, stdio), the
//! forgery, and the printed story. Does not live here: any room of the product. The demo reaches the product only as a
//! client does, as a process that speaks MCP. `cli` calls [`run`]; `tests/it/demo.rs` holds the whole story,
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
