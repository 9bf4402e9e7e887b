//! The neighbour: embedded over the store, and through the verbs.

mod evidence;
mod lifecycle;
mod outbox;
mod swarms;
