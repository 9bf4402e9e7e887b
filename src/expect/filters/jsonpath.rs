//! `jsonpath PATH`: of a text that is JSON.

use std::sync::Arc;

use super::Filter;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::json_document::JsonDocument;
use crate::expect::json_path::JsonPath;
use crate::expect::operands::{Takes, Word};
use crate::expect::reading::cannot_take;

#[derive(Debug)]
struct ValuePath(JsonPath);

pub(super) static WORDS: [Word<dyn Filter>; 1] = [Word {
    name: "jsonpath",
    takes: &[Takes::Text("a JSONPath")],
    make: |mut operands| Ok(Box::new(ValuePath(JsonPath::new(&operands.text()?)?))),
}];

impl Filter for ValuePath {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        // Only a text, as in Hurl.
        let Datum::Text(text) = &datum else { return Err(cannot_take("jsonpath", &datum)) };
        let document =
            JsonDocument::read(text).map_err(|problem| Stop::Failed(format!("a text that is no JSON: {problem}")))?;
        self.0.read(&Arc::new(document))
    }
}
