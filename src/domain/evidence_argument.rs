//! Evidence as it is written on the command line (handoff.md, "Evidence on the command line").

use serde_json::Value;
use url::Url;

use super::{FieldError, NewEvidence, json_problem, one_line};

/// What errors call the argument.
const FIELD: &str = "evidence";
/// The longest word before a `:` that is taken for a type.
const MAX_KIND_BYTES: usize = 100;

/// Reads evidence from one argument of the command line.
///
/// In this order: a JSON object with the fields of [`NewEvidence`]; an http or https URL, which is a `link`;
/// `proof://12`, which is a `proof` of our ledger; `type:description`, where a description that is a URL is kept as
/// `url`; any other text is a `note`.
///
/// # Errors
/// Names `evidence`: empty, a JSON object with a wrong field, a JSON list, evidence that shows nothing, or longer than 64 KiB.
pub fn parse_evidence(text: &str) -> Result<NewEvidence, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldError::new(FIELD, "is empty", "give a JSON object, type:description, a URL, or a text"));
    }
    let evidence = if text.starts_with('{') { parse_object(text)? } else { parse_words(text)? };
    evidence.check(FIELD)?;
    Ok(evidence)
}

fn parse_object(text: &str) -> Result<NewEvidence, FieldError> {
    serde_json::from_str(text).map_err(|error| {
        let problem = format!("`{}` is not evidence: {}", one_line(text, 60), json_problem(&error));
        FieldError::new(FIELD, problem, r#"give an object such as {"type": "test", "description": "…"}"#)
    })
}

fn parse_words(text: &str) -> Result<NewEvidence, FieldError> {
    if matches!(serde_json::from_str(text), Ok(Value::Array(_))) {
        return Err(FieldError::new(FIELD, "is a JSON list", "give each item an --evidence of its own"));
    }
    if is_web_address(text) {
        return Ok(NewEvidence { kind: "link".into(), url: Some(text.into()), ..NewEvidence::default() });
    }
    if text.starts_with("proof://") {
        return Ok(NewEvidence { kind: "proof".into(), proof_id: Some(text.into()), ..NewEvidence::default() });
    }
    Ok(match text.split_once(':') {
        Some((kind, shown)) if is_kind(kind.trim()) && !shown.starts_with("//") => of_kind(kind.trim(), shown.trim()),
        _ => NewEvidence { kind: "note".into(), description: Some(text.into()), ..NewEvidence::default() },
    })
}

fn of_kind(kind: &str, shown: &str) -> NewEvidence {
    let evidence = NewEvidence { kind: kind.into(), ..NewEvidence::default() };
    if is_web_address(shown) {
        NewEvidence { url: Some(shown.into()), ..evidence }
    } else {
        NewEvidence { description: Some(shown.into()), ..evidence }
    }
}

/// A word with a letter in front: `12:30 all green` is a note.
fn is_kind(word: &str) -> bool {
    word.len() <= MAX_KIND_BYTES
        && word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().all(|character| character.is_ascii_alphanumeric() || "_-.".contains(character))
}

fn is_web_address(text: &str) -> bool {
    let address = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    address && text.contains("://") && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::to_value(parse_evidence(text).expect(text)).expect("JSON")
    }

    #[test]
    fn e14_a_url_is_a_link_and_never_a_type() {
        for url in ["https://ci.example.com/runs/1?a=b:c", "http://localhost:3000", "HTTPS://EXAMPLE.com/x"] {
            assert_eq!(read(&format!(" {url} ")), json!({ "type": "link", "url": url }));
        }
        assert_eq!(read("test:https://ci.example.com/1"), json!({ "type": "test", "url": "https://ci.example.com/1" }));
    }

    #[test]
    fn evidence_is_an_object_a_type_with_a_description_or_a_note() {
        let object = json!({ "type": "test", "task_id": "task_1", "metadata": { "a": 1 } });
        assert_eq!(read(&object.to_string()), object);
        assert_eq!(read("qa: checkout: smoke test"), json!({ "type": "qa", "description": "checkout: smoke test" }));
        assert_eq!(read("proof://12"), json!({ "type": "proof", "proof_id": "proof://12" }));
        for note in
            ["all green", "12:30 all green", "went well: all green", "ftp://x.example/a", "https://x.example is up"]
        {
            assert_eq!(read(note), json!({ "type": "note", "description": note }));
        }
    }

    #[test]
    fn what_is_no_evidence_is_refused_by_name() {
        for (text, part) in [
            (" ", "is empty"),
            ("{\"type\": \"test\"", "is not evidence"),
            (r#"{"type": "test", "descripton": "x"}"#, "unknown field `descripton`"),
            (r#"{"type": "test"}"#, "shows nothing"),
            (r#"[{"type": "test", "description": "x"}]"#, "is a JSON list"),
            ("test:", "shows nothing"),
        ] {
            let error = parse_evidence(text).expect_err(text);
            assert!(error.field.starts_with("evidence") && error.problem.contains(part), "{text}: {error}");
        }
    }
}
