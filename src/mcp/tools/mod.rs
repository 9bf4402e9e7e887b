//! The tools, one file a toolset; their routers add up.
//!
//! A toolset's file holds what its tools take (`…Params`, whose docs are the schema), what they answer, and bodies
//! of a few lines that call the orchestrator; the verbs of a large toolset lie in several files, and its router adds
//! theirs up. Tools over Snipara's verbs answer the host's payload as it is (`told`). A new toolset adds its router to `routes` and its tools to `listed`.

mod answers;
mod catalog;
mod context;
mod hosted;
mod htask;
mod htask_change;
mod htask_complete;
mod htask_create;
mod htask_tree;
mod live_check;
mod memory;
mod memory_forget;
mod proofs;
mod swarm;
mod swarm_claim;
mod swarm_events;
mod swarm_state;
mod told;
mod validate;

pub use catalog::tool_definitions;
pub(crate) use catalog::{HOSTED, Listed, TOOLSETS, listed, routes};
