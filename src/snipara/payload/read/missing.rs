//! The error of an answer that lacks a field.

/// Why an answer cannot be read, as a fragment: the field that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing")]
pub struct Missing(pub &'static str);
