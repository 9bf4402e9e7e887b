//! The routes of Snipara's own clients, over the same orchestrator as the MCP tools.
//!
//! Lives here: `POST /mcp/{project}` (JSON-RPC), `POST /v1/{project}/mcp` and `/api/mcp/{project}` (`{tool, params}`),
//! `GET /v1/{project}/automation` and `/capabilities`, in the envelopes and with the names that those clients know
//! (snipara-wire.md §1.8). Does not live here: the host's JSON itself (`snipara::payload`), any
//! rule about what a tool does (`orchestrator`), and who may call (`http::auth`).
//!
//! Invariants:
//! - every success is an object without nulls, and a failure is told in-band;
//! - unknown arguments are ignored here and nowhere else;
//! - only the server's own project answers;
//! - `--read-only` and `--tools` bound these names, too.

mod call;
mod documents;
mod failure;
mod json_rpc;
mod published;
mod rest;
mod route_kind;
mod router;

pub use router::snipara_routes;
