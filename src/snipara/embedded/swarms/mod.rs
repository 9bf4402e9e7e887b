//! Swarms over the store.

mod neighbour;

pub use neighbour::EmbeddedSwarms;
