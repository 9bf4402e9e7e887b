//! JSON that says one thing only: a key that stands twice makes it unreadable, as NaN does.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::domain::json_problem;

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
        let read = Once.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
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

/// Reads a value whose keys each stand once.
struct Once;

impl<'de> DeserializeSeed<'de> for Once {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("the key `{name}` stands twice in one object")));
            }
            let value = entries.next_value_seed(Self)?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
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
