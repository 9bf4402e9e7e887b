//! How well sections answer a question; pure.

use std::collections::HashMap;

use super::terms::{Term, TermKind};
use crate::store::TermMatches;

/// The lowest score of an answer.
const LEAST: f64 = 0.2;
/// An answer must reach this share of the best one's score.
const LEAST_OF_BEST: f64 = 0.35;
/// The most answers.
const MOST: usize = 50;

/// FTS5's constant: a term's share in BM25 is less than its rarity times `K1 + 1`.
const K1: f64 = 1.2;
/// The weight of a word that no section holds. It may only be the asker's wording, unlike an identifier.
const UNKNOWN_WORD: f64 = 0.25;

/// A section, and how well it answers: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub(super) seq: i64,
    pub(super) relevance: f64,
}

/// Ranks sections by the terms that they hold, best first; leaves weak answers out.
///
/// BM25 has no upper end, so it can rank sections but not say how good one is. Therefore the share of each term is taken
/// relative to the most that the term can give (how often it stands there, in the title or not, in how long a section),
/// and the shares are weighed by how rare the term is among `sections`. A section that holds all terms once in a text of
/// usual length gets about 0.7, one that holds them in its title about 0.9.
pub(super) fn rank(terms: &[(Term, TermMatches)], sections: u64) -> Vec<Ranked> {
    let weights: Vec<f64> = terms.iter().map(|(term, matches)| weight(term, matches.holding, sections)).collect();
    let whole: f64 = weights.iter().sum();
    // In order of appearance, which settles equals.
    let mut order = Vec::new();
    let mut gained: HashMap<i64, f64> = HashMap::new();
    for ((_, matches), weight) in terms.iter().zip(&weights) {
        let most = rarity(matches.holding, sections) * (K1 + 1.0);
        for (seq, score) in &matches.best {
            let share = (score / most).clamp(0.0, 1.0).sqrt();
            *gained.entry(*seq).or_insert_with(|| {
                order.push(*seq);
                0.0
            }) += weight * share;
        }
    }
    let mut ranked: Vec<Ranked> = order
        .into_iter()
        .filter_map(|seq| {
            let relevance = gained.get(&seq)? / whole;
            Some(Ranked { seq, relevance: (relevance * 10_000.0).round() / 10_000.0 })
        })
        .collect();
    ranked.sort_by(|left, right| right.relevance.total_cmp(&left.relevance));
    let best = ranked.first().map_or(0.0, |best| best.relevance);
    ranked.retain(|answer| answer.relevance >= LEAST.max(best * LEAST_OF_BEST));
    ranked.truncate(MOST);
    ranked
}

/// The weight of a term: the rarer, the higher.
fn weight(term: &Term, holding: u64, sections: u64) -> f64 {
    let known = match term.kind {
        TermKind::Identifier => 1.0,
        _ if holding > 0 => 1.0,
        TermKind::Word => UNKNOWN_WORD,
        TermKind::Joined => 0.0,
    };
    let held = (holding as f64).max(0.5);
    term.weight * known * (1.0 + sections as f64 / held).ln()
}

/// FTS5's own measure of how rare a term is, which its scores are multiples of (<https://www.sqlite.org/fts5.html> §5.1.1).
fn rarity(holding: u64, sections: u64) -> f64 {
    let (holding, sections) = (holding as f64, sections as f64);
    let rarity = ((sections - holding + 0.5) / (holding + 0.5)).ln();
    if rarity > 0.0 { rarity } else { 1e-6 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(weight: f64, kind: TermKind) -> Term {
        Term { quoted: "\"x\"".to_owned(), weight, kind }
    }

    /// What FTS5 gives for a term that stands `times` in a section of usual length.
    fn score(holding: u64, sections: u64, times: f64) -> f64 {
        rarity(holding, sections) * times * (K1 + 1.0) / (times + K1)
    }

    fn matches(holding: u64, sections: u64, best: &[(i64, f64)]) -> TermMatches {
        let best = best.iter().map(|(seq, times)| (*seq, score(holding, sections, *times))).collect();
        TermMatches { holding, best }
    }

    #[test]
    fn a_section_with_all_terms_comes_before_one_with_a_part_of_them() {
        let terms = [
            (term(1.0, TermKind::Word), matches(3, 100, &[(1, 1.0), (2, 1.0), (3, 1.0)])),
            (term(1.0, TermKind::Word), matches(1, 100, &[(2, 1.0)])),
        ];
        let ranked = rank(&terms, 100);
        assert_eq!(ranked[0].seq, 2);
        assert!(ranked[0].relevance > 0.6 && ranked[0].relevance < 0.75, "{ranked:?}");
        assert!(ranked[1].relevance < 0.5, "{ranked:?}");
        assert_eq!((ranked[1].seq, ranked[2].seq), (1, 3), "equals stay in order");
    }

    #[test]
    fn a_hit_in_the_title_weighs_more() {
        let ranked = rank(&[(term(1.0, TermKind::Word), matches(2, 50, &[(1, 1.0), (2, 7.0)]))], 50);
        assert_eq!(ranked[0].seq, 2);
        assert!(ranked[0].relevance > 0.9 && ranked[1].relevance < 0.7, "{ranked:?}");
    }

    #[test]
    fn what_holds_a_common_word_only_is_left_out() {
        let best: Vec<(i64, f64)> = (1..=90).map(|seq| (seq, 1.0)).collect();
        let terms = [
            (term(1.0, TermKind::Word), matches(90, 100, &best)),
            (term(1.0, TermKind::Word), matches(1, 100, &[(7, 2.0)])),
            (term(1.0, TermKind::Identifier), matches(0, 100, &[])),
        ];
        let ranked = rank(&terms, 100);
        assert_eq!(ranked.iter().map(|answer| answer.seq).collect::<Vec<_>>(), [7]);
        assert!(rank(&[], 0).is_empty());
        assert!(rank(&[(term(1.0, TermKind::Identifier), matches(0, 5, &[]))], 5).is_empty());
    }

    #[test]
    fn one_document_that_holds_the_word_is_an_answer() {
        let ranked = rank(&[(term(1.0, TermKind::Word), matches(1, 1, &[(1, 1.0)]))], 1);
        assert!(ranked[0].relevance > 0.6, "{ranked:?}");
    }
}
