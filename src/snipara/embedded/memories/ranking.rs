//! How well a memory answers a question: pure arithmetic over the index's matches.
//!
//! The weights are those of BM25 (Robertson and Zaragoza 2009, §3): rare words tell more than common ones, and a short
//! text that holds them more than a long one. The sum is divided by what a memory that holds everything would get, so
//! that relevance lies between 0 and 1. It is raised where a memory holds several of the question's terms, so that an
//! answer passes the contract's default minimum of 0.5 and one word by chance does not (snipara-wire.md §6.2, §6.3).
//! The numbers are tuned on the odd lines of benches/recall/questions.jsonl alone. SQLite's own `bm25()` is not called,
//! because it has no upper end and costs 1.3 µs for each row that holds any word: 6.4 ms for ten words of 400 rows each,
//! while the lists of rows alone cost 0.6 ms.

use super::question::{PreparedQuery, QueryTerm};

/// Smaller stores are weighed as if they held this many memories: in a store of three, every word is rare.
const LEAST_MEMORIES: f64 = 200.0;
/// A word of the trade is taken to stand in at least this share of memories.
const TRADE_SHARE: f64 = 0.05;
/// The weight of a term that no memory holds, as a share of the rarest word's weight. It lowers the relevance of the
/// others: the term may be a paraphrase, or the very subject of the question.
const UNKNOWN: f64 = 0.5;
/// The value of a synonym in the place of a word, when it is as rare as the word.
const KIN: f64 = 0.8;
/// The weight of a name, relative to a word of the same rarity.
const IDENTIFIER: f64 = 1.75;
/// The value of a name's parts without the name, when all of them are there.
const ALL_PARTS: f64 = 0.85;
/// Their value when some are missing, or when numbers in the name distinguish it from similar names.
const SOME_PARTS: f64 = 0.5;
/// The share of the gap to 1 that breadth gives: a memory with three terms of seven answers better than one with one of
/// two.
const BREADTH: f64 = 0.4;
/// The value of a word of the trade, relative to another term.
const TRADE_THING: f64 = 0.5;
/// How many terms beyond the first give the full breadth.
const BROAD: f64 = 2.0;
/// The coverage from which on breadth gives in full. Below it, most of the question is missing.
const BREADTH_COVERAGE: f64 = 0.3;
/// The share of its coverage that a memory keeps when it holds only one of several terms.
const ONE_OF_SEVERAL: f64 = 0.95;
/// The share of the gap to 1 that words give which are neighbours in the question and in the memory.
const PHRASES: f64 = 0.2;
/// How much a very long memory loses.
const LENGTH: f64 = 0.08;
/// The length of an ordinary memory, in words without stop words.
const ORDINARY_WORDS: f64 = 30.0;
/// The share of a memory's relevance that is left at the lowest confidence (snipara-wire.md §S5: 0.7 + 0.3 × confidence).
const LEAST_TRUST: f64 = 0.7;

/// Which probes of a question a memory holds: bit n is probe n.
pub(super) type HeldCandidate = u64;

/// Tells whether a probe is held.
pub(super) const fn holds(held: HeldCandidate, probe: usize) -> bool {
    held & (1 << probe) != 0
}

/// One term of the question with its weight.
#[derive(Debug, Clone, PartialEq)]
struct Weighed {
    asked: QueryTerm,
    weight: f64,
    /// Which share of the weight another word gives that is used for it.
    kin: f64,
}

/// The weights of the question's terms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    units: Vec<Weighed>,
    probes: Vec<f64>,
    sum: f64,
}

impl Weights {
    /// Weighs a question by how many of the `total` memories hold each probe.
    pub(super) fn new(question: &PreparedQuery, matching: &[u64], total: u64) -> Self {
        let total = as_number(total).max(LEAST_MEMORIES);
        let count = |probe: usize| as_number(matching.get(probe).copied().unwrap_or_default());
        let probes = (0..question.probes.len()).map(|probe| rarity(count(probe), total)).collect();
        let mut weights = Self { units: Vec::new(), probes, sum: 0.0 };
        for asked in &question.asked {
            let weight = weights.of(asked, &count, total);
            let kin = asked.kin.map_or(0.0, |kin| KIN * (weights.probe(kin) / weight).min(1.0));
            weights.sum += weight;
            weights.units.push(Weighed { asked: asked.clone(), weight, kin });
        }
        weights
    }

    fn of(&self, asked: &QueryTerm, count: &impl Fn(usize) -> f64, total: f64) -> f64 {
        let holding = count(asked.whole);
        if !asked.is_identifier {
            let known = if asked.is_trade_word { holding.max(TRADE_SHARE * total) } else { holding };
            let weight = rarity(known, total);
            if holding > 0.0 {
                return weight;
            }
            let kin = asked.kin.filter(|&kin| count(kin) > 0.0).map_or(0.0, |kin| self.probe(kin));
            return kin.max(UNKNOWN * weight);
        }
        let whole = rarity(holding, total);
        if holding > 0.0 {
            return IDENTIFIER * whole;
        }
        // No memory writes the name like this: it weighs as much as its parts together, but not more than a name would.
        let parts = asked.parts.iter().filter(|&&part| count(part) > 0.0);
        let known: f64 = parts.map(|&part| self.probe(part)).sum();
        if known > 0.0 { known.clamp(UNKNOWN * whole, IDENTIFIER * whole) } else { UNKNOWN * whole }
    }

    fn probe(&self, probe: usize) -> f64 {
        self.probes.get(probe).copied().unwrap_or_default()
    }

    /// Returns the share of what was asked for that a memory holds, 0 to 1; more where it holds several things.
    pub(super) fn coverage(&self, held: HeldCandidate) -> f64 {
        if self.sum <= 0.0 {
            return 0.0;
        }
        let answered: Vec<(f64, f64)> =
            self.units.iter().map(|unit| (unit.weight, self.answered(unit, held))).collect();
        let share = answered.iter().map(|(weight, answered)| weight * answered).sum::<f64>() / self.sum;
        let thing = |unit: &Weighed| if unit.asked.is_trade_word { TRADE_THING } else { 1.0 };
        let things: f64 = self.units.iter().zip(&answered).map(|(unit, (_, answered))| thing(unit) * answered).sum();
        let broad = ((things - 1.0) / BROAD).clamp(0.0, 1.0) * (share / BREADTH_COVERAGE).min(1.0);
        let broader = (1.0 - share).mul_add(BREADTH * broad, share);
        let kept = if self.units.len() > 1 && things <= 1.0 { ONE_OF_SEVERAL } else { 1.0 };
        (kept * broader).clamp(0.0, 1.0)
    }

    fn answered(&self, unit: &Weighed, held: HeldCandidate) -> f64 {
        let asked = &unit.asked;
        if holds(held, asked.whole) {
            return 1.0;
        }
        if asked.kin.is_some_and(|kin| holds(held, kin)) {
            return unit.kin;
        }
        let all: f64 = asked.parts.iter().map(|&part| self.probe(part)).sum();
        if all <= 0.0 {
            return 0.0;
        }
        let found: f64 = asked.parts.iter().filter(|&&part| holds(held, part)).map(|&part| self.probe(part)).sum();
        let share = found / all;
        if share >= 1.0 && !asked.is_numbered { ALL_PARTS } else { SOME_PARTS * share }
    }
}

/// The inverse document frequency of BM25 to the power of 1.5, so that a rare word outweighs several common ones.
fn rarity(holding: f64, total: f64) -> f64 {
    let rest = (total - holding).max(0.0);
    (1.0 + (rest + 0.5) / (holding + 0.5)).ln().powf(1.5)
}

/// The properties of a memory that count besides its probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traits {
    /// The share of the question's neighbouring words that are neighbours in the memory, too.
    pub(super) phrases: f64,
    /// How many words it has, without stop words.
    pub(super) words: usize,
    /// How sure it is, 0.1 to 1.
    pub(super) confidence: f64,
}

/// Returns how well a memory answers, 0 to 1 with four decimals.
pub(super) fn relevance(coverage: f64, traits: Traits) -> f64 {
    let together = (1.0 - coverage).mul_add(PHRASES * traits.phrases * coverage.min(0.5) * 2.0, coverage);
    let words = as_number(u64::try_from(traits.words).unwrap_or(u64::MAX));
    let longer = ((words - ORDINARY_WORDS) / (words + ORDINARY_WORDS)).max(0.0);
    let brief = LENGTH.mul_add(-longer, 1.0);
    let trust = (1.0 - LEAST_TRUST).mul_add(traits.confidence, LEAST_TRUST);
    ((together * brief * trust).clamp(0.0, 1.0) * 10_000.0).round() / 10_000.0
}

/// Returns the most that a memory of this coverage can reach.
pub(super) fn most(coverage: f64) -> f64 {
    relevance(coverage, Traits { phrases: 1.0, words: 0, confidence: 1.0 })
}

/// Returns the share of the question's neighbouring words that are neighbours in the memory, too. Endings may differ.
pub(super) fn phrases(question: &[String], memory: &[String]) -> f64 {
    let pairs: Vec<_> = question.iter().zip(question.iter().skip(1)).collect();
    if pairs.is_empty() {
        return 0.0;
    }
    let stands = |pair: &&(&String, &String)| {
        memory.iter().zip(memory.iter().skip(1)).any(|(left, right)| alike(left, pair.0) && alike(right, pair.1))
    };
    let found = pairs.iter().filter(stands).count();
    as_number(u64::try_from(found).unwrap_or_default()) / as_number(u64::try_from(pairs.len()).unwrap_or(u64::MAX))
}

/// The same word, or the same with an ending of up to three letters.
fn alike(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    long.strip_prefix(short).is_some_and(|ending| ending.is_empty() || (short.len() > 2 && ending.len() <= 3))
}

/// Counts of a store are far below 2^53.
const fn as_number(count: u64) -> f64 {
    count as f64
}
