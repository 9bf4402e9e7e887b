//! Where production lies.

use crate::liars::app::feature;
use crate::liars::case::{Case, honest};
use crate::liars::checks::ask;
use crate::liars::production::Hosting;

fn hosted(id: &'static str, what: &'static str, hosting: Hosting) -> Case {
    honest(id, what, vec![], vec![]).asking(feature()).hosted(hosting)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        hosted(
            "whole-shop",
            "The shop as it was wanted, with everything that the competent agent asks.",
            Hosting::Address,
        ),
        hosted("two-nodes", "Two addresses with the same build.", Hosting::TwoNodes),
        hosted("six-address", "Production has an IPv6 address and no name.", Hosting::SixAddress),
        hosted("six-only-name", "Production's name leads to IPv6 only.", Hosting::SixName),
        honest(
            "page-of-the-shop",
            "The page with its script and style.",
            vec![],
            vec![ask("/orders", &["title == Orders", "text contains '9.90 EUR'", "assets isEmpty"])],
        ),
        honest("front-page", "The front page beside two routes.", vec![], vec![ask("/", &["title == Shop"])]),
    ]
}
