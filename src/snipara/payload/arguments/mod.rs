//! A tool call's arguments read into requests, for whoever serves the published tools.
//!
//! Nulls are absent and unknown arguments are ignored (snipara-wire.md §1.8.2); both spellings of the older clients
//! are taken (`content` and `text`, `ttl_seconds` and `timeout_seconds`; snipara-wire.md §3). What a request may
//! hold is checked by its own `check()`, not here.

mod given;
mod htask;
mod swarm;

pub use htask::{
    attached_evidence, block, close, completion, new_feature, new_htask, next_query, task_ref, tree_query, unblock,
};

pub use swarm::swarm_id;
