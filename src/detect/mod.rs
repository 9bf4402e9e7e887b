//! What a repository says of itself: its framework, its tests, its routes and its OpenAPI documents.
//!
//! Lives here: tables of frameworks (`frameworks`) and of test runners (`runners`), one row each, and what reads sources by
//! them. Reading the files is at the edge (`sources`); everything else is pure. Does not live here: asking production, and
//! deciding what is proposed (`cli`). It uses no other room; `cli` uses it.
//!
//! Nothing found here is believed: it is what `init` proposes, after production was asked.

mod findings;
mod frameworks;
mod openapi;
mod routes;
mod runners;
mod sources;
#[cfg(test)]
mod tests;

pub use findings::{Detected, detect};
pub use sources::Sources;
