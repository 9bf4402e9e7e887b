//! `count`, `nth N`, `first`, `last`: of lists.

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult, Stop};
use crate::expect::operands::{Takes, Word};
use crate::expect::reading::cannot_take;

#[derive(Debug)]
struct Count;

/// The index of an item, from the end where it is negative.
#[derive(Debug)]
struct Nth(i128);

/// The first item, or the last one.
#[derive(Debug)]
struct End {
    name: &'static str,
    last: bool,
}

pub(super) static WORDS: [Word<dyn Filter>; 4] = [
    Word { name: "count", takes: &[], make: |_| Ok(Box::new(Count)) },
    Word {
        name: "nth",
        takes: &[Takes::Integer],
        make: |mut operands| match operands.datum()? {
            Datum::Integer(index) => Ok(Box::new(Nth(index))),
            other => Err(format!("{} is no index", other.told())),
        },
    },
    Word { name: "first", takes: &[], make: |_| Ok(Box::new(End { name: "first", last: false })) },
    Word { name: "last", takes: &[], make: |_| Ok(Box::new(End { name: "last", last: true })) },
];

impl Filter for Count {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        datum.len().map(|length| Datum::count(length).into()).ok_or_else(|| cannot_take("count", &datum))
    }
}

impl Filter for Nth {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let items = datum.items().ok_or_else(|| cannot_take("nth", &datum))?;
        let from_start = if self.0 < 0 { self.0.saturating_add(items.len() as i128) } else { self.0 };
        let item = usize::try_from(from_start).ok().and_then(|index| items.get(index));
        item.map(|item| item.clone().into())
            .ok_or_else(|| Stop::Failed(format!("a list of {}, which has no item {}", items.len(), self.0)))
    }
}

impl Filter for End {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let items = datum.items().ok_or_else(|| cannot_take(self.name, &datum))?;
        let item = if self.last { items.last() } else { items.first() };
        Ok(item.map_or(Found::Nothing("the list is empty"), |item| item.clone().into()))
    }
}
