//! One line of what an answer must show.

use std::str::FromStr;
use std::sync::Arc;

use super::answer::AnswerView;
use super::error::ExpectError;
use super::found::{Found, Stop};
use super::grammar::{self, Judge};
use super::json_schema::JsonSchema;
use super::reading::{Reading, told};
use super::text_form::written_as_text;
use crate::domain::{Outcome, one_line};

/// The longest expectation that a message repeats, in characters.
const MOST_SHOWN: usize = 160;

/// An expectation: a query, its filters and a predicate. It is written, stored and compared as its text.
#[derive(Debug, Clone)]
pub struct Expectation {
    text: Arc<str>,
    pub(crate) line: Arc<Line>,
}

/// What a line means.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) reading: Reading,
    pub(crate) judge: Option<Judge>,
}

impl Expectation {
    /// Judges an answer. The outcome's texts are one line each and say what was observed, redacted and cut to 120
    /// characters.
    pub fn evaluate(&self, answer: &AnswerView<'_>) -> Outcome {
        match self.judge(answer) {
            Ok(None) => Outcome::Passed,
            Ok(Some(observed)) => Outcome::failed(self.shown(), told(&observed, answer)),
            Err(Stop::Failed(observed)) => Outcome::failed(self.shown(), told(&observed, answer)),
            Err(stop @ Stop::Unverified { .. }) => stop.outcome(String::new()),
        }
    }

    /// Tells whether it holds on an answer.
    pub fn holds_on(&self, answer: &AnswerView<'_>) -> bool {
        matches!(self.judge(answer), Ok(None))
    }

    /// Returns the file whose text [`Expectation::with_schema`] wants, as the line writes it.
    pub fn schema_file(&self) -> Option<&str> {
        self.line.reading.query.schema_file()
    }

    /// Returns this expectation with the text of its schema's file. Without it, it is unverified.
    ///
    /// # Errors
    /// When the text is no schema, past a bound, or refers to something outside of it; or the line names no file.
    pub fn with_schema(&self, text: &str) -> Result<Self, ExpectError> {
        let whole = |problem| ExpectError::Whole(format!("{}: {problem}", self.shown()));
        let schema = JsonSchema::new(text).map_err(whole)?;
        let query = self.line.reading.query.with_schema(schema);
        let query = query.ok_or_else(|| whole("it names no schema file".to_owned()))?;
        let line = Line { reading: Reading { query, filters: Vec::new() }, judge: None };
        Ok(Self { text: Arc::clone(&self.text), line: Arc::new(line) })
    }

    /// Returns nothing when it holds, or what was observed instead.
    fn judge(&self, answer: &AnswerView<'_>) -> Result<Option<String>, Stop> {
        let found = self.line.reading.read(answer)?;
        let Some(Judge { not, predicate }) = &self.line.judge else { return Ok(None) };
        let (holds, observed) = match &found {
            Found::Datum(datum) => (predicate.holds(datum)?, datum.shown()),
            Found::Nothing(why) => {
                let holds = predicate.holds_on_nothing().ok_or_else(|| Stop::Failed(format!("nothing: {why}")))?;
                (holds, format!("nothing: {why}"))
            }
        };
        Ok((holds == *not).then_some(observed))
    }

    /// Returns the text for messages.
    fn shown(&self) -> String {
        format!("`{}`", one_line(&self.text, MOST_SHOWN))
    }
}

impl FromStr for Expectation {
    type Err = ExpectError;

    fn from_str(text: &str) -> Result<Self, ExpectError> {
        let (reading, judge) = grammar::expectation(text)?;
        Ok(Self { text: text.into(), line: Arc::new(Line { reading, judge }) })
    }
}

written_as_text!(Expectation);
