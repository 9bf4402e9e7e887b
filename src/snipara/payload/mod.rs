//! The host's JSON as it is, both ways; every success is an object.
//!
//! Lives here: each answer as existing clients read it, both spellings where they differ (`content` and `text`,
//! `relevance` and `relevance_score`; snipara-contract.md §2), and reading a host's answers back into domain types.

mod context;
mod htask;
mod memory;
mod object;
mod swarm;

pub use context::context_answer;
pub use htask::{block_change, closed, completed, feature, htask, htask_created, next_batch, tree};
pub use memory::{forgotten, memory, memory_page, recalled, recalled_memory, remembered};
pub use object::Payload;
use object::object;
pub use swarm::{claim, event_page, left, member, members, released, state, state_written, swarm, swarm_event};
