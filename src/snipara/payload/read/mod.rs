//! A host's answers read into domain types.
//!
//! Readers are lenient: nulls and wrong types are absent, both spellings are taken, what a host does not tell is left
//! out or taken from what was asked. They fail only where nothing can stand for what is missing: the id of something
//! that was made, the list that was asked for. Nothing is invented: no claim, no evidence, no verdict.

mod context;
mod fields;
mod htask;
mod memory;
mod missing;
mod swarm;

pub use context::context_answer;
pub use htask::{
    audit_trail, block_change, closed, completed, evidence, feature, htask, htask_created, next_batch, tree,
};
pub use memory::{forgotten, memory_changed, memory_page, recalled, remembered};
pub use swarm::{claim, event_page, left, member, members, released, state, state_written, swarm, swarm_event};

use fields::Fields;
pub use missing::Missing;
use missing::missing;
