//! The protocol: MCP for agents, over rmcp.
//!
//! Lives here: how the protocol lists and calls tools, the resources that answers link to with their subscriptions,
//! prompts, completion, the skill as it is served, the server around them, and serving over pipes. Does not live here:
//! the tools themselves ([`crate::tools`]), any rule about tasks, checks or proofs ([`crate::orchestrator`]), and HTTP
//! (`http`). Called by `http`, and by `cli` to serve and to print schemas. rmcp is used here, in `http` and in
//! `demo`.
//!
//! Invariants, held by `tests/it/mcp/`:
//! - standard output carries the protocol only;
//! - nothing is opened before the first call;
//! - unknown fields are refused;
//! - every call is answered, also when it panics;
//! - a verdict is at most 400 tokens.

mod caller;
mod completion;
mod concurrency;
mod elicitation;
mod failure;
mod handler;
mod identity;
mod left_out;
mod limits;
mod listing;
mod logging;
mod malformed_request;
mod method_scope;
mod methods;
mod options;
mod pagination;
mod pipe_signals;
mod progress;
mod prompts;
mod protocol_task;
mod protocol_version;
mod resources;
mod server;
mod skills;
mod stdio;
mod stop_signal;
mod subscriptions;
mod tool_call;
mod unread;

pub use identity::INSTRUCTIONS;
pub use limits::CallLimits;
pub use listing::tool_definitions;
pub(crate) use method_scope::method_scope;
pub use options::{ServerOptions, ServerOptionsError};
pub use server::{CallCounter, Opener, Server};
pub(crate) use stdio::stop_runs;
pub use stdio::{StdioError, serve_pipes, serve_stdio};
pub(crate) use stop_signal::stop_signal;
