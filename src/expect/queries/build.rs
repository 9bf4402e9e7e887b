//! `build`: the commit or version that the answer tells.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::Word;

#[derive(Debug)]
struct Build;

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word { name: "build", takes: &[], make: |_| Ok(Box::new(Build)) }];

impl Query for Build {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        Ok(answer.build.map_or(Found::Nothing("the answer tells no build"), |build| Datum::text(build).into()))
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Build
    }
}
