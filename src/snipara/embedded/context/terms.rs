//! The terms of a question, in the language of the index. Pure.

/// The most terms that are looked up.
const MAX_TERMS: usize = 32;
/// The longest word, in bytes: longer ones are data.
const MAX_WORD: usize = 100;
/// The most words of an identifier.
const MAX_PHRASE: usize = 12;
/// How much a word of an identifier weighs beside the identifier.
const PART_WEIGHT: f64 = 0.3;

/// Words that carry no meaning in a question.
const COMMON: [&str; 64] = [
    "a", "about", "after", "all", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it",
    "its", "me", "must", "my", "of", "on", "or", "our", "please", "shall", "should", "so", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "to", "was", "we", "what", "when", "where", "which", "who",
    "why", "with", "you",
];

/// One term of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    /// As FTS5 reads it: quoted, so that nothing in it is an operator (<https://www.sqlite.org/fts5.html> §3.1).
    pub(super) quoted: String,
    /// How much it weighs.
    pub(super) weight: f64,
    pub(super) kind: TermKind,
}

/// The kind of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermKind {
    /// A word.
    Word,
    /// An identifier of several words, such as `/api/auth/session` or `ENV_DRIFT`.
    Identifier,
    /// Two words written as one, such as `rollback` for `roll back`. It counts only when a section writes it so.
    Joined,
}

/// Returns the terms of a question, each once: identifiers as phrases and in their words, other words as they are.
///
/// Words are split as the index splits them: at every character that is neither a letter nor a digit.
pub(super) fn terms(query: &str) -> Vec<Term> {
    let found = of_words(query, true);
    if found.is_empty() { of_words(query, false) } else { found }
}

fn of_words(query: &str, without_common: bool) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut add = |quoted: String, weight: f64, kind: TermKind| {
        if let Some(known) = terms.iter_mut().find(|term| term.quoted == quoted) {
            known.weight = known.weight.max(weight);
        } else if terms.len() < MAX_TERMS {
            terms.push(Term { quoted, weight, kind });
        }
    };
    let mut before: Option<String> = None;
    for chunk in query.split_whitespace() {
        let words: Vec<String> = chunk
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty() && word.len() <= MAX_WORD)
            .map(str::to_lowercase)
            .collect();
        let tells = |word: &&String| !(without_common && COMMON.contains(&word.as_str()));
        if let [word] = words.as_slice() {
            let word = Some(word).filter(tells);
            let plain = chunk.starts_with(char::is_alphanumeric);
            if let Some(word) = word {
                add(quoted(word), 1.0, TermKind::Word);
            }
            if let (Some(before), Some(word), true) = (&before, word, plain) {
                add(quoted(&format!("{before}{word}")), 1.0, TermKind::Joined);
            }
            before = word.filter(|_| plain).cloned();
            continue;
        }
        before = None;
        if !words.is_empty() {
            add(quoted(&words[..words.len().min(MAX_PHRASE)].join(" ")), 1.0, TermKind::Identifier);
            for part in words.iter().filter(tells) {
                add(quoted(part), PART_WEIGHT, TermKind::Word);
            }
        }
    }
    terms
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str) -> Vec<(String, f64)> {
        let plain = |term: &Term| term.kind != TermKind::Joined;
        terms(query).into_iter().filter(plain).map(|term| (term.quoted, term.weight)).collect()
    }

    fn expected(terms: &[(&str, f64)]) -> Vec<(String, f64)> {
        terms.iter().map(|(text, weight)| (format!("\"{text}\""), *weight)).collect()
    }

    #[test]
    fn identifiers_are_looked_up_whole_and_in_their_words() {
        let terms = [("rollback", 1.0), ("api auth session", 1.0), ("api", 0.3), ("auth", 0.3), ("session", 1.0)];
        assert_eq!(shown("How do I rollback /api/auth/session? Session!"), expected(&terms));
        assert_eq!(shown("ENV_DRIFT"), expected(&[("env drift", 1.0), ("env", 0.3), ("drift", 0.3)]));
        assert!(terms_of_identifiers("pgbouncer-1.22").eq(["\"pgbouncer 1 22\""]));
    }

    fn terms_of_identifiers(query: &str) -> impl Iterator<Item = String> {
        terms(query).into_iter().filter(|term| term.kind == TermKind::Identifier).map(|term| term.quoted)
    }

    #[test]
    fn neighbouring_words_are_looked_up_as_one_too() {
        let joined: Vec<String> = terms("How to roll back /api now")
            .into_iter()
            .filter(|term| term.kind == TermKind::Joined)
            .map(|term| term.quoted)
            .collect();
        assert_eq!(joined, ["\"rollback\""]);
    }

    #[test]
    fn a_question_of_common_words_only_keeps_them() {
        assert_eq!(shown("how to"), expected(&[("how", 1.0), ("to", 1.0)]));
        assert_eq!(shown(" \"*^:() -- "), []);
    }

    #[test]
    fn a_hostile_question_is_bounded_and_quoted() {
        let hostile = format!("title:x OR NEAR(a b) \"unclosed {} {}", "a/".repeat(5_000), "y".repeat(5_000));
        let terms = terms(&hostile);
        assert!(terms.len() <= MAX_TERMS);
        for term in terms {
            let inner = &term.quoted[1..term.quoted.len() - 1];
            assert!(inner.chars().all(|character| character.is_alphanumeric() || character == ' '), "{inner}");
        }
    }
}
