//! `regex PATTERN`: what the first group of a pattern holds where it is found in the body.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::filters::with_group;
use crate::expect::found::{Found, ReadResult};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::{Takes, Word};
use crate::expect::pattern::Pattern;

#[derive(Debug)]
struct BodyPattern(Pattern);

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "regex",
    takes: &[Takes::Pattern],
    make: |mut operands| Ok(Box::new(BodyPattern(with_group(operands.pattern()?)?))),
}];

impl Query for BodyPattern {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let found = self.0.first_group(answer.text()?)?;
        Ok(found.map_or(Found::Nothing("no match"), |text| Datum::Text(text).into()))
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Body
    }
}
