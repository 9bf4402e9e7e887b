//! `title`, `text`, `assets`: what a page shows and loads.

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult, Stop};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::Word;

#[derive(Debug, Clone, Copy)]
enum Page {
    Title,
    Text,
    Assets,
}

pub(super) static WORDS: [Word<dyn Query>; 3] = [
    Word { name: "title", takes: &[], make: |_| Ok(Box::new(Page::Title)) },
    Word { name: "text", takes: &[], make: |_| Ok(Box::new(Page::Text)) },
    Word { name: "assets", takes: &[], make: |_| Ok(Box::new(Page::Assets)) },
];

impl Query for Page {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let page = || answer.html().map_err(Stop::clone);
        Ok(match self {
            Self::Title => page()?
                .title
                .as_deref()
                .map_or(Found::Nothing("the page has no title"), |title| Datum::text(title).into()),
            Self::Text => Datum::text(page()?.text.as_str()).into(),
            Self::Assets => {
                let broken =
                    answer.broken_assets.ok_or_else(|| Stop::unverified("the page's assets were not asked"))?;
                Datum::List(broken.iter().map(|url| Datum::text(url.as_str())).collect()).into()
            }
        })
    }

    fn place(&self) -> AnswerPlace {
        match self {
            Self::Assets => AnswerPlace::Assets,
            _ => AnswerPlace::Body,
        }
    }
}
