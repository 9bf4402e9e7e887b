//! JSON that every reader reads alike.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// JSON in which no object says a key twice: readers differ in which one they take (RFC 8259 §4).
#[derive(Debug, Clone, PartialEq)]
pub struct StrictJson(pub Value);

impl<'de> serde::Deserialize<'de> for StrictJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once).map(Self)
    }
}

/// Reads strict JSON; several documents behind each other are a list. Returns nothing for `NaN`, what ends early, and what is
/// no JSON.
pub fn read_strictly(text: &str) -> Option<Value> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<StrictJson>();
    let mut documents: Vec<Value> = documents.map(|document| Some(document.ok()?.0)).collect::<Option<_>>()?;
    if documents.len() == 1 { documents.pop() } else { Some(Value::Array(documents)) }
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
    fn what_readers_read_differently_is_not_read() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"a":{"b":1,"b":1}}]"#, r#"{"a":NaN}"#, r#"{"a":1"#, "{'a':1}", "{} x"] {
            assert_eq!(read_strictly(text), None, "{text}");
        }
        let text = r#"{"b":[1,-2,0.5,null,true,"x"],"a":{"b":1}}"#;
        assert_eq!(read_strictly(text).map(|value| value.to_string()).as_deref(), Some(text));
        assert_eq!(read_strictly("{}\n{}"), Some(serde_json::json!([{}, {}])));
    }
}
