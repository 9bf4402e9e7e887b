//! The tools, one file a toolset; their routers add up.
//!
//! A toolset's file holds what its tools take (`…Params`, whose docs are the schema), what they answer, and bodies
//! of a few lines that call the orchestrator. A new toolset adds its router to `routes` and its tools to `listed`.

mod answers;
mod catalog;
mod live_check;
mod proofs;
mod validate;

pub use catalog::tool_definitions;
pub(super) use catalog::{Listed, TOOLSETS, listed, routes};
