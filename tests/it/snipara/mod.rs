//! The neighbour: embedded over the store, and through the verbs.

pub mod memories;
mod swarms;
