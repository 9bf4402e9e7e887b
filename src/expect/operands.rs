//! What a query, a filter or a predicate is given in its line.

use std::sync::Arc;

use super::datum::Datum;
use super::pattern::Pattern;

/// What stands behind a word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Takes {
    /// A text; numbers and words are texts, too. The name is for messages.
    Text(&'static str),
    /// A text, or `hex,…;` or `base64,…;`. It is handed on twice: as that, and as [`Takes::Any`] would read it.
    TextOrBytes,
    /// A regular expression: `/…/`, or a text.
    Pattern,
    /// A whole number.
    Integer,
    /// Any value.
    Any,
    /// The rest of the line where it begins with `{`, else a text.
    FileOrDocument,
}

impl Takes {
    /// Names it, for messages about what could stand at a place.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text(name) => name,
            Self::TextOrBytes => "a text",
            Self::Pattern => "a regular expression",
            Self::Integer => "a whole number",
            Self::Any => "a value (a text, a number, true, false, null, hex,…; or base64,…;)",
            Self::FileOrDocument => "a file or {JSON}",
        }
    }
}

/// The values that stood behind a word, in the order of its row.
#[derive(Debug)]
pub(crate) struct Operands(std::vec::IntoIter<Datum>);

impl Operands {
    pub(crate) fn new(values: Vec<Datum>) -> Self {
        Self(values.into_iter())
    }

    /// Takes the next value as a text.
    pub(crate) fn text(&mut self) -> Result<Arc<str>, String> {
        match self.0.next() {
            Some(Datum::Text(text)) => Ok(text),
            _ => Err("a text is missing".to_owned()),
        }
    }

    /// Takes the next value as a pattern.
    pub(crate) fn pattern(&mut self) -> Result<Pattern, String> {
        match self.0.next() {
            Some(Datum::Pattern(pattern)) => Ok(pattern),
            _ => Err("a regular expression is missing".to_owned()),
        }
    }

    /// Takes the next value, whatever it is.
    pub(crate) fn datum(&mut self) -> Result<Datum, String> {
        self.0.next().ok_or_else(|| "a value is missing".to_owned())
    }
}

/// A row of a table: a word, what stands behind it, and what the two make.
#[derive(Debug)]
pub(crate) struct Word<T: ?Sized + 'static> {
    /// How it is written.
    pub(crate) name: &'static str,
    /// What stands behind it.
    pub(crate) takes: &'static [Takes],
    /// Makes it. An error is one line about what stands behind the word.
    pub(crate) make: fn(Operands) -> Result<Box<T>, String>,
}
