//! `regex PATTERN`: what the first group of a pattern holds.

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult};
use crate::expect::operands::{Takes, Word};
use crate::expect::pattern::Pattern;
use crate::expect::reading::cannot_take;

#[derive(Debug)]
struct FirstGroup(Pattern);

pub(super) static WORDS: [Word<dyn Filter>; 1] = [Word {
    name: "regex",
    takes: &[Takes::Pattern],
    make: |mut operands| Ok(Box::new(FirstGroup(with_group(operands.pattern()?)?))),
}];

/// Refuses a pattern that could never find anything.
pub(crate) fn with_group(pattern: Pattern) -> Result<Pattern, String> {
    if pattern.groups() == 0 {
        return Err("the pattern has no group: put what shall be read in ( ), or use `body matches`".to_owned());
    }
    Ok(pattern)
}

impl Filter for FirstGroup {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("regex", &datum)) };
        Ok(self.0.first_group(text)?.map_or(Found::Nothing("no match"), |text| Datum::Text(text).into()))
    }
}
