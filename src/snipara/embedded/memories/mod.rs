//! Memories over the store.

mod neighbour;

pub use neighbour::EmbeddedMemories;
