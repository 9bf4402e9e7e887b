//! Reading a text into the words and identifiers by which it is found.
//!
//! Memories of deploys are full of names: `/api/auth/session`, `ENV_DRIFT`, `pgbouncer-1.22`, `ERR_POOL_TIMEOUT`,
//! `SessionStore`. A tokenizer of words alone loses their order, one that keeps them whole loses their parts. So a text
//! is read twice: into its *words* (a name gives its parts), and into its *identifiers*, each name joined into one word
//! (`envdrift`, `pgbouncer1_22`), which makes `ENV_DRIFT`, `env-drift` and `EnvDrift` one. A name is also kept from each
//! of its later parts on, so that `/auth/session` finds `/api/auth/session`; a question asks for names by prefix, so that
//! `ERR_POOL` finds `ERR_POOL_TIMEOUT`. Both columns lie in an FTS5 table whose `porter unicode61` tokenizer stems and
//! folds diacritics: no stemmer of ours, no new dependency.

use std::collections::HashSet;

use super::scripts::{ScriptRun, is_particle, script_of, script_runs, without_question_words};
use super::stop_words::is_stop_word;

/// The most names that are kept of one text.
const MAX_IDENTIFIERS: usize = 4_000;
/// The most tails of a name that are kept: the name from its first part on, from its second part on, and so on.
const MAX_TAILS: usize = 8;
/// The longest word that is kept, in bytes. Longer ones are data and not language.
const MAX_WORD_BYTES: usize = 64;
/// The most units of a question that are looked up; identifiers and long words first.
const MAX_UNITS: usize = 24;

/// A name of several parts, or one with digits in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Identifier {
    /// Its parts, lower case: `api`, `auth`, `session`.
    pub(super) parts: Vec<String>,
}

impl Identifier {
    /// Returns the whole name as one word. Two neighbouring numbers stay apart, so that 1.22 is not 12.2.
    pub(super) fn whole(&self) -> String {
        join(&self.parts)
    }
}

/// One thing that a text names, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    /// A plain word, lower case.
    Word(String),
    /// A name.
    Identifier(Identifier),
}

fn join(parts: &[String]) -> String {
    let mut whole = String::new();
    for part in parts {
        let both_digits = whole.ends_with(|last: char| last.is_numeric()) && part.starts_with(char::is_numeric);
        if both_digits {
            whole.push('_');
        }
        whole.push_str(part);
    }
    whole
}

/// Returns what a text names, in its order.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let chunks = text.split(|character: char| !(character.is_alphanumeric() || is_connector(character)));
    let mut units = Vec::new();
    for chunk in chunks {
        if !chunk.chars().any(|character| script_of(character).is_some()) {
            units.extend(unit(chunk));
            continue;
        }
        for stretch in script_runs(chunk) {
            match stretch {
                ScriptRun::Pairs(pairs) => units.extend(pairs.into_iter().map(Unit::Word)),
                ScriptRun::Other(rest) => units.extend(unit(rest)),
            }
        }
    }
    units
}

/// Connectors hold a name together; apostrophes are dropped within a word, so that "didn't" is one.
const fn is_connector(character: char) -> bool {
    matches!(character, '_' | '-' | '.' | '/' | ':' | '@' | '#' | '+' | '\\' | '\'' | '’')
}

fn unit(chunk: &str) -> Option<Unit> {
    let mut parts: Vec<String> = Vec::new();
    let plain: String = chunk.chars().filter(|character| !matches!(character, '\'' | '’')).collect();
    for piece in plain.split(|character: char| !character.is_alphanumeric()).filter(|piece| !piece.is_empty()) {
        parts.extend(humps(piece).into_iter().filter(|part| part.len() <= MAX_WORD_BYTES));
    }
    let only = match parts.as_slice() {
        [] => return None,
        [only] => only,
        _ => return Some(Unit::Identifier(Identifier { parts })),
    };
    let has = |kind: fn(char) -> bool| only.chars().any(kind);
    if has(char::is_numeric) && has(char::is_alphabetic) {
        return Some(Unit::Identifier(Identifier { parts }));
    }
    parts.pop().map(Unit::Word)
}

/// Splits `SessionStore` and `HTTPServer` before each hump; answers lower case.
fn humps(piece: &str) -> Vec<String> {
    let characters: Vec<char> = piece.chars().collect();
    let mut parts = Vec::new();
    let mut part = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| characters.get(before)).copied();
        let after = characters.get(index + 1).copied();
        let begins = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || (before.is_uppercase() && after.is_some_and(char::is_lowercase))
            });
        // The plural of an acronym (`URLs`) and a single letter (`OAuth`) are not parts of their own.
        if begins && part.chars().count() > 1 && after != Some('s') {
            parts.push(std::mem::take(&mut part));
        }
        part.extend(character.to_lowercase());
    }
    parts.push(part);
    parts
}

/// Returns a text's words: plain ones, and the parts of names.
pub(super) fn words(units: &[Unit]) -> Vec<&str> {
    units
        .iter()
        .flat_map(|unit| match unit {
            Unit::Word(word) => std::slice::from_ref(word),
            Unit::Identifier(identifier) => identifier.parts.as_slice(),
        })
        .map(String::as_str)
        .collect()
}

/// What the index keeps of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct IndexedText {
    /// The words in their order.
    pub(super) words: String,
    /// The names, each as one word, from each of its parts on.
    pub(super) identifiers: String,
}

/// Returns what the index keeps of a text.
pub(super) fn indexed(text: &str) -> IndexedText {
    let units = units(text);
    let mut seen = HashSet::new();
    let mut identifiers = Vec::new();
    for unit in &units {
        let Unit::Identifier(identifier) = unit else { continue };
        for start in 0..identifier.parts.len().min(MAX_TAILS) {
            let tail = identifier.parts.get(start..).unwrap_or_default();
            // The last part alone is a word already, unless the name has no other.
            if tail.len() < 2 && start > 0 {
                continue;
            }
            let whole = join(tail);
            if identifiers.len() < MAX_IDENTIFIERS && seen.insert(whole.clone()) {
                identifiers.push(whole);
            }
        }
    }
    IndexedText { words: words(&units).join(" "), identifiers: identifiers.join(" ") }
}

/// Returns the units of a question that mean something, each once: without stop words, unless there is nothing else.
///
/// Of a long question the names and the longest words are taken: long words are rarer.
pub(super) fn question(text: &str) -> Vec<Unit> {
    let mut seen = HashSet::new();
    let text = without_question_words(text);
    let all: Vec<Unit> = units(&text).into_iter().filter(|unit| seen.insert(unit.clone())).collect();
    let means = |unit: &Unit| match unit {
        Unit::Word(word) => !is_stop_word(word) && !is_particle(word),
        Unit::Identifier(_) => true,
    };
    let meaningful: Vec<Unit> = all.iter().filter(|unit| means(unit)).cloned().collect();
    let mut chosen = if meaningful.is_empty() { all } else { meaningful };
    if chosen.len() > MAX_UNITS {
        let length = |unit: &Unit| match unit {
            Unit::Word(word) => word.chars().count(),
            Unit::Identifier(identifier) => 100 + identifier.parts.len(),
        };
        let mut by_length: Vec<usize> = (0..chosen.len()).collect();
        by_length.sort_by_key(|&index| std::cmp::Reverse(chosen.get(index).map_or(0, length)));
        let kept: HashSet<usize> = by_length.into_iter().take(MAX_UNITS).collect();
        let mut index = 0;
        chosen.retain(|_| {
            index += 1;
            kept.contains(&(index - 1))
        });
    }
    chosen
}

/// Returns an FTS5 expression for a word: quoted, so that nothing in it is syntax.
pub(super) fn expression(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// Returns an FTS5 expression for the names that begin with a name.
///
/// A name of one part is asked for as it is, unless it is long enough to be the beginning of a digest.
pub(super) fn identifier_expression(identifier: &Identifier) -> String {
    let whole = identifier.whole();
    let begins = identifier.parts.len() > 1 || whole.len() >= 7;
    let star = if begins { " *" } else { "" };
    format!("identifiers : {}{star}", expression(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(parts: &[&str]) -> Unit {
        Unit::Identifier(Identifier { parts: parts.iter().map(ToString::to_string).collect() })
    }

    fn word(text: &str) -> Unit {
        Unit::Word(text.to_owned())
    }

    #[test]
    fn names_are_told_from_words() {
        assert_eq!(
            units("GET /api/auth/session: ENV_DRIFT, pgbouncer-1.22 and (P1001)!"),
            [
                word("get"),
                identifier(&["api", "auth", "session"]),
                identifier(&["env", "drift"]),
                identifier(&["pgbouncer", "1", "22"]),
                word("and"),
                identifier(&["p1001"]),
            ]
        );
        assert_eq!(
            units("SessionStore HTTPServer"),
            [identifier(&["session", "store"]), identifier(&["http", "server"])]
        );
        assert_eq!(units("OAuth URLs"), [word("oauth"), word("urls")]);
        assert_eq!(units("didn't end. — 🚀 ... \" ' -"), [word("didnt"), word("end")]);
    }

    #[test]
    fn one_name_in_three_spellings_is_one_word_and_versions_stay_apart() {
        let whole = |text: &str| indexed(text).identifiers;
        assert_eq!(whole("ENV_DRIFT env-drift EnvDrift"), "envdrift");
        assert_eq!((whole("1.22").as_str(), whole("12.2").as_str()), ("1_22", "12_2"));
    }

    #[test]
    fn a_name_is_kept_from_each_part_on() {
        let kept = indexed("/api/auth/session");
        assert_eq!(
            kept,
            IndexedText { words: "api auth session".into(), identifiers: "apiauthsession authsession".into() }
        );
    }

    #[test]
    fn stop_words_are_left_out_unless_there_is_nothing_else() {
        assert_eq!(question("why did the auth service fail?"), [word("auth"), word("service"), word("fail")]);
        assert_eq!(question("to be or not to be"), [word("to"), word("be"), word("or"), word("not")]);
        assert_eq!(question("\" * ~ 🚀"), []);
    }

    #[test]
    fn a_huge_question_is_cut_to_its_names_and_longest_words() {
        let text = format!("{} ENV_DRIFT", "alpha beta gamma7 delta ".repeat(10) + &words_of(1_000));
        let asked = question(&text);
        assert_eq!(asked.len(), MAX_UNITS);
        assert!(asked.contains(&identifier(&["env", "drift"])), "{asked:?}");
    }

    fn words_of(count: usize) -> String {
        (0..count).map(|number| format!("w{} ", "x".repeat(number % 30))).collect()
    }

    #[test]
    fn expressions_are_quoted_whatever_is_in_them() {
        assert_eq!(expression("a\" OR *"), "\"a\"\" OR *\"");
        let Some(Unit::Identifier(name)) = units("ERR_POOL").pop() else { panic!("a name") };
        assert_eq!(identifier_expression(&name), "identifiers : \"errpool\" *");
    }
}
