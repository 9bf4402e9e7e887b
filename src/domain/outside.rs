//! Text from outside on its way out: what a reader cannot see is taken out of it and counted (docs/design/outside.md).

use serde_json::{Map, Value};

use super::Redactor;

/// How often a text is read at most.
const MOST_PASSES: usize = 16;

/// Takes out of a text what shows nothing or changes how it reads. Returns how many characters are gone.
///
/// Terminal sequences go whole; what separates lines or paragraphs becomes a space; the escape of half a surrogate pair
/// (`\ud800`) goes, because it makes JSON in a text unreadable. New lines and tabs stay. A secret that was broken up by what
/// is gone would be whole again, so a text that changed is redacted once more.
pub fn clean(text: &mut String, redactor: &Redactor) -> u64 {
    let mut all: u64 = 0;
    for _ in 0..MOST_PASSES {
        let dropped = clean_once(text, redactor);
        if dropped == 0 {
            return all;
        }
        all = all.saturating_add(dropped);
    }
    // Whoever nests escapes that deep writes no text.
    all = all.saturating_add(count(text));
    *text = String::new();
    all
}

/// What is gone may leave an escape behind that was none before, so a text that changed is read once more.
fn clean_once(text: &mut String, redactor: &Redactor) -> u64 {
    if text.chars().all(is_kept) && !text.contains("\\u") {
        return 0;
    }
    let mut kept = String::with_capacity(text.len());
    let mut dropped: u64 = 0;
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let width = terminal_sequence(rest).or_else(|| half_a_pair(rest));
        if let Some(width) = width {
            dropped = dropped.saturating_add(count(&rest[..width]));
            rest = &rest[width..];
            continue;
        }
        // The pair of a surrogate escape stays together.
        let width = whole_pair(rest).unwrap_or(character.len_utf8());
        let (piece, after) = rest.split_at(width);
        match character {
            '\u{2028}' | '\u{2029}' => {
                kept.push(' ');
                dropped = dropped.saturating_add(1);
            }
            // Half of a line's end is no trick.
            '\r' if after.starts_with('\n') => {}
            _ if is_kept(character) => kept.push_str(piece),
            _ => dropped = dropped.saturating_add(1),
        }
        rest = after;
    }
    *text = if dropped > 0 { redactor.text(&kept) } else { kept };
    dropped
}

/// Returns the text with `�` where [`clean`] would take something out, for what is not redacted again.
pub fn marked(text: &str) -> String {
    let shown = |character| if is_kept(character) { character } else { '\u{fffd}' };
    text.chars().map(shown).collect()
}

/// Cleans every text of a document, the names of fields included. Returns how many characters are gone.
pub fn clean_value(value: &mut Value, redactor: &Redactor) -> u64 {
    match value {
        Value::String(text) => clean(text, redactor),
        Value::Array(items) => items.iter_mut().map(|item| clean_value(item, redactor)).sum(),
        Value::Object(fields) => clean_fields(fields, redactor),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Cleans an object, as [`clean_value`] does.
pub fn clean_fields(fields: &mut Map<String, Value>, redactor: &Redactor) -> u64 {
    let mut dropped = 0;
    if fields.keys().any(|name| clean(&mut name.clone(), redactor) > 0) {
        for (mut name, value) in std::mem::take(fields) {
            dropped += clean(&mut name, redactor);
            fields.insert(name, value);
        }
    }
    dropped + fields.values_mut().map(|value| clean_value(value, redactor)).sum::<u64>()
}

/// What shows nothing, or makes a line read differently from what it says: control characters, directions (Unicode TR 36
/// §2.8), and what Unicode lets a reader ignore but a model reads (TR 36 §2.2, TR 51 C.1).
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control() || is_direction(character) || is_invisible(character)
}

const fn is_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// What people need and models do not: joiners make some scripts and emoji look right, and so do the first sixteen
/// variation selectors. In a row of its own each carries bits that nobody sees.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_kept(character: char) -> bool {
    matches!(character, '\n' | '\t') || !(is_hidden(character) || is_joiner(character))
}

fn count(text: &str) -> u64 {
    text.chars().count().try_into().unwrap_or(u64::MAX)
}

/// Returns how long a terminal's sequence at the beginning of a text is (ECMA-48 §5.4, §5.6).
fn terminal_sequence(text: &str) -> Option<usize> {
    let mut characters = text.chars();
    let kind = match characters.next()? {
        '\u{1b}' => characters.next()?,
        '\u{9b}' => '[',
        '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => ']',
        _ => return None,
    };
    let body = characters.as_str();
    let begin = text.len() - body.len();
    match kind {
        '[' => {
            let end = body.find(|character: char| !(' '..='?').contains(&character))?;
            let last = body[end..].chars().next().filter(|last| ('@'..='~').contains(last))?;
            Some(begin + end + last.len_utf8())
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let end = body.find(['\u{7}', '\u{9c}', '\u{1b}', '\n'])?;
            let ended = &body[end..];
            ["\u{7}", "\u{9c}", "\u{1b}\\"]
                .iter()
                .find(|mark| ended.starts_with(**mark))
                .map(|mark| begin + end + mark.len())
        }
        '0'..='~' => Some(begin),
        _ => None,
    }
}

/// Returns how long the escape of half a surrogate pair at the beginning of a text is.
fn half_a_pair(text: &str) -> Option<usize> {
    let unit = escaped_unit(text)?;
    ((0xd800..0xe000).contains(&unit) && whole_pair(text).is_none()).then_some(6)
}

fn whole_pair(text: &str) -> Option<usize> {
    let first = escaped_unit(text)?;
    let second = escaped_unit(text.get(6..)?)?;
    ((0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second)).then_some(12)
}

fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_gone_leaves_no_escape_behind() {
        assert_eq!(cleaned("\\\u{9b}\\uD800"), (String::new(), 8));
    }

    fn cleaned(text: &str) -> (String, u64) {
        let mut text = text.to_owned();
        let dropped = clean(&mut text, &Redactor::default());
        (text, dropped)
    }

    #[test]
    fn every_class_of_what_nobody_sees_goes_and_is_counted() {
        for hidden in [
            '\u{0}',
            '\u{7}',
            '\u{8}',
            '\u{b}',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9f}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{17b5}',
            '\u{180b}',
            '\u{180e}',
            '\u{180f}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2061}',
            '\u{2064}',
            '\u{2065}',
            '\u{2066}',
            '\u{2069}',
            '\u{206a}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{1d173}',
            '\u{e0000}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{e01ef}',
        ] {
            assert_eq!(cleaned(&format!("a{hidden} b")), ("a b".to_owned(), 1), "{:x}", u32::from(hidden));
        }
        assert_eq!(cleaned("a\u{2028}b\u{2029}c"), ("a b c".to_owned(), 2));
        assert_eq!(cleaned("a\tb\r\nc\n"), ("a\tb\nc\n".to_owned(), 0));
    }

    #[test]
    fn what_is_seen_stays_in_every_script() {
        for text in [
            "Grüße, naïve café",
            "Привет",
            "日本語と한국어",
            "שלום",
            "مرحبا",
            "हिन्दी",
            "ราคา ฿5",
            "👩🚀 ❤ 🇩🇪",
            "x² ≠ y",
        ] {
            assert_eq!(cleaned(text), (text.to_owned(), 0));
        }
        assert_eq!(cleaned("👩\u{200d}🚀 می\u{200c}خواهم ❤\u{fe0f}"), ("👩🚀 میخواهم ❤".to_owned(), 3));
    }

    #[test]
    fn terminal_sequences_go_whole_and_what_only_begins_like_one_loses_its_mark() {
        for (text, seen) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]8;;https://x.example\u{1b}\\link\u{1b}]8;;\u{7}", "link"),
            ("\u{9b}2Jgone", "gone"),
            ("\u{1b}cgone", "gone"),
            ("\u{1b}]never ended", "]never ended"),
            ("a\u{1b}", "a"),
            ("\u{1b}[\u{e9}", "[é"),
        ] {
            assert_eq!(cleaned(text).0, seen, "{text:?}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_goes_and_a_whole_one_stays() {
        assert_eq!(cleaned(r#"{"a": "\ud83d x \ude00"}"#), (r#"{"a": " x "}"#.to_owned(), 12));
        assert_eq!(cleaned(r"\ud83d\ude00 \u00e9 \u12"), (r"\ud83d\ude00 \u00e9 \u12".to_owned(), 0));
    }

    #[test]
    fn a_document_is_cleaned_in_every_text_and_name() {
        let mut value = json!({"a\u{200b}": ["x\u{202e}", {"b": "\u{e0041}y"}], "n": 1});
        assert_eq!(clean_value(&mut value, &Redactor::default()), 3);
        assert_eq!(value, json!({"a": ["x", {"b": "y"}], "n": 1}));
    }

    proptest! {
        #[test]
        fn what_was_cleaned_holds_nothing_hidden_and_stays_as_it_is(text in "(\\PC|[\u{0}-\u{a0}]|[\u{2000}-\u{2070}]|\\\\u[dD][89a-f0-9]{3}){0,40}") {
            let (once, _) = cleaned(&text);
            prop_assert!(once.chars().all(is_kept));
            prop_assert_eq!(cleaned(&once), (once.clone(), 0));
        }
    }
}
