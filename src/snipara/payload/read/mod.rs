//! A host's answers read into domain types.
//!
//! Readers are lenient: nulls and wrong types count as absent, and both spellings are taken. A field that a host does not
//! send is left out or taken from the request. Readers fail only when a missing field cannot be replaced: the id of a new
//! object, or the requested list. Claims, evidence and verdicts are never invented.

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
