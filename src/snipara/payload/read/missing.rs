//! The error of an answer that lacks a field.

/// Why an answer cannot be read, as a fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is missing")]
pub struct Missing {
    /// What is missing.
    pub what: &'static str,
}

pub(super) const fn missing(what: &'static str) -> Missing {
    Missing { what }
}
