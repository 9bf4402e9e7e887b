//! Regular expressions that take linear time and bounded memory.

use std::fmt;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::bounded;
use super::found::Stop;

/// The memory of a compiled pattern, in bytes.
const MOST_COMPILED: usize = 256 * 1024;

/// Up to this length a text is searched at once; a longer one on a thread that is waited for only so long.
const SHORT_TEXT: usize = 4 * 1024;

/// A regular expression of the `regex` crate: no look-around, no back-references, linear time.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// One line, when it is no pattern or too large.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(text).size_limit(MOST_COMPILED).dfa_size_limit(4 * MOST_COMPILED).build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large: repeat less".to_owned(),
            other => {
                // The last line says what is wrong; those before draw the place.
                let text = other.to_string();
                let problem = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                format!("the regular expression cannot be read: {problem}")
            }
        })
    }

    /// Returns how many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.0.captures_len() - 1
    }

    /// Tells whether it is found in a text.
    pub(crate) fn is_match(&self, text: &Arc<str>) -> Result<bool, Stop> {
        self.search(text, |regex, text| regex.is_match(text))
    }

    /// Returns what its first group holds where it is found first.
    pub(crate) fn first_group(&self, text: &Arc<str>) -> Result<Option<Arc<str>>, Stop> {
        self.search(text, |regex, text| Some(Arc::from(regex.captures(text)?.get(1)?.as_str())))
    }

    fn search<T: Send + 'static>(&self, text: &Arc<str>, search: fn(&Regex, &str) -> T) -> Result<T, Stop> {
        if text.len() <= SHORT_TEXT {
            return Ok(search(&self.0, text));
        }
        let (regex, text) = (self.0.clone(), Arc::clone(text));
        bounded::run("the regular expression", move || search(&regex, &text))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}
