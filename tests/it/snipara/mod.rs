//! The neighbour: context, memories, htasks and swarms; embedded over the store, and through the verbs.

mod memories;
mod swarms;
