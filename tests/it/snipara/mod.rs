//! The neighbour: context, memories, htasks and swarms.

pub mod memories;
