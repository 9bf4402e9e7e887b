//! What a rule says about an answer.

use crate::domain::one_line;
use crate::expect::AnswerPlace;

/// The most characters of an observed value that a message quotes.
const MAX_QUOTED_CHARS: usize = 120;

/// An answer that passed by its status and yet cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Implausible {
    /// The rule's name, as the table in the module's documentation has it.
    pub(crate) rule: &'static str,
    /// What was judged: the body, the media type or a key of JSON. An exact expectation about the same place overrules.
    pub(crate) place: AnswerPlace,
    /// What a good answer would have been; our own words.
    pub(crate) expected: &'static str,
    /// What came, on one line; values of the answer are quoted, cut, and without hidden characters.
    pub(crate) observed: String,
    /// The sentence that says how an expectation can call this answer right. It holds nothing of the answer but the
    /// spelling of a key that the rule knows.
    pub(crate) overruled_by: String,
}

#[cfg(test)]
impl Implausible {
    /// Returns one line: what was expected and what was observed.
    pub(crate) fn message(&self) -> String {
        format!("expected {}, got {}", self.expected, self.observed)
    }
}

/// Quotes a value of an answer for a message: one line, at most 120 characters, no control, direction or invisible
/// characters.
pub(super) fn quoted(value: &str) -> String {
    // The bound holds for the characters that are read, too: a body is not flattened to quote its beginning.
    let start: String = value.chars().take(4 * MAX_QUOTED_CHARS).collect();
    format!("\"{}\"", one_line(&start, MAX_QUOTED_CHARS - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_one_short_line_without_hidden_characters() {
        let long = quoted(&format!("a\n\u{202e}b\u{1b}[2J{}", "x".repeat(100_000)));
        assert!(long.chars().count() <= 120 && long.ends_with("…\""), "{long}");
        assert!(!long.contains(['\n', '\u{202e}', '\u{1b}']), "{long}");
        assert_eq!(quoted("short"), "\"short\"");
    }
}
