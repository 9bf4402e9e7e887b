//! `includes VALUE`: a list has an item that is equal.

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::{Takes, Word};

#[derive(Debug)]
struct Includes(Datum);

pub(super) static WORDS: [Word<dyn Predicate>; 1] =
    [Word { name: "includes", takes: &[Takes::Any], make: |mut operands| Ok(Box::new(Includes(operands.datum()?))) }];

impl Predicate for Includes {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        let items = datum.items().ok_or_else(|| Stop::types_differ(datum, "a list"))?;
        Ok(items.iter().any(|item| item.equals(&self.0)))
    }
}
