//! A question prepared for the index: its terms, and the expressions that find them.

use std::collections::HashMap;

use super::stop_words::{is_stop_word, is_trade_word};
use super::synonyms::synonyms;
use super::terms::{Identifier, Unit, expression, identifier_expression, question, units, words};

/// The most expressions of one question: one bit each.
pub(super) const MAX_PROBES: usize = 64;

/// One term of a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct QueryTerm {
    /// The probe that finds it whole.
    pub(super) whole: usize,
    /// The probe that finds a word or one that is used for it.
    pub(super) kin: Option<usize>,
    /// The probes that find the parts of a name, with what each word is worth by itself.
    pub(super) parts: Vec<usize>,
    /// Whether it is a name.
    pub(super) is_identifier: bool,
    /// Whether it is a name with a digit as one of its parts. Such a part is too short to be looked for by itself:
    /// `pgbouncer-2.0.1` is not `pgbouncer-1.22`.
    pub(super) is_numbered: bool,
    /// Whether it is used in this trade all the time.
    pub(super) is_trade_word: bool,
}

/// A question prepared for the index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PreparedQuery {
    /// Its terms.
    pub(super) asked: Vec<QueryTerm>,
    /// FTS5 expressions, each once; at most [`MAX_PROBES`].
    pub(super) probes: Vec<String>,
    /// Its words without stop words, in their order.
    pub(super) words: Vec<String>,
}

impl PreparedQuery {
    /// Reads a question.
    pub(super) fn read(text: &str) -> Self {
        let mut probes = Probes::default();
        let mut asked = Vec::new();
        let mut words = Vec::new();
        for unit in question(text) {
            match unit {
                Unit::Word(word) => {
                    let Some(whole) = probes.add(expression(&word)) else { continue };
                    let is_trade_word = is_trade_word(&word);
                    words.push((asked.len(), word));
                    asked.push(QueryTerm { whole, is_trade_word, ..QueryTerm::default() });
                }
                Unit::Identifier(identifier) => {
                    let Some(whole) = probes.add(identifier_expression(&identifier)) else { continue };
                    let parts = parts(&identifier).filter_map(|part| probes.add(expression(part))).collect();
                    let is_numbered = identifier.parts.iter().any(|part| is_digit(part));
                    asked.push(QueryTerm { whole, parts, is_identifier: true, is_numbered, ..QueryTerm::default() });
                }
            }
        }
        // Synonyms come last, so that they cannot take the places of the question's own words.
        for (place, word) in words {
            if let (Some(asked), Some(kin)) = (asked.get_mut(place), kin(&word)) {
                asked.kin = probes.add(kin);
            }
        }
        Self { asked, probes: probes.list, words: meaningful_words(text) }
    }
}

/// Returns a text's words without stop words, in their order.
pub(super) fn meaningful_words(text: &str) -> Vec<String> {
    let units = units(text);
    words(&units).into_iter().filter(|word| !is_stop_word(word)).map(str::to_owned).collect()
}

/// Returns an expression for a word and its synonyms, if it has any.
fn kin(word: &str) -> Option<String> {
    let others = synonyms(word);
    let all: Vec<String> = std::iter::once(word).chain(others.iter().copied()).map(expression).collect();
    (!others.is_empty()).then(|| all.join(" OR "))
}

/// Returns the parts of a name that may be looked for each by itself.
fn parts(identifier: &Identifier) -> impl Iterator<Item = &str> {
    let several = identifier.parts.len() > 1;
    let parts = identifier.parts.iter().map(String::as_str);
    parts.filter(move |part| several && !is_stop_word(part) && part.chars().count() > 1)
}

fn is_digit(part: &str) -> bool {
    part.len() == 1 && part.starts_with(|character: char| character.is_ascii_digit())
}

#[derive(Default)]
struct Probes {
    list: Vec<String>,
    places: HashMap<String, usize>,
}

impl Probes {
    /// Returns an expression's place, or nothing when there are too many.
    fn add(&mut self, expression: String) -> Option<usize> {
        if let Some(place) = self.places.get(&expression) {
            return Some(*place);
        }
        if self.list.len() == MAX_PROBES {
            return None;
        }
        let place = self.list.len();
        self.list.push(expression.clone());
        self.places.insert(expression, place);
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_becomes_expressions_each_once() {
        let question = PreparedQuery::read("Why does /api/auth wobble? The auth API!");
        assert_eq!(question.probes[..4], ["identifiers : \"apiauth\" *", "\"api\"", "\"auth\"", "\"wobble\""]);
        assert_eq!(question.probes[5..], ["\"api\" OR \"backend\" OR \"server\""]);
        let kin: Vec<_> = question.asked.iter().map(|asked| asked.kin).collect();
        assert_eq!(kin, [None, None, Some(4), Some(5)]);
        let wholes: Vec<_> = question.asked.iter().map(|asked| (asked.whole, asked.is_identifier)).collect();
        assert_eq!(wholes, [(0, true), (3, false), (2, false), (1, false)]);
        assert_eq!(question.asked[0].parts, [1, 2]);
    }

    #[test]
    fn nothing_of_a_hostile_question_is_syntax() {
        for text in ["\" OR * NEAR( -foo", "words : x", "^a + b*", "a AND NOT b", "{x y} : z"] {
            for probe in PreparedQuery::read(text).probes {
                if probe.contains("\" OR \"") {
                    continue; // Words of our own list.
                }
                let bare = probe.trim_start_matches("identifiers : ").trim_end_matches(" *");
                let inner = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("quoted");
                assert!(inner.chars().all(|character| character.is_alphanumeric() || character == '_'), "{probe}");
            }
        }
    }

    #[test]
    fn the_longest_question_has_at_most_as_many_expressions_as_there_are_bits() {
        let text: String = (0..400).map(|number| format!("part{number}/of-a{number}.name_{number} ")).collect();
        assert!(PreparedQuery::read(&text).probes.len() <= MAX_PROBES);
    }
}
