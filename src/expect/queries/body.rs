//! `body`, `bytes`, `sha256`, `md5`: the decompressed body.

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::ReadResult;
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::Word;

#[derive(Debug, Clone, Copy)]
enum Body {
    Text,
    Bytes,
    Sha256,
    Md5,
}

pub(super) static WORDS: [Word<dyn Query>; 4] = [
    Word { name: "body", takes: &[], make: |_| Ok(Box::new(Body::Text)) },
    Word { name: "bytes", takes: &[], make: |_| Ok(Box::new(Body::Bytes)) },
    Word { name: "sha256", takes: &[], make: |_| Ok(Box::new(Body::Sha256)) },
    Word { name: "md5", takes: &[], make: |_| Ok(Box::new(Body::Md5)) },
];

impl Query for Body {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let bytes = match (self, answer.sha256) {
            (Self::Text, _) => return Ok(Datum::Text(answer.text()?.clone()).into()),
            (Self::Sha256, Some(digest)) => digest.as_slice().into(),
            (Self::Bytes, _) => answer.whole_body()?.into(),
            (Self::Sha256, None) => Sha256::digest(answer.whole_body()?).as_slice().into(),
            (Self::Md5, _) => Md5::digest(answer.whole_body()?).as_slice().into(),
        };
        Ok(Datum::Bytes(bytes).into())
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Body
    }
}
