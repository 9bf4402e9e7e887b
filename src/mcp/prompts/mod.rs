//! Prompts: what a person picks to set an agent to work, each a text that names tools of this server.
//!
//! The texts are the `.md` files of this folder. What a caller gives and what production answered is appended as
//! JSON, and called data: it never becomes part of the text. `tests/it/documents.rs` keeps the texts true.

mod arguments;
mod catalog;
mod get;

pub(super) use catalog::{list, values_of};
pub(super) use get::get;
