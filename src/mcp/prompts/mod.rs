//! Prompts: texts that a person picks to start an agent's work. Each names tools of this server.
//!
//! The texts are the `.md` files of this folder. A caller's arguments and production's answers are appended as JSON and
//! are marked as data: they never become part of the text. `tests/it/documents.rs` keeps the texts true.

mod arguments;
mod catalog;
mod get;

pub(super) use catalog::{list, values_of};
pub(super) use get::get;
