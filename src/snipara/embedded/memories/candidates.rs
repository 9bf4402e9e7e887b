//! Chooses candidate memories from the index's matches for each probe.

use std::collections::HashMap;

use super::question::PreparedQuery;
use super::ranking::{HeldCandidate, Weights, most};
use crate::store::Matches;

/// The most matches of one probe that are read; a probe with more is common.
pub(super) const COMMON: usize = 2_000;
/// The most common probes that are looked up once more, among the memories that hold a rarer one.
const MAX_COMMON: usize = 8;
/// The fewest letters of a beginning that is looked for.
const LEAST_BEGINNING: usize = 4;
/// The most candidates.
const MAX_CANDIDATES: usize = 4_000;

/// Returns how many memories hold each probe: counted, or, where not all were read, estimated from how densely the
/// newest lie.
pub(super) fn matching(found: &[Matches], total: u64) -> Vec<u64> {
    let estimate = |matches: &Matches| {
        let read = u64::try_from(matches.row_numbers.len()).unwrap_or_default();
        let (newest, oldest) = (matches.row_numbers.first(), matches.row_numbers.last());
        match (newest, oldest) {
            (Some(newest), Some(oldest)) if !matches.complete => {
                let span = newest.abs_diff(*oldest).saturating_add(1);
                (read.saturating_mul(total) / span).clamp(read + 1, total.max(read + 1))
            }
            _ => read,
        }
    };
    found.iter().map(estimate).collect()
}

/// The second step of a search: probes that are too common to be read whole, and beginnings of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SecondStep {
    /// FTS5 expressions.
    pub(super) expressions: Vec<String>,
    /// Which probes a memory holds that is found by each.
    pub(super) held: Vec<HeldCandidate>,
}

/// Plans the second step; nothing when no probe is common and every word is known.
///
/// A word that no memory holds, nor another one that is used for it, is taken for the beginning of one.
///
/// Where some probe is rare, common ones are looked up only among the memories that hold a rare one: a common word alone
/// makes no memory a candidate. Where all are common, those are looked up that hold all of them, and those that hold the
/// rarest with each other one.
pub(super) fn second_step(question: &PreparedQuery, found: &[Matches], matching: &[u64]) -> SecondStep {
    let mut common: Vec<usize> = (0..found.len()).filter(|&probe| is_common(found, probe)).collect();
    common.sort_by_key(|&probe| (matching.get(probe).copied(), probe));
    common.truncate(MAX_COMMON);
    let expression = |probe: usize| question.probes.get(probe).map_or("", String::as_str);
    let mut step = beginnings(question, matching);
    let rare: Vec<&str> = (0..found.len())
        .filter(|&probe| found.get(probe).is_some_and(|matches| matches.complete && !matches.row_numbers.is_empty()))
        .map(expression)
        .collect();
    if !rare.is_empty() {
        for &probe in &common {
            step.expressions.push(format!("({}) AND ({})", rare.join(" OR "), expression(probe)));
            step.held.push(1 << probe);
        }
    } else if let Some((&rarest, others)) = common.split_first() {
        let kin_of =
            |probe: usize| question.asked.iter().find(|asked| asked.whole == probe).and_then(|asked| asked.kin);
        // A memory that holds a word also counts as holding its kin: looking for both would find all that hold the word.
        let is_implied = |probe: usize| common.iter().any(|&whole| kin_of(whole) == Some(probe));
        let wholes: Vec<usize> = common.iter().copied().filter(|&probe| !is_implied(probe)).collect();
        if wholes.len() > 1 {
            let all: Vec<String> = wholes.iter().map(|&probe| format!("({})", expression(probe))).collect();
            step.expressions.push(all.join(" AND "));
            step.held.push(wholes.iter().fold(0, |held, &probe| held | 1 << probe));
        }
        let is_told = |probe: usize| wholes.len() == 2 && wholes.contains(&probe);
        for &other in others.iter().filter(|&&other| kin_of(rarest) != Some(other) && !is_told(other)) {
            step.expressions.push(format!("({}) AND ({})", expression(rarest), expression(other)));
            step.held.push(1 << rarest | 1 << other);
        }
    }
    step
}

fn beginnings(question: &PreparedQuery, matching: &[u64]) -> SecondStep {
    let mut step = SecondStep::default();
    let unknown = |probe: usize| matching.get(probe).is_none_or(|&count| count == 0);
    for asked in question.asked.iter().filter(|asked| !asked.is_identifier) {
        let Some(word) = question.probes.get(asked.whole) else { continue };
        let letters = word.chars().count().saturating_sub(2);
        if letters >= LEAST_BEGINNING && unknown(asked.whole) && asked.kin.is_none_or(unknown) {
            step.expressions.push(format!("{word} *"));
            step.held.push(1 << asked.whole);
        }
    }
    step
}

fn is_common(found: &[Matches], probe: usize) -> bool {
    found.get(probe).is_some_and(|matches| !matches.complete)
}

/// A candidate memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Its place in the index.
    pub(super) row_number: i64,
    /// The share of what was asked for that it holds.
    pub(super) coverage: f64,
}

/// Returns the memories that may reach `least`, those that hold most first, and newer ones before older ones.
pub(super) fn candidates(
    found: &[Matches],
    second: &[Matches],
    step: &SecondStep,
    weights: &Weights,
    least: f64,
) -> Vec<Candidate> {
    let mut held: HashMap<i64, HeldCandidate> = HashMap::new();
    let any_rare = found.iter().any(|matches| matches.complete && !matches.row_numbers.is_empty());
    for (probe, matches) in found.iter().enumerate().filter(|(_, matches)| matches.complete || !any_rare) {
        for row_number in &matches.row_numbers {
            *held.entry(*row_number).or_default() |= 1 << probe;
        }
    }
    for (matches, bits) in second.iter().zip(&step.held) {
        for row_number in &matches.row_numbers {
            *held.entry(*row_number).or_default() |= bits;
        }
    }
    // Few combinations of probes occur, many memories hold each.
    let mut coverages: HashMap<HeldCandidate, f64> = HashMap::new();
    let mut candidates: Vec<Candidate> = held
        .into_iter()
        .map(|(row_number, held)| {
            let coverage = *coverages.entry(held).or_insert_with(|| weights.coverage(held));
            Candidate { row_number, coverage }
        })
        .filter(|candidate| most(candidate.coverage) >= least)
        .collect();
    candidates.sort_by(|left, right| {
        right.coverage.total_cmp(&left.coverage).then_with(|| right.row_number.cmp(&left.row_number))
    });
    candidates.truncate(MAX_CANDIDATES);
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snipara::embedded::memories::ranking::holds;

    fn matches(row_numbers: &[i64], complete: bool) -> Matches {
        Matches { row_numbers: row_numbers.to_vec(), complete }
    }

    #[test]
    fn a_common_probe_is_estimated_from_its_newest_matches() {
        let found = [matches(&[7, 3], true), matches(&[100, 98, 96, 94], false), matches(&[], true)];
        assert_eq!(matching(&found, 100), [2, 57, 0]);
    }

    #[test]
    fn common_words_are_looked_up_only_beside_rarer_ones() {
        let question = PreparedQuery::read("pgbouncer wobble");
        let found = [matches(&[5, 4], true), matches(&[9, 8, 7], false)];
        let counts = matching(&found, 1_000);
        let step = second_step(&question, &found, &counts);
        assert_eq!(step.expressions, ["(\"pgbouncer\") AND (\"wobble\")"]);
        let weights = Weights::new(&question, &counts, 1_000);
        let listed = candidates(&found, &[matches(&[4], true)], &step, &weights, 0.0);
        let rows: Vec<_> = listed.iter().map(|candidate| candidate.row_number).collect();
        assert_eq!(rows, [4, 5], "9, 8 and 7 hold the common word only");
        assert!(holds(step.held[0], 1) && listed[0].coverage > 0.99);
    }

    #[test]
    fn a_word_that_nobody_wrote_is_a_beginning() {
        let question = PreparedQuery::read("pgbounc err wobble");
        let step = second_step(&question, &[matches(&[], true), matches(&[], true), matches(&[3], true)], &[0, 0, 1]);
        assert_eq!((step.expressions, step.held), (vec!["\"pgbounc\" *".to_owned()], vec![1]));
    }

    #[test]
    fn a_common_word_is_not_looked_up_with_its_own_kin() {
        let question = PreparedQuery::read("database wobble");
        let found = [matches(&[9, 8], false), matches(&[9, 7], false), matches(&[9, 8, 7], false)];
        let step = second_step(&question, &found, &[20, 30, 40]);
        assert_eq!(step.expressions, ["(\"database\") AND (\"wobble\")"]);
        let unknown = [matches(&[], true), matches(&[9, 7], false), matches(&[9, 8, 7], false)];
        let step = second_step(&question, &unknown, &[0, 30, 40]);
        assert_eq!((step.expressions.len(), step.held), (1, vec![0b110]), "a word that nobody wrote, by its kin");
    }

    #[test]
    fn where_all_are_common_those_with_all_of_them_come_first() {
        let question = PreparedQuery::read("alpha beta gamma");
        let found = [matches(&[9, 8], false), matches(&[9, 7], false), matches(&[6, 5], false)];
        let counts = matching(&found, 1_000);
        let step = second_step(&question, &found, &counts);
        assert_eq!(step.expressions.len(), 3);
        let second = [matches(&[2], true), matches(&[2, 1], true), matches(&[2], true)];
        let weights = Weights::new(&question, &counts, 1_000);
        let listed = candidates(&found, &second, &step, &weights, 0.0);
        assert_eq!(listed[0].row_number, 2);
        assert!((listed[0].coverage - 1.0).abs() < 1e-9);
    }
}
