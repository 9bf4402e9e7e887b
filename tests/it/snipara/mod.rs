//! The neighbour: context, memories, htasks and swarms, embedded over the store and through the verbs.

mod htask_races;
mod htasks;
pub mod memories;
mod swarms;
