//! The part of an answer that is kept. Pure.

use serde_json::Value;

use crate::domain::Redactor;
use crate::outbound::Exchange;

/// The most bytes of a body, written as JSON, that are kept.
const MAX_KEPT_BYTES: usize = 4 * 1024;

/// Returns the JSON that a body is, when all of it is there.
pub(super) fn json_of(exchange: &Exchange) -> Option<Value> {
    serde_json::from_slice(exchange.whole_body()?).ok()
}

/// Returns the body without secrets and cut to size: JSON where it is JSON and short enough, else text; nothing
/// for an empty body.
///
/// Secrets are taken out before the cut: half of a secret would not be recognised any more.
pub(super) fn kept_body(exchange: &Exchange, redactor: &Redactor) -> Option<Value> {
    if exchange.body_bytes == 0 {
        return None;
    }
    let text = match json_of(exchange) {
        Some(value) => {
            let value = redactor.json(&value);
            let written = value.to_string();
            if written.len() <= MAX_KEPT_BYTES {
                return Some(value);
            }
            written
        }
        None => redactor.text(&String::from_utf8_lossy(&exchange.body_start)),
    };
    Some(Value::String(cut(&text)))
}

/// Cuts a text at a character so that it takes at most [`MAX_KEPT_BYTES`] as a JSON string.
fn cut(text: &str) -> String {
    let mut used = 2;
    let mut end = 0;
    for (start, character) in text.char_indices() {
        used += written_length(character);
        // Room for the mark that says that something is missing.
        if used + '…'.len_utf8() > MAX_KEPT_BYTES {
            break;
        }
        end = start + character.len_utf8();
    }
    match text.get(..end) {
        Some(kept) if end < text.len() => format!("{kept}…"),
        _ => text.to_owned(),
    }
}

/// How many bytes a character takes in a JSON string (RFC 8259 §7, as serde_json writes it).
const fn written_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::{REDACTED, SecretText};

    fn exchange(body: &str) -> Exchange {
        Exchange::answered("http://a.test/", 200, &[], body.as_bytes())
    }

    #[test]
    fn a22_any_kind_of_json_is_kept_as_json() {
        for value in [json!([1, 2]), json!("text"), json!(3), json!(null), json!(true), json!({"a": {}})] {
            assert_eq!(kept_body(&exchange(&value.to_string()), &Redactor::default()), Some(value));
        }
        assert_eq!(kept_body(&exchange("plain"), &Redactor::default()), Some(json!("plain")));
        assert_eq!(kept_body(&exchange(""), &Redactor::default()), None);
    }

    #[test]
    fn c05_a_secret_is_taken_out_before_the_cut() {
        let redactor = Redactor::new([SecretText::new("hunter2-and-more")]);
        let body = format!("{}hunter2-and-more{}", "x".repeat(4_080), "y".repeat(5_000));
        let kept = kept_body(&exchange(&body), &redactor).expect("a body").to_string();
        assert!(!kept.contains("hunter2") && kept.len() <= MAX_KEPT_BYTES, "{}", kept.len());
        let long = json!({"token": "abcdefgh", "list": vec!["z"; 3_000]}).to_string();
        let kept = kept_body(&exchange(&long), &redactor).expect("a body");
        let text = kept.as_str().expect("text: too long for JSON");
        assert!(text.starts_with(&format!("{{\"token\":\"{REDACTED}\"")) && text.ends_with('…'), "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn c02_nothing_longer_than_the_bound_is_kept(body in "[\\x00-\\x7fäß€😀\"\\\\]{0,6000}") {
            if let Some(kept) = kept_body(&exchange(&body), &Redactor::default()) {
                prop_assert!(kept.to_string().len() <= MAX_KEPT_BYTES);
            }
        }
    }
}
