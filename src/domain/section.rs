//! Sections of the repository's documents, for questions about the project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvalidRequest, MAX_QUERY_BYTES, Request, check_range, check_text, integer};

/// A token is this many bytes (snipara-wire.md §4.1).
const TOKEN_BYTES: u64 = 4;
/// A section that would be cut to less is left out.
const SHORTEST_CUT_BYTES: usize = 40;

/// A question to the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextQuery {
    /// What to look for, such as "how do I roll back /api/auth/session".
    pub query: String,
    /// The most tokens of text that the answer holds; a token is four bytes.
    #[serde(default = "integer::<{ ContextQuery::DEFAULT_MAX_TOKENS }>")]
    #[schemars(range(min = 100, max = 100000), extend("x-model" = "Default 4000."))]
    pub max_tokens: i64,
}

impl ContextQuery {
    /// The tokens when a call does not say (snipara-wire.md §4.1).
    pub const DEFAULT_MAX_TOKENS: i64 = 4_000;
}

impl Request for ContextQuery {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_text("query", &self.query, MAX_QUERY_BYTES)?;
        Ok(check_range("max_tokens", self.max_tokens, 100..=100_000)?)
    }
}

/// A section of a document that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// The document's path in the repository.
    pub file: String,
    /// Its first and last line in the document, from 1; of the whole section when it is cut.
    pub lines: [u32; 2],
    /// Its text; cut at the end when `truncated`.
    pub content: String,
    /// How well it answers, 0 to 1.
    pub relevance_score: f64,
    /// How many tokens its text has here.
    pub token_count: u64,
    /// Whether the text was cut.
    pub truncated: bool,
}

/// What the documents answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ContextAnswer {
    /// The sections, best first.
    pub sections: Vec<Section>,
    /// How many tokens they have together; never more than was asked for.
    pub total_tokens: u64,
    /// How many documents are indexed.
    #[serde(default)]
    pub files_indexed: u64,
    /// How many sections are indexed.
    #[serde(default)]
    pub sections_indexed: u64,
    /// What could not be read, one line each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl ContextAnswer {
    /// Holds the answer to its cap and counts its tokens: sections are taken in order while they fit, the last one is
    /// cut at a line or a sentence, what comes behind it is left out.
    pub fn fit(&mut self, max_tokens: i64) {
        let mut room = u64::try_from(max_tokens).unwrap_or_default();
        self.total_tokens = 0;
        let mut full = false;
        self.sections.retain_mut(|section| {
            if full {
                return false;
            }
            if tokens_of(&section.content) > room {
                full = true;
                let most = usize::try_from(room.saturating_mul(TOKEN_BYTES)).unwrap_or(usize::MAX);
                section.content.truncate(cut(&section.content, most));
                section.truncated = true;
                if section.content.len() < SHORTEST_CUT_BYTES {
                    return false;
                }
            }
            section.token_count = tokens_of(&section.content);
            room -= section.token_count;
            self.total_tokens += section.token_count;
            true
        });
    }
}

/// Returns where to cut a text of more than `most` bytes: behind a line, else a sentence, else a word, of the second
/// half; else between characters.
fn cut(text: &str, most: usize) -> usize {
    let end = text.floor_char_boundary(most);
    let part = &text[..end];
    let behind = |place: Option<usize>| place.filter(|place| *place > 0 && *place >= end / 2);
    let sentence = [". ", "! ", "? "].iter().filter_map(|stop| part.rfind(stop)).max().map(|place| place + 1);
    let place = behind(part.rfind('\n')).or(behind(sentence)).or(behind(part.rfind(char::is_whitespace)));
    part[..place.unwrap_or(end)].trim_end().len()
}

/// Returns how many tokens a text has: ⌈bytes/4⌉.
pub const fn tokens_of(text: &str) -> u64 {
    (text.len() as u64).div_ceil(TOKEN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(content: &str) -> Section {
        Section {
            title: "Deploy".to_owned(),
            file: "README.md".to_owned(),
            lines: [1, 2],
            content: content.to_owned(),
            relevance_score: 0.5,
            token_count: 0,
            truncated: false,
        }
    }

    fn fitted(contents: &[&str], max_tokens: i64) -> ContextAnswer {
        let sections = contents.iter().map(|content| section(content)).collect();
        let mut answer = ContextAnswer { sections, ..ContextAnswer::default() };
        answer.fit(max_tokens);
        answer
    }

    #[test]
    fn the_last_section_is_cut_at_a_line_and_says_so() {
        let long = format!("{}\n{}\nthird", "a".repeat(150), "b".repeat(150));
        let answer = fitted(&["12345", &long, "never"], 60);
        assert_eq!(answer.sections[0].token_count, 2);
        assert_eq!(answer.sections[1].content, "a".repeat(150));
        assert_eq!((answer.sections.len(), answer.sections[1].truncated, answer.total_tokens), (2, true, 40));
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_at_a_sentence_or_a_word() {
        let text = format!("{} end. {}", "a".repeat(150), "b".repeat(300));
        assert_eq!(fitted(&[&text], 50).sections[0].content, format!("{} end.", "a".repeat(150)));
        let text = format!("{} {}", "a".repeat(150), "b".repeat(300));
        assert_eq!(fitted(&[&text], 50).sections[0].content, "a".repeat(150));
    }

    #[test]
    fn a_rest_that_would_say_nothing_is_left_out() {
        let answer = fitted(&[&"a".repeat(390), &"b ".repeat(100)], 100);
        assert_eq!((answer.sections.len(), answer.total_tokens), (1, 98));
    }

    proptest::proptest! {
        #[test]
        fn the_cap_is_hard(contents in proptest::collection::vec("(?s).{0,300}", 0..8), max_tokens in 0_i64..300) {
            let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
            let answer = fitted(&contents, max_tokens);
            let sum: u64 = answer.sections.iter().map(|section| tokens_of(&section.content)).sum();
            proptest::prop_assert_eq!(sum, answer.total_tokens);
            proptest::prop_assert!(sum <= max_tokens as u64);
            for (section, content) in answer.sections.iter().zip(contents) {
                proptest::prop_assert_eq!(section.token_count, tokens_of(&section.content));
                proptest::prop_assert!(content.starts_with(&section.content));
                proptest::prop_assert_eq!(section.truncated, section.content.len() < content.len());
            }
        }
    }
}
