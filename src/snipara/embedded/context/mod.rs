//! Context over the store.

mod neighbour;

pub use neighbour::EmbeddedContext;
