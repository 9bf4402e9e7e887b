//! The filters: what is done with a value before it is judged.

mod collection;
mod date;
mod decode;
mod jsonpath;
mod number;
mod regex;
mod text;

use std::fmt;

pub(crate) use self::decode::decode_base64;
pub(crate) use self::regex::with_group;
use super::answer::AnswerView;
use super::datum::Datum;
use super::found::ReadResult;
use super::operands::Word;

/// Makes one value of another.
///
/// A new one is a file with its `mod` line above and its rows in [`FILTERS`].
pub(crate) trait Filter: fmt::Debug + Send + Sync {
    /// Makes it. A value that it does not take is a failure, as in Hurl.
    fn apply(&self, datum: Datum, answer: &AnswerView<'_>) -> ReadResult;
}

/// Every filter.
pub(crate) static FILTERS: [&[Word<dyn Filter>]; 7] =
    [&collection::WORDS, &jsonpath::WORDS, &regex::WORDS, &text::WORDS, &number::WORDS, &date::WORDS, &decode::WORDS];
