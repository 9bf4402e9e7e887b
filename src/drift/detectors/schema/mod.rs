//! Whether the database has the schema that the repository describes; one file for each tool that is known.
//!
//! A repository without a schema of a known tool has nothing to compare (`not_applicable`).

mod check;
mod prisma;
mod search;

pub(super) use check::SchemaDetector;
