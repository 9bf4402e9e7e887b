//! Htasks over the store.

mod neighbour;

pub use neighbour::EmbeddedHTasks;
