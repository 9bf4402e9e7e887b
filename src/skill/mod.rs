//! The skill: what an agent should know about this server.
//!
//! Lives here: its files and how it is called. Does not live here: who serves it (`mcp`) or installs it (`cli`).
//! Kept true by `tests/it/documents.rs`: it names only tools, fields and words that exist.

mod text;

pub use text::{SKILL_FILES, SKILL_NAME, SKILL_TEXT, skill_description};
