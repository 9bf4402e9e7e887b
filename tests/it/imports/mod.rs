//! The law of imports, read from the sources (src/ARCHITECTURE.md): who may use whom, which room an outside library
//! has, who writes the statuses that mean "proven", where names of tools stand, and how files and types are shaped.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod copies;
mod law;
mod locks;
mod names;
mod payload;
mod public;
mod shape;
mod source;
mod type_names;

pub(crate) use source::{Source, rust_files, sources};

/// Fails with one line for each breach.
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}
