//! From words and history to one verdict.

use super::commit::{Hex, is_placeholder, whole, within};
use super::equivalence::{DeployRules, why_equivalent};
use super::history::{CommitLookup, CommitRelation, History};
use super::names::FieldNaming;
use super::read::{BuildWord, PlaceKind};
use super::verdict::{BuildKind, BuildVerdict, shown};
use crate::domain::one_line;

/// How many digits a whole commit has (SHA-1).
const WHOLE_COMMIT: usize = 40;
const COMMIT_FIX: &str = "let production's version route answer the git commit";
const SHALLOW_FIX: &str = "run `git fetch --unshallow` (in CI: fetch-depth: 0)";
const BESIDE_FIX: &str = "let production answer its own commit at /version, or set `version` (path, field, header)";
const SEVERAL_FIX: &str = "set `version.field` to the field of the build that the task changes";

/// A commit that a field tells, and what git knows of it.
struct Candidate<'a> {
    word: &'a BuildWord,
    hex: Hex,
    /// The full hash; none where git does not know the word.
    full: Option<String>,
}

/// Judges which build production runs. The words of one place stand together, the place that is believed most first;
/// words of several asks follow each other.
pub fn judge_build(words: &[BuildWord], history: &dyn History, rules: &DeployRules) -> BuildVerdict {
    let judge = Judge { history, rules, head: history.head().unwrap_or_default() };
    if judge.head.is_empty() {
        let first = words.iter().find(|word| word.named_for_commit());
        let runs =
            first.map_or_else(String::new, |word| format!("production tells {}, and ", one_line(&word.word, 40)));
        let (why, fix) = history.no_head().told();
        return judge.verdict(BuildKind::Unknown { why: format!("{runs}{why}"), fix }, first, "");
    }
    if let Some(two) = judge.two_builds(words) {
        return two;
    }
    let mut places: Vec<&str> = Vec::new();
    for word in words {
        if !places.contains(&word.place.path.as_str()) {
            places.push(&word.place.path);
        }
    }
    let (mut candidates, mut reasons, mut mentions) = (Vec::new(), Vec::new(), Vec::new());
    for place in places {
        let of_place: Vec<&BuildWord> = words.iter().filter(|word| word.place.path == place).collect();
        let mut here = Vec::new();
        for word in of_place {
            let is_told_twice = is_told_elsewhere_too(word, words);
            judge.read(word, is_told_twice, &mut here, &mut reasons, &mut mentions);
        }
        here.sort_by_key(|candidate: &Candidate<'_>| rank(candidate.word));
        candidates.append(&mut here);
    }
    match candidates.split_first() {
        Some((first, others)) => judge.decide(first, others),
        None => judge.without_candidate(words, mentions.first().copied(), &reasons),
    }
}

/// How near a field is to the build: named for a commit, then flat, then short.
fn rank(word: &BuildWord) -> (FieldNaming, usize, usize) {
    (word.naming, word.field.matches('.').count(), word.field.len())
}

struct Judge<'a> {
    history: &'a dyn History,
    rules: &'a DeployRules,
    head: &'a str,
}

impl Judge<'_> {
    fn verdict(&self, kind: BuildKind, word: Option<&BuildWord>, digits: &str) -> BuildVerdict {
        BuildVerdict {
            kind,
            word: word.cloned(),
            commit: shown(digits, digits),
            head: shown(self.head, digits),
            told: Vec::new(),
        }
    }

    /// Reads a word: a candidate, a mention of HEAD, or the reason why it is neither.
    fn read<'w>(
        &self,
        word: &'w BuildWord,
        is_told_twice: bool,
        candidates: &mut Vec<Candidate<'w>>,
        reasons: &mut Vec<(String, &'static str)>,
        mentions: &mut Vec<&'w BuildWord>,
    ) {
        let no_commit = || format!("{} says {}, which is no commit", word.at(), quoted(&word.word));
        match word.naming {
            FieldNaming::Commit => match whole(&word.word) {
                None => reasons.push((no_commit(), COMMIT_FIX)),
                Some(hex) if is_placeholder(&hex.digits) => reasons.push((no_commit(), COMMIT_FIX)),
                Some(hex) => match self.history.lookup(&hex.digits) {
                    CommitLookup::Known(full) => candidates.push(Candidate { word, hex, full: Some(full) }),
                    CommitLookup::Unknown if may_be_a_counter(&hex) => reasons.push((no_commit(), COMMIT_FIX)),
                    // A gateway's commit, or that of a content: production's own would stand in more places than this.
                    CommitLookup::Unknown if may_be_anothers(word, &hex) && !is_told_twice => reasons.push((
                        format!("{} says {}, which git does not know", word.at(), quoted(&word.word)),
                        if self.history.is_complete() { BESIDE_FIX } else { SHALLOW_FIX },
                    )),
                    CommitLookup::Unknown => candidates.push(Candidate { word, hex, full: None }),
                    CommitLookup::Ambiguous => reasons.push((
                        format!("{} says {}, with which several objects of git begin", word.at(), quoted(&word.word)),
                        "let production answer all digits of the commit",
                    )),
                    CommitLookup::NotACommit => {
                        reasons.push((
                            format!("{} says {}, which git knows as no commit", word.at(), quoted(&word.word)),
                            COMMIT_FIX,
                        ));
                    }
                },
            },
            FieldNaming::Version => {
                let known = within(&word.word).into_iter().find_map(|hex| match self.history.lookup(&hex.digits) {
                    CommitLookup::Known(full) => Some(Candidate { word, hex, full: Some(full) }),
                    _ => None,
                });
                candidates.extend(known);
            }
            FieldNaming::Elsewhere => {
                let is_head = self.head.starts_with(&word.word)
                    && matches!(self.history.lookup(&word.word), CommitLookup::Known(_));
                if is_head && word.place.kind == PlaceKind::Configured {
                    let hex = Hex { digits: word.word.clone(), is_dirty: false };
                    candidates.push(Candidate { word, hex, full: Some(self.head.to_owned()) });
                } else if is_head {
                    mentions.push(word);
                }
            }
        }
    }

    fn decide(&self, first: &Candidate<'_>, others: &[Candidate<'_>]) -> BuildVerdict {
        let same = |other: &Candidate<'_>| match (&first.full, &other.full) {
            (Some(one), Some(other)) => one == other,
            _ => first.hex.digits.starts_with(&other.hex.digits) || other.hex.digits.starts_with(&first.hex.digits),
        };
        let different: Vec<&Candidate<'_>> = others.iter().filter(|other| !same(other)).collect();
        let depth = |candidate: &Candidate<'_>| (candidate.word.naming, candidate.word.field.matches('.').count());
        let is_tie =
            |other: &&&Candidate<'_>| other.word.place.path == first.word.place.path && depth(other) == depth(first);
        if let Some(other) = different.iter().find(is_tie) {
            let tells = |candidate: &Candidate<'_>| {
                format!(
                    "{} {}",
                    one_line(&candidate.word.field, 60),
                    shown(&candidate.hex.digits, &candidate.hex.digits)
                )
            };
            let why = format!("{} tells several commits: {}, {}", first.word.place.path, tells(first), tells(other));
            return self.verdict(BuildKind::Unknown { why, fix: SEVERAL_FIX }, Some(first.word), &first.hex.digits);
        }
        let says =
            |other: &Candidate<'_>| format!("{} says {}", other.word.at(), shown(&other.hex.digits, &other.hex.digits));
        // Parts of production that are deployed apart tell each their own; none of them is asked for its version.
        let is_other_part = |other: &&&Candidate<'_>| {
            other.word.place.path != first.word.place.path && other.word.naming == FieldNaming::Commit
        };
        if first.word.place.kind == PlaceKind::Beside
            && let Some(other) = different.iter().find(is_other_part)
        {
            let why = format!("two places tell two builds: {} and {}", says(first), says(other));
            return self.verdict(BuildKind::Unknown { why, fix: BESIDE_FIX }, Some(first.word), &first.hex.digits);
        }
        let kind = if first.word.place.is_cached { BuildKind::UnknownCached } else { self.kind(first) };
        let mut verdict = self.verdict(kind, Some(first.word), &first.hex.digits);
        verdict.told = different.iter().map(|other| says(other)).collect();
        verdict
    }

    fn kind(&self, candidate: &Candidate<'_>) -> BuildKind {
        let shallow = || BuildKind::Unknown {
            why: format!(
                "{} says {}, which this shallow clone does not know",
                candidate.word.at(),
                shown(&candidate.hex.digits, &candidate.hex.digits)
            ),
            fix: SHALLOW_FIX,
        };
        let is_dirty = candidate.word.is_dirty || candidate.hex.is_dirty;
        let unless_dirty = |kind| if is_dirty { BuildKind::Dirty } else { kind };
        let Some(full) = &candidate.full else {
            return if self.history.is_complete() { BuildKind::Other { is_known: false } } else { shallow() };
        };
        match self.history.relation(full) {
            CommitRelation::Head | CommitRelation::EqualTree => unless_dirty(BuildKind::Current),
            CommitRelation::Ancestor { distance, changed } => {
                match changed.and_then(|changed| why_equivalent(&changed, self.rules)) {
                    Some(why) => unless_dirty(BuildKind::Equivalent { distance, why }),
                    None => BuildKind::Behind { distance },
                }
            }
            CommitRelation::Descendant { distance } => BuildKind::Ahead { distance },
            CommitRelation::Apart => BuildKind::Other { is_known: true },
            CommitRelation::NotTold => shallow(),
        }
    }

    fn without_candidate(
        &self,
        words: &[BuildWord],
        mention: Option<&BuildWord>,
        reasons: &[(String, &'static str)],
    ) -> BuildVerdict {
        if let Some(word) = mention {
            return self.verdict(BuildKind::Mentions, Some(word), &word.word);
        }
        // `deadbee` may be a commit that this clone lacks; a counter or a day is none.
        let may_be = |word: &&BuildWord| {
            within(&word.word).iter().any(|hex| hex.digits.bytes().any(|byte| byte.is_ascii_alphabetic()))
        };
        let versions = || words.iter().filter(|word| word.naming == FieldNaming::Version);
        let unknown = versions().find(may_be);
        let version =
            unknown.or_else(|| versions().find(|word| word.word.contains(|letter: char| letter.is_ascii_digit())));
        let (why, fix) = match (reasons.first(), version) {
            (Some((why, fix)), _) => (why.clone(), *fix),
            (None, Some(word)) if unknown.is_some() => (
                format!("{} says {}, in which git knows no commit", word.at(), quoted(&word.word)),
                if self.history.is_complete() { COMMIT_FIX } else { SHALLOW_FIX },
            ),
            (None, Some(word)) => {
                (format!("{} says {}, which does not tell the commit", word.at(), quoted(&word.word)), COMMIT_FIX)
            }
            (None, None) => ("production tells no build".to_owned(), COMMIT_FIX),
        };
        self.verdict(BuildKind::Unknown { why, fix }, version, "")
    }

    /// Finds a field that told two builds at two asks or addresses.
    fn two_builds(&self, words: &[BuildWord]) -> Option<BuildVerdict> {
        let told: Vec<Candidate<'_>> = words.iter().filter_map(|word| self.told_by(word)).collect();
        told.iter().enumerate().find_map(|(index, one)| {
            let is_other = |other: &&Candidate<'_>| {
                let is_same_field = one.word.place.path == other.word.place.path && one.word.field == other.word.field;
                let is_same = match (&one.full, &other.full) {
                    (Some(one), Some(other)) => one == other,
                    _ => one.hex.digits.starts_with(&other.hex.digits) || other.hex.digits.starts_with(&one.hex.digits),
                };
                is_same_field && !is_same
            };
            let other = told.get(index + 1..)?.iter().find(is_other)?;
            let is_finding = [one, other].into_iter().any(|candidate| {
                matches!(
                    self.kind(candidate),
                    BuildKind::Behind { .. } | BuildKind::Ahead { .. } | BuildKind::Other { .. }
                )
            });
            let kind = BuildKind::TwoBuilds { other: shown(&other.hex.digits, &other.hex.digits), is_finding };
            Some(self.verdict(kind, Some(one.word), &one.hex.digits))
        })
    }

    fn told_by<'w>(&self, word: &'w BuildWord) -> Option<Candidate<'w>> {
        let known = |hex: &Hex| match self.history.lookup(&hex.digits) {
            CommitLookup::Known(full) => Some(full),
            _ => None,
        };
        match word.naming {
            FieldNaming::Commit => {
                let candidate = whole(&word.word).map(|hex| Candidate { full: known(&hex), word, hex });
                candidate.filter(|told| {
                    let may_be_another = word.place.kind != PlaceKind::Beside
                        && !(may_be_a_counter(&told.hex) || is_placeholder(&told.hex.digits));
                    told.full.is_some() || may_be_another
                })
            }
            FieldNaming::Version => {
                within(&word.word).into_iter().find_map(|hex| Some(Candidate { full: Some(known(&hex)?), word, hex }))
            }
            FieldNaming::Elsewhere => None,
        }
    }
}

/// Tells whether a commit beside the version may be another program's: a header's and a page's, and short digits. All of
/// a commit in what a health document says of the service itself is the service's own.
fn may_be_anothers(word: &BuildWord, hex: &Hex) -> bool {
    word.place.kind == PlaceKind::Beside && !(word.is_of_a_document() && hex.digits.len() >= WHOLE_COMMIT)
}

/// Tells whether another path tells the same commit: what every answer carries is the program's own.
fn is_told_elsewhere_too(word: &BuildWord, words: &[BuildWord]) -> bool {
    words.iter().any(|other| {
        let is_same = whole(&word.word).zip(whole(&other.word)).is_some_and(|(one, other)| one.digits == other.digits);
        is_same && other.named_for_commit() && other.place.path != word.place.path
    })
}

/// Digits alone that git does not know may be a day or a counter, which is no other build.
fn may_be_a_counter(hex: &Hex) -> bool {
    hex.digits.len() < WHOLE_COMMIT && hex.digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text, 60))
}
