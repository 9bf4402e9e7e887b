//! What reading an answer comes to.

use super::datum::Datum;
use crate::domain::Outcome;

/// What a query or a filter found.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// A value.
    Datum(Datum),
    /// Nothing, and what that means: `no such path`.
    Nothing(&'static str),
}

impl From<Datum> for Found {
    fn from(datum: Datum) -> Self {
        Self::Datum(datum)
    }
}

/// Why a line is decided before its predicate could judge; `not` does not turn it around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The answer is not what the line supposes, and what it is instead: `types differ: …`.
    Failed(String),
    /// It could not be judged.
    Unverified {
        /// Why not.
        why: String,
        /// What helps.
        fix: Option<&'static str>,
    },
}

impl Stop {
    /// Makes an answer for what could not be judged, when nothing is known that helps.
    pub(crate) fn unverified(why: impl Into<String>) -> Self {
        Self::Unverified { why: why.into(), fix: None }
    }

    /// Makes the failure of a value of a kind that is not meant.
    pub(crate) fn types_differ(actual: &Datum, wanted: &str) -> Self {
        Self::Failed(format!("{}: types differ, {wanted} is needed", actual.told()))
    }

    /// Returns the outcome of an expectation that ends so.
    pub(crate) fn outcome(self, expected: String) -> Outcome {
        match self {
            Self::Failed(observed) => Outcome::Failed { expected, observed },
            Self::Unverified { why, fix } => Outcome::unverified(why, fix),
        }
    }
}

/// What a query reads or a filter makes.
pub(crate) type ReadResult = Result<Found, Stop>;
