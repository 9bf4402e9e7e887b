//! The skill: a text for agents about this server.
//!
//! Lives here: its files, its name and its description. Does not live here: serving it (`mcp`) and installing it (`cli`).
//! Kept true by `tests/it/documents.rs`: it names only tools, fields and words that exist.

mod text;

pub use text::{SKILL_FILES, SKILL_NAME, SKILL_TEXT, skill_description};
