//! `exists`: there is a value, be it null.

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::Word;

#[derive(Debug)]
struct Exists;

pub(super) static WORDS: [Word<dyn Predicate>; 1] =
    [Word { name: "exists", takes: &[], make: |_| Ok(Box::new(Exists)) }];

impl Predicate for Exists {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        // What a path with several results did not find does not exist.
        Ok(!matches!(datum, Datum::Nodes(nodes) if nodes.is_empty()))
    }

    fn holds_on_nothing(&self) -> Option<bool> {
        Some(false)
    }
}
