//! The queries: what of an answer is looked at.

mod baseline;
mod body;
mod build;
mod certificate;
mod cookie;
mod header;
mod jsonpath;
mod page;
mod regex;
mod schema;
mod transport;

use std::fmt;

use super::answer::AnswerView;
use super::found::ReadResult;
use super::gate_view::AnswerPlace;
use super::json_schema::JsonSchema;
use super::operands::Word;

/// Reads one thing of an answer.
///
/// A new one is a file with its `mod` line above and its rows in [`QUERIES`].
pub(crate) trait Query: fmt::Debug + Send + Sync {
    /// Reads it.
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult;

    /// Returns which part of an answer it speaks of.
    fn place(&self) -> AnswerPlace;

    /// Tells whether it is a whole expectation by itself, so that no filter and no predicate follow. It then reads
    /// anything when it holds, and stops when it does not.
    fn stands_alone(&self) -> bool {
        false
    }

    /// Returns the file whose text it still needs.
    fn schema_file(&self) -> Option<&str> {
        None
    }

    /// Returns itself with the text of its file.
    fn with_schema(&self, _schema: JsonSchema) -> Option<Box<dyn Query>> {
        None
    }
}

/// Every query.
pub(crate) static QUERIES: [&[Word<dyn Query>]; 11] = [
    &transport::WORDS,
    &header::WORDS,
    &body::WORDS,
    &jsonpath::WORDS,
    &regex::WORDS,
    &cookie::WORDS,
    &certificate::WORDS,
    &build::WORDS,
    &page::WORDS,
    &schema::WORDS,
    &baseline::WORDS,
];
