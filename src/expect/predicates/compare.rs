//! `==`, `!=`, `>`, `>=`, `<`, `<=`.

use std::cmp::Ordering;

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::{Takes, Word};

/// Equal or unequal: values of different kinds are unequal.
#[derive(Debug)]
struct Equals {
    wanted: Datum,
    equal: bool,
}

/// Numbers, texts and dates in their order.
#[derive(Debug)]
struct Ordered {
    wanted: Datum,
    means: fn(Ordering) -> bool,
}

macro_rules! ordered {
    ($name:literal, $means:expr) => {
        Word {
            name: $name,
            takes: &[Takes::Any],
            make: |mut operands| Ok(Box::new(Ordered { wanted: operands.datum()?, means: $means })),
        }
    };
}

pub(super) static WORDS: [Word<dyn Predicate>; 6] = [
    Word {
        name: "==",
        takes: &[Takes::Any],
        make: |mut operands| Ok(Box::new(Equals { wanted: operands.datum()?, equal: true })),
    },
    Word {
        name: "!=",
        takes: &[Takes::Any],
        make: |mut operands| Ok(Box::new(Equals { wanted: operands.datum()?, equal: false })),
    },
    ordered!(">", Ordering::is_gt),
    ordered!(">=", Ordering::is_ge),
    ordered!("<", Ordering::is_lt),
    ordered!("<=", Ordering::is_le),
];

impl Predicate for Equals {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        if matches!(datum, Datum::Flag) {
            return Err(Stop::types_differ(datum, self.wanted.kind()));
        }
        Ok(datum.equals(&self.wanted) == self.equal)
    }

    fn is_exact(&self) -> bool {
        self.equal
    }
}

impl Predicate for Ordered {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        datum.compare(&self.wanted).map(self.means).ok_or_else(|| Stop::types_differ(datum, self.wanted.kind()))
    }
}
