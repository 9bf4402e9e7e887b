//! Finds memories that may say the same as a new one.

use std::collections::HashSet;

use super::stop_words::is_stop_word;
use super::terms::expression;

/// The most words of a text by which its duplicates are looked for.
const MAX_SAMPLED: usize = 16;
/// A group of this many words is found whole, or not at all.
const GROUP: usize = 4;

/// Returns an FTS5 expression that finds what may be a near-duplicate of a text with these words; nothing for a text
/// without words.
///
/// Texts that are alike by 0.9 differ in at most about one word of ten. Of up to 16 words, the longest (which are the
/// rarest), groups of four are made. A near-duplicate that lacks one or two of them still holds a whole group. A
/// near-duplicate of a short text must not lack any, so all words of a short text are one group.
pub(super) fn duplicates_expression<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let distinct: HashSet<&str> = words.collect();
    let meaningful: Vec<&str> = distinct.iter().copied().filter(|word| !is_stop_word(word)).collect();
    let mut sampled = if meaningful.is_empty() { distinct.into_iter().collect() } else { meaningful };
    sampled.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    sampled.truncate(MAX_SAMPLED);
    let groups = (sampled.len() / GROUP).max(1);
    if sampled.is_empty() {
        return None;
    }
    // Dealt out like cards, so that each group has long words and short ones.
    let group = |number: usize| {
        let words: Vec<String> = sampled.iter().skip(number).step_by(groups).map(|word| expression(word)).collect();
        format!("({})", words.join(" AND "))
    };
    Some((0..groups).map(group).collect::<Vec<_>>().join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_looked_for_with_all_its_words() {
        let found = duplicates_expression(["pool", "exhausted", "the"].into_iter());
        assert_eq!(found.as_deref(), Some("(\"exhausted\" AND \"pool\")"));
        assert_eq!(duplicates_expression(["to", "be"].into_iter()).as_deref(), Some("(\"be\" AND \"to\")"));
        assert_eq!(duplicates_expression(std::iter::empty()), None);
    }

    #[test]
    fn a_long_text_is_looked_for_by_groups() {
        let words: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
        let found = duplicates_expression(words.iter().map(String::as_str)).expect("an expression");
        assert_eq!((found.matches(" OR ").count(), found.matches(" AND ").count()), (3, 12));
    }
}
