//! Sections of the repository's documents, for questions about the project.

use serde::{Deserialize, Serialize};

use super::FieldError;
use super::field::{check_range, check_text};
use super::memory::MAX_QUERY_BYTES;

/// A question to the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextQuery {
    /// The question.
    pub query: String,
    /// The most tokens of content that the answer holds; a token is ⌈bytes/4⌉ (product.md §7).
    pub max_tokens: i64,
}

impl ContextQuery {
    /// The tokens when a call does not say (contract §4.1).
    pub const DEFAULT_MAX_TOKENS: i64 = 4_000;

    /// Refuses what cannot be asked.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_text("query", &self.query, MAX_QUERY_BYTES)?;
        check_range("max_tokens", self.max_tokens, 100..=100_000)
    }
}

/// A section of a document that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// The document's path in the repository.
    pub file: String,
    /// Its first and last line in the document, from 1.
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

/// Returns how many tokens a text has: ⌈bytes/4⌉ (product.md §7).
pub const fn tokens_of(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}
