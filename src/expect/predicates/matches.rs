//! `matches PATTERN`: the pattern is found somewhere in a text.

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::{Takes, Word};
use crate::expect::pattern::Pattern;

#[derive(Debug)]
struct Matches(Pattern);

pub(super) static WORDS: [Word<dyn Predicate>; 1] = [Word {
    name: "matches",
    takes: &[Takes::Pattern],
    make: |mut operands| Ok(Box::new(Matches(operands.pattern()?))),
}];

impl Predicate for Matches {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        match datum {
            Datum::Text(text) => self.0.is_match(text),
            _ => Err(Stop::types_differ(datum, "a string")),
        }
    }
}
