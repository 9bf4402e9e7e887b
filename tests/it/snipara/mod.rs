//! The neighbour: context, memories, htasks and swarms.

pub mod hosted;
pub mod memories;
