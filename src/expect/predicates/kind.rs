//! `isString`, `isNumber`, `isInteger`, `isBoolean`, `isList`, `isObject`, and `isEmpty`.

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::Word;

#[derive(Debug)]
struct IsKind(fn(&Datum) -> bool);

#[derive(Debug)]
struct IsEmpty;

macro_rules! kind {
    ($name:literal, $kinds:pat) => {
        Word { name: $name, takes: &[], make: |_| Ok(Box::new(IsKind(|datum| matches!(datum, $kinds)))) }
    };
}

pub(super) static WORDS: [Word<dyn Predicate>; 7] = [
    kind!("isString", Datum::Text(_)),
    kind!("isNumber", Datum::Integer(_) | Datum::Float(_)),
    kind!("isInteger", Datum::Integer(_)),
    kind!("isBoolean", Datum::Boolean(_)),
    kind!("isList", Datum::List(_) | Datum::Nodes(_) | Datum::Bytes(_)),
    kind!("isObject", Datum::Object(_)),
    Word { name: "isEmpty", takes: &[], make: |_| Ok(Box::new(IsEmpty)) },
];

impl Predicate for IsKind {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        Ok((self.0)(datum))
    }

    fn is_exact(&self) -> bool {
        true
    }
}

impl Predicate for IsEmpty {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        let wanted = "a string, a list, an object or bytes";
        datum.len().map(|length| length == 0).ok_or_else(|| Stop::types_differ(datum, wanted))
    }

    fn is_exact(&self) -> bool {
        true
    }
}
