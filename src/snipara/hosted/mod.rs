//! The Snipara service as a neighbour: JSON-RPC at `{snipara_api_url}/mcp/{project}`.

mod client;
mod context;
mod htasks;
mod memories;
mod swarms;

pub use client::{HostedClient, HostedSettings};
