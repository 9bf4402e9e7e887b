//! Reads the arguments of a tool call into requests, for servers of the published tools.
//!
//! Nulls are absent and unknown arguments are ignored (snipara-wire.md §1.8.2); both spellings of the older clients
//! are taken (`content` and `text`, `ttl_seconds` and `timeout_seconds`; snipara-wire.md §3). The content of a
//! request is checked by its own `check()` and not here.

mod context;
mod given;
mod htask;
mod swarm;

pub use context::context_query;
pub use htask::{
    attached_evidence, block, close, completion, new_feature, new_htask, next_query, task_ref, tree_query, unblock,
};

pub use swarm::{broadcast, claim, event_query, join, leave, new_swarm, release, set_state, state_key, swarm_id};
