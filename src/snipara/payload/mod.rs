//! The host's JSON, written and read. Every success is an object.
//!
//! Lives here: each answer as existing clients read it, both spellings where they differ (`content` and `text`,
//! `relevance` and `relevance_score`; snipara-wire.md §2), failures as they are told in-band ([`error()`]), and reading a
//! host's answers ([`read`]). Does not live here: what is asked, which the requests of the domain say themselves.

mod context;
mod error;
mod htask;
mod memory;
mod object;
pub mod read;
mod swarm;

pub use context::context_answer;
pub use error::{error, read_error};
pub(in crate::snipara) use error::{is_failure, message_of};
pub use htask::{audit_trail, block_change, closed, completed, feature, htask, htask_created, next_batch, tree};
pub use memory::{
    forgotten, memory, memory_invalidated, memory_page, memory_superseded, recalled, recalled_memory, remembered,
};
pub use object::Payload;
pub(in crate::snipara) use object::object;
use object::successful;
pub use swarm::{claim, event_page, left, member, members, released, state, state_written, swarm, swarm_event};
