//! `replace OLD NEW` and `split SEPARATOR`: of texts, by plain texts.

use std::sync::Arc;

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::operands::{Takes, Word};
use crate::expect::reading::cannot_take;

/// The longest text that a replacement may make, and the most parts of a split.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const MOST_PARTS: usize = 100_000;

#[derive(Debug)]
struct Replace {
    old: Arc<str>,
    new: Arc<str>,
}

#[derive(Debug)]
struct Split(Arc<str>);

pub(super) static WORDS: [Word<dyn Filter>; 2] = [
    Word {
        name: "replace",
        takes: &[Takes::Text("a text to replace"), Takes::Text("a text instead of it")],
        make: |mut operands| Ok(Box::new(Replace { old: operands.text()?, new: operands.text()? })),
    },
    Word {
        name: "split",
        takes: &[Takes::Text("a separator")],
        make: |mut operands| Ok(Box::new(Split(operands.text()?))),
    },
];

impl Filter for Replace {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("replace", &datum)) };
        let growth = text.matches(&*self.old).count().saturating_mul(self.new.len());
        if text.len().saturating_add(growth) > MOST_BYTES {
            return Err(Stop::unverified(format!("`replace` would make more than {MOST_BYTES} bytes")));
        }
        Ok(Datum::text(text.replace(&*self.old, &self.new)).into())
    }
}

impl Filter for Split {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("split", &datum)) };
        let parts: Vec<Datum> = text.split(&*self.0).take(MOST_PARTS + 1).map(Datum::text).collect();
        if parts.len() > MOST_PARTS {
            return Err(Stop::unverified(format!("`split` would make more than {MOST_PARTS} parts")));
        }
        Ok(Datum::List(parts).into())
    }
}
