//! A query with its filters: what an expectation judges and a capture keeps.

use super::answer::AnswerView;
use super::datum::Datum;
use super::filters::Filter;
use super::found::{Found, ReadResult, Stop};
use super::queries::Query;
use crate::domain::clean;

/// The longest observed value in a message, in characters.
const MOST_TOLD: usize = 120;

/// A query and what is done with its value.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) query: Box<dyn Query>,
    pub(crate) filters: Vec<(&'static str, Box<dyn Filter>)>,
}

impl Reading {
    /// Reads an answer.
    pub(crate) fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let mut found = self.query.read(answer)?;
        for (name, filter) in &self.filters {
            found = match found {
                Found::Datum(datum) => filter.apply(datum, answer)?,
                // As in Hurl, a filter without a value is a failure, whatever the predicate.
                Found::Nothing(why) => return Err(Stop::Failed(format!("nothing for `{name}`: {why}"))),
            };
        }
        Ok(found)
    }
}

/// Makes the failure of a filter that cannot take a value.
pub(crate) fn cannot_take(filter: &str, datum: &Datum) -> Stop {
    Stop::Failed(format!("{}, which `{filter}` does not take", datum.told()))
}

/// Makes a text that may be told of what was observed: redacted, on one line, without what nobody sees, and short.
pub(crate) fn told(text: &str, answer: &AnswerView<'_>) -> String {
    let mut text = answer.redactor.text(text);
    clean(&mut text, answer.redactor);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_TOLD) {
        Some(_) => line.chars().take(MOST_TOLD - 1).chain(['…']).collect(),
        None => line,
    }
}
