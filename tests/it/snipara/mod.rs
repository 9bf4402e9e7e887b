//! The neighbour: context, memories, htasks and swarms; embedded over the store, hosted, and through the verbs.

mod context;
mod evidence;
mod hosted;
mod htask_races;
mod htasks;
mod lifecycle;
pub mod memories;
mod outbox;
mod swarms;
