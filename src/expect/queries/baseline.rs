//! `differs-from-baseline`: the answer is not the one that was observed before the deploy. It stands alone.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::Word;

#[derive(Debug)]
struct DiffersFromBaseline;

pub(super) static WORDS: [Word<dyn Query>; 1] =
    [Word { name: "differs-from-baseline", takes: &[], make: |_| Ok(Box::new(DiffersFromBaseline)) }];

impl Query for DiffersFromBaseline {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        match answer.differs_from_baseline {
            Some(true) => Ok(Datum::Flag.into()),
            Some(false) => Err(Stop::Failed("the same answer as before the deploy".to_owned())),
            None => Err(Stop::Unverified {
                why: "there is no baseline to compare with".to_owned(),
                fix: Some("observe one before the next deploy with `run --baseline`"),
            }),
        }
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Baseline
    }

    fn stands_alone(&self) -> bool {
        true
    }
}
