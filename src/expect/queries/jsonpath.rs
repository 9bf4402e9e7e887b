//! `jsonpath PATH`: what a path finds in a JSON body.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::found::ReadResult;
use crate::expect::gate_view::AnswerPlace;
use crate::expect::json_path::JsonPath;
use crate::expect::operands::{Takes, Word};

#[derive(Debug)]
struct BodyPath(JsonPath);

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "jsonpath",
    takes: &[Takes::Text("a JSONPath")],
    make: |mut operands| Ok(Box::new(BodyPath(JsonPath::new(&operands.text()?)?))),
}];

impl Query for BodyPath {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        self.0.read(answer.json()?)
    }

    fn place(&self) -> AnswerPlace {
        self.0.first_key().map_or(AnswerPlace::Body, |key| AnswerPlace::JsonKey(key.to_owned()))
    }
}
