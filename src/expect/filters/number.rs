//! `toInt` and `toFloat`.

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::ReadResult;
use crate::expect::operands::Word;
use crate::expect::reading::cannot_take;

#[derive(Debug)]
struct ToInteger;

#[derive(Debug)]
struct ToFloat;

pub(super) static WORDS: [Word<dyn Filter>; 2] = [
    Word { name: "toInt", takes: &[], make: |_| Ok(Box::new(ToInteger)) },
    Word { name: "toFloat", takes: &[], make: |_| Ok(Box::new(ToFloat)) },
];

impl Filter for ToInteger {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let integer = match &datum {
            Datum::Integer(integer) => Some(*integer),
            // Hurl cuts the fraction off.
            Datum::Float(float) if float.is_finite() => Some(float.trunc() as i128),
            Datum::Text(text) => text.parse::<i64>().ok().map(Into::into),
            _ => None,
        };
        integer.map(|integer| Datum::Integer(integer).into()).ok_or_else(|| cannot_take("toInt", &datum))
    }
}

impl Filter for ToFloat {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let float = match &datum {
            Datum::Integer(integer) => Some(*integer as f64),
            Datum::Float(float) => Some(*float),
            Datum::Text(text) => text.parse::<f64>().ok().filter(|float| float.is_finite()),
            _ => None,
        };
        float.map(|float| Datum::Float(float).into()).ok_or_else(|| cannot_take("toFloat", &datum))
    }
}
