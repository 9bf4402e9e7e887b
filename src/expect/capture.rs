//! What a check keeps of its answer for later checks.

use std::str::FromStr;
use std::sync::Arc;

use super::answer::AnswerView;
use super::datum::Datum;
use super::error::ExpectError;
use super::found::{Found, Stop};
use super::grammar;
use super::reading::{Reading, told};
use super::text_form::written_as_text;
use crate::domain::{Outcome, one_line};

/// The longest name, in bytes.
const MOST_NAME: usize = 64;

/// `name: query filters`: a value that later checks use as `{{name}}`. It is written and stored as its text.
#[derive(Debug, Clone)]
pub struct CheckCapture {
    text: Arc<str>,
    name_bytes: usize,
    reading: Arc<Reading>,
}

impl CheckCapture {
    /// Returns its name: letters, digits, `_` and `-`, and no digit first.
    pub fn name(&self) -> &str {
        &self.text[..self.name_bytes]
    }

    /// Reads the value as it stands in a request: a text, or a number, `true` or `false` as JSON writes it.
    ///
    /// # Errors
    /// The outcome of the check, when there is no value or none that can stand in a request.
    pub fn read(&self, answer: &AnswerView<'_>) -> Result<String, Outcome> {
        let expected = || format!("a value for `{}`", one_line(&self.text, 120));
        let failed = |observed: &str| Outcome::failed(expected(), told(observed, answer));
        match self.reading.read(answer) {
            Ok(Found::Datum(Datum::Text(text))) => Ok(text.to_string()),
            Ok(Found::Datum(datum @ (Datum::Integer(_) | Datum::Float(_) | Datum::Boolean(_) | Datum::Date(_)))) => {
                Ok(datum.shown())
            }
            Ok(Found::Datum(datum)) => Err(failed(&format!("{}, which cannot stand in a request", datum.told()))),
            Ok(Found::Nothing(why)) => Err(failed(&format!("nothing: {why}"))),
            Err(Stop::Failed(observed)) => Err(failed(&observed)),
            Err(stop @ Stop::Unverified { .. }) => Err(stop.outcome(String::new())),
        }
    }
}

impl FromStr for CheckCapture {
    type Err = ExpectError;

    fn from_str(text: &str) -> Result<Self, ExpectError> {
        let name = text.split(':').next().unwrap_or_default();
        let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        let good = name.len() < text.len()
            && name.len() <= MOST_NAME
            && name.chars().all(is_name)
            && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !good {
            let problem = "a capture is written `name: query`, such as `id: jsonpath $.id`".to_owned();
            return Err(ExpectError::At { column: 1, problem });
        }
        let before = name.len() + 1;
        let reading = grammar::reading(&text[before..]).map_err(|error| match error {
            ExpectError::At { column, problem } => ExpectError::At { column: column + before, problem },
            whole @ ExpectError::Whole(_) => whole,
        })?;
        Ok(Self { text: text.into(), name_bytes: name.len(), reading: Arc::new(reading) })
    }
}

written_as_text!(CheckCapture);
