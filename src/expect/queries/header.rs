//! `header NAME`: one value, or a list where the field stands several times.

use std::sync::Arc;

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::{Takes, Word};

#[derive(Debug)]
struct Header(Arc<str>);

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "header",
    takes: &[Takes::Text("the name of a header field")],
    make: |mut operands| Ok(Box::new(Header(operands.text()?))),
}];

impl Query for Header {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let mut values: Vec<Datum> = answer.header(&self.0).map(Datum::text).collect();
        Ok(match values.len() {
            0 => Found::Nothing("no such header field"),
            1 => values.swap_remove(0).into(),
            _ => Datum::List(values).into(),
        })
    }

    fn place(&self) -> AnswerPlace {
        let name = self.0.to_ascii_lowercase();
        if name == "content-type" { AnswerPlace::MediaType } else { AnswerPlace::Header(name) }
    }
}
