//! `contains`, `startsWith`, `endsWith`: of texts and bytes; `contains` is `includes` on a list, as in Hurl.

use super::Predicate;
use crate::expect::datum::Datum;
use crate::expect::found::Stop;
use crate::expect::operands::{Takes, Word};

#[derive(Debug, Clone, Copy)]
enum Part {
    Anywhere,
    Start,
    End,
}

#[derive(Debug)]
struct HasPart {
    part: Part,
    wanted: Datum,
    /// The same as an item of a list: `3` is a number there, and a text within a text.
    item: Datum,
}

macro_rules! part {
    ($name:literal, $part:expr) => {
        Word {
            name: $name,
            takes: &[Takes::TextOrBytes],
            make: |mut operands| {
                Ok(Box::new(HasPart { part: $part, wanted: operands.datum()?, item: operands.datum()? }))
            },
        }
    };
}

pub(super) static WORDS: [Word<dyn Predicate>; 3] =
    [part!("contains", Part::Anywhere), part!("startsWith", Part::Start), part!("endsWith", Part::End)];

impl Predicate for HasPart {
    fn holds(&self, datum: &Datum) -> Result<bool, Stop> {
        match (self.part, datum, &self.wanted) {
            (Part::Anywhere, Datum::Text(text), Datum::Text(part)) => Ok(text.contains(&**part)),
            (Part::Start, Datum::Text(text), Datum::Text(part)) => Ok(text.starts_with(&**part)),
            (Part::End, Datum::Text(text), Datum::Text(part)) => Ok(text.ends_with(&**part)),
            (Part::Anywhere, Datum::Bytes(bytes), Datum::Bytes(part)) => Ok(contains(bytes, part)),
            (Part::Start, Datum::Bytes(bytes), Datum::Bytes(part)) => Ok(bytes.starts_with(part)),
            (Part::End, Datum::Bytes(bytes), Datum::Bytes(part)) => Ok(bytes.ends_with(part)),
            (Part::Anywhere, Datum::List(items) | Datum::Nodes(items), _) => {
                Ok(items.iter().any(|item| item.equals(&self.item)))
            }
            _ => Err(Stop::types_differ(datum, self.wanted.kind())),
        }
    }

    fn is_exact(&self) -> bool {
        matches!(self.part, Part::Start)
    }
}

/// Looks for bytes in linear time.
fn contains(bytes: &[u8], part: &[u8]) -> bool {
    aho_corasick::AhoCorasick::new([part]).is_ok_and(|searcher| searcher.is_match(bytes))
}
