//! Swarms over the store.
//!
//! Lives here: one file a group of verbs (`membership`, `state`, `stream`, `claims`), finding a swarm by its id
//! (`lookup`, for the whole embedded backend), and the trait that opens their transactions (`backend`).

mod backend;
mod claims;
mod lookup;
mod membership;
mod state;
mod stream;

pub(in crate::snipara::embedded) use lookup::{existing_swarm, meant};
