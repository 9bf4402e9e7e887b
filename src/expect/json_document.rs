//! JSON that says one thing only: a key that stands twice makes it unreadable, as NaN does.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{StrictJson, json_problem};

/// What some servers put before JSON, so that a page cannot load it as a script.
const SCRIPT_GUARDS: [&str; 3] = [")]}',", ")]}'", "while(1);"];

/// A document and its size.
#[derive(Debug)]
pub(crate) struct JsonDocument {
    pub(crate) value: Value,
    /// How many values it holds, itself included.
    pub(crate) nodes: u64,
    /// How deep it is nested: 1 for a number.
    pub(crate) depth: u64,
}

impl JsonDocument {
    /// Reads a document (RFC 8259).
    ///
    /// # Errors
    /// One line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim_start();
        let text = SCRIPT_GUARDS.iter().find_map(|guard| text.strip_prefix(guard)).unwrap_or(text);
        if text.trim().is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = StrictJson::deserialize(&mut reader).and_then(|StrictJson(value)| reader.end().map(|()| value));
        let value = read.map_err(|error| json_problem(&error))?;
        let (nodes, depth) = size(&value);
        Ok(Self { value, nodes, depth })
    }
}

/// Returns how many values there are, and how deep they are nested. The reader lets in 128 levels.
fn size(value: &Value) -> (u64, u64) {
    let add = |(nodes, depth): (u64, u64), child: &Value| {
        let (more, deep) = size(child);
        (nodes + more, depth.max(deep + 1))
    };
    match value {
        Value::Array(items) => items.iter().fold((1, 1), add),
        Value::Object(fields) => fields.values().fold((1, 1), add),
        _ => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readers_could_read_differently_is_unreadable() {
        let problem = |text: &str| JsonDocument::read(text).map(|document| document.value.to_string());
        assert_eq!(problem(r#"{"a": 1, "b": {"a": 2}}"#), Ok(r#"{"a":1,"b":{"a":2}}"#.to_owned()));
        assert_eq!(problem(")]}',\n[18446744073709551615]"), Ok("[18446744073709551615]".to_owned()));
        assert_eq!(problem(r#"[{"a": 1, "a": 1}]"#), Err("the key `a` stands twice in one object".to_owned()));
        for text in [r#"{"a": NaN}"#, "[1, 2", "{} {}", "1e999", &"[".repeat(200)] {
            assert!(problem(text).is_err(), "{text}");
        }
        assert_eq!(problem(" \n"), Err("it is empty".to_owned()));
    }

    #[test]
    fn its_size_is_known() {
        let document = JsonDocument::read(r#"{"a": [1, {"b": null}]}"#).expect("JSON");
        assert_eq!((document.nodes, document.depth), (5, 4));
    }
}
