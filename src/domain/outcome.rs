//! Three answers, not two.

use serde::{Deserialize, Serialize};

/// What came of looking at something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was observed and is as expected.
    Passed,
    /// It was observed and is not as expected.
    Failed {
        /// What should have been seen, as a fragment: `200`.
        expected: String,
        /// What was seen, as a fragment: `401`.
        observed: String,
    },
    /// It could not be observed; never counts as passed, nor as "no drift".
    Unverified {
        /// Why it could not be observed.
        why: String,
        /// What to do so that it can be, if that is known.
        fix: Option<String>,
    },
}

impl Outcome {
    /// Makes a failure.
    pub fn failed(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::Failed { expected: expected.into(), observed: observed.into() }
    }

    /// Makes an answer for what could not be observed.
    pub fn unverified(why: impl Into<String>, fix: Option<&str>) -> Self {
        Self::Unverified { why: why.into(), fix: fix.map(str::to_owned) }
    }

    /// Tells whether it was observed and is as expected.
    pub const fn is_passed(&self) -> bool {
        matches!(self, Self::Passed)
    }

    /// Returns the reason on one line; nothing for a pass.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Passed => None,
            Self::Failed { expected, observed } => Some(format!("expected {expected}, got {observed}")),
            Self::Unverified { why, fix: None } => Some(why.clone()),
            Self::Unverified { why, fix: Some(fix) } => Some(format!("{why} ({fix})")),
        }
    }
}
