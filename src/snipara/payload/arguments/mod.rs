//! A tool call's arguments read into requests, for whoever serves the published tools.
//!
//! Nulls are absent and unknown arguments are ignored (snipara-wire.md §1.8.2); both spellings of the older clients
//! are taken (`content` and `text`, `ttl_seconds` and `timeout_seconds`; snipara-wire.md §3). What a request may
//! hold is checked by its own `check()`, not here.

mod context;
mod given;
mod swarm;

pub use context::context_query;
pub use swarm::{broadcast, claim, event_query, join, leave, new_swarm, release, set_state, state_key, swarm_id};
