//! A regular expression in a table: compiled when it is first used, and once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::{Captures, Regex};

/// Matches lines: `^` and `$` are the ends of a line. Plain text, as tables in statics cannot hold what compiles lazily.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutputPattern(&'static str);

static COMPILED: LazyLock<RwLock<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(RwLock::default);

impl OutputPattern {
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// A pattern that does not compile matches nothing; a test compiles all of them.
    pub(super) fn regex(self) -> Option<Regex> {
        if let Some(known) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(self.0) {
            return known.clone();
        }
        // Runners write ASCII digits and names; Unicode's classes would make each pattern many times larger.
        let ascii = self.0.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]");
        let compiled = Regex::new(&format!("(?m){ascii}")).ok();
        COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(self.0, compiled.clone());
        compiled
    }

    pub(super) fn all(self, text: &str) -> Vec<Captures<'_>> {
        self.regex().map(|regex| regex.captures_iter(text).collect()).unwrap_or_default()
    }

    pub(super) fn first(self, text: &str) -> Option<Captures<'_>> {
        self.regex().and_then(|regex| regex.captures(text))
    }

    pub(super) fn is_in(self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    pub(super) fn remove_from(self, text: &str) -> Cow<'_, str> {
        self.regex().map_or(Cow::Borrowed(text), |regex| Cow::Owned(regex.replace_all(text, "").into_owned()))
    }
}
