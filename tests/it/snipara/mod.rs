//! The neighbour: embedded over the store, and through the verbs.

mod swarms;
