//! The neighbour: context, memories, htasks and swarms, embedded over the store and through the verbs.

mod evidence;
mod htask_races;
mod htasks;
mod lifecycle;
pub mod memories;
mod outbox;
mod swarms;
