//! The peer: plain substring search, as a script over a file of notes would do it.

use super::Hit;
use super::labelled_set::LabelledMemory;

/// Ranks by how many of the question's words occur in the text, in any case; the newer first among equals.
///
/// Its relevance is the share of the words that occur.
pub(super) fn search(memories: &[LabelledMemory], question: &str, limit: usize) -> Vec<Hit> {
    let words: Vec<String> = question.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    let mut hits: Vec<Hit> = memories
        .iter()
        .rev()
        .map(|memory| {
            let text = memory.content.to_lowercase();
            let found = words.iter().filter(|word| text.contains(word.as_str())).count();
            Hit { id: memory.id.clone(), relevance: found as f64 / words.len().max(1) as f64 }
        })
        .filter(|hit| hit.relevance > 0.0)
        .collect();
    hits.sort_by(|one, other| other.relevance.total_cmp(&one.relevance));
    hits.truncate(limit);
    hits
}

fn bare(word: &str) -> String {
    word.trim_matches(|character| "?!.,:;\"'()".contains(character)).to_lowercase()
}
