//! The neighbour: context, memories, htasks and swarms; embedded over the store, hosted, and through the verbs.

mod context;
mod hosted;
mod memories;
mod swarms;
