//! The neighbour: context, memories, htasks and swarms.

mod hosted;
