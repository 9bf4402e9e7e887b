//! The predicates: what a value must be.

mod compare;
mod exists;
mod format;
mod includes;
mod kind;
mod matches;
mod text;

use std::fmt;

use super::datum::Datum;
use super::found::Stop;
use super::operands::Word;

/// Judges a value.
///
/// A new one is a file with its `mod` line above and its rows in [`PREDICATES`].
pub(crate) trait Predicate: fmt::Debug + Send + Sync {
    /// Tells whether the value is so. A value of a kind that is not meant stops, and `not` does not turn that around.
    fn holds(&self, datum: &Datum) -> Result<bool, Stop>;

    /// Tells what it says of nothing, where it says something: a predicate needs a value, but for `exists`.
    fn holds_on_nothing(&self) -> Option<bool> {
        None
    }

    /// Tells whether it pins the value or its type down, so that a rule that guesses has nothing to add.
    fn is_exact(&self) -> bool {
        false
    }
}

/// Every predicate.
pub(crate) static PREDICATES: [&[Word<dyn Predicate>]; 7] =
    [&compare::WORDS, &text::WORDS, &matches::WORDS, &exists::WORDS, &kind::WORDS, &format::WORDS, &includes::WORDS];
