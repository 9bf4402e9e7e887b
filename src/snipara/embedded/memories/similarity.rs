//! How much two texts say the same (snipara-wire.md §6.2).

use std::collections::HashSet;

use super::terms::{units, words};

/// The similarity from which on a memory is a near-duplicate (snipara-wire.md §6.2, duplicate grouping).
pub(super) const NEAR_DUPLICATE: f64 = 0.9;
/// The similarity from which on `auto_safe` supersedes (snipara-wire.md §6.2, novelty).
pub(super) const SAFE_TO_SUPERSEDE: f64 = 0.92;

/// A text prepared for comparison.
#[derive(Debug, Clone)]
pub(super) struct Fingerprint {
    sequence: Vec<String>,
    terms: HashSet<String>,
    pairs: HashSet<(String, String)>,
}

impl Fingerprint {
    /// Reads a text. Case and punctuation make no difference.
    pub(super) fn of(text: &str) -> Self {
        let units = units(text);
        let sequence: Vec<String> = words(&units).into_iter().map(str::to_owned).collect();
        let pairs = sequence.iter().cloned().zip(sequence.iter().skip(1).cloned()).collect();
        Self { terms: sequence.iter().cloned().collect(), pairs, sequence }
    }

    /// Returns the distinct words.
    pub(super) fn terms(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(String::as_str)
    }
}

/// Returns how alike two texts are, 0 to 1: 1 for the same words in the same order.
///
/// It is the mean of the Jaccard indices of their distinct words and of their distinct pairs of neighbours. Words show
/// whether both are about the same, and pairs whether in the same order. A different number, name or negation is a
/// difference of fact: such texts are never near-duplicates, however long they are.
pub(super) fn similarity(left: &Fingerprint, right: &Fingerprint) -> f64 {
    if left.sequence == right.sequence {
        return 1.0;
    }
    let words = jaccard(&left.terms, &right.terms);
    let pairs = jaccard(&left.pairs, &right.pairs);
    let alike = 3.0_f64.mul_add(words, pairs) / 4.0;
    let differs_in_fact = left.terms.symmetric_difference(&right.terms).any(|word| is_fact(word));
    if differs_in_fact { alike.min(NEAR_DUPLICATE - 0.01) } else { alike }
}

/// Numbers, versions and negations decide what a sentence says.
fn is_fact(word: &str) -> bool {
    const NEGATIONS: [&str; 16] = [
        "not", "no", "never", "none", "nothing", "without", "cannot", "cant", "dont", "doesnt", "didnt", "isnt",
        "wont", "arent", "wasnt", "neither",
    ];
    word.contains(char::is_numeric) || NEGATIONS.contains(&word)
}

fn jaccard<T: Eq + std::hash::Hash>(left: &HashSet<T>, right: &HashSet<T>) -> f64 {
    let shared = left.intersection(right).count();
    let all = left.len() + right.len() - shared;
    if all == 0 {
        return 1.0;
    }
    as_number(shared) / as_number(all)
}

fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(left: &str, right: &str) -> f64 {
        similarity(&Fingerprint::of(left), &Fingerprint::of(right))
    }

    const LONG: &str = "The session service of the shop needs a warm cache in front of the database before every deploy, \
        else the first requests after it run into the time-out of the gateway and the health check turns red for minutes";

    #[test]
    fn the_same_words_are_the_same_text() {
        assert!((between("Deploy on /api/auth!", "deploy  on /API/auth") - 1.0).abs() < 1e-9);
        assert!((between("", "") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_more_word_in_a_long_text_is_a_near_duplicate() {
        let alike = between(LONG, &format!("{LONG} again"));
        assert!((NEAR_DUPLICATE..1.0).contains(&alike), "{alike}");
    }

    #[test]
    fn what_differs_in_a_number_or_a_negation_is_no_duplicate_however_long() {
        for (with, other) in [("before every", "never before every"), ("for minutes", "for 5 minutes")] {
            let alike = between(LONG, &LONG.replace(with, other));
            assert!((0.7..NEAR_DUPLICATE).contains(&alike), "{with} -> {other}: {alike}");
        }
    }

    #[test]
    fn the_same_words_in_another_order_are_less_than_the_same() {
        let alike = between("staging follows production", "production follows staging");
        assert!((0.5..NEAR_DUPLICATE).contains(&alike), "{alike}");
    }

    #[test]
    fn texts_about_different_things_are_not_alike() {
        let alike = between("pgbouncer closes idle connections", "the checkout button is blue");
        assert!(alike < 0.1, "{alike}");
    }
}
