//! `isIsoDate` and `isUuid`: of texts.

use uuid::Uuid;

use super::Predicate;
use crate::domain::Timestamp;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::Word;

/// A form of texts.
#[derive(Debug)]
struct HasForm(fn(&str) -> bool);

pub(super) static WORDS: [Word<dyn Predicate>; 2] = [
    // RFC 3339, as in Hurl.
    Word {
        name: "isIsoDate",
        takes: &[],
        make: |_| Ok(Box::new(HasForm(|text| Timestamp::parse_rfc3339(text).is_ok()))),
    },
    // RFC 9562.
    Word { name: "isUuid", takes: &[], make: |_| Ok(Box::new(HasForm(|text| Uuid::try_parse(text).is_ok()))) },
];

impl Predicate for HasForm {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        match datum {
            Datum::Text(text) => Ok((self.0)(text)),
            _ => Err(Stop::types_differ(datum, "a string")),
        }
    }

    fn is_exact(&self) -> bool {
        true
    }
}
