//! A host's JSON object, read without trust: a field that is null or of another type counts as absent.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::Missing;
use crate::domain::{FieldError, Timestamp};
use crate::snipara::payload::Payload;

/// A host's object. Each reader takes the first of some names that holds something of the wanted type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Payload);

impl<'a> Fields<'a> {
    /// Takes a value that is an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    fn first<T>(self, names: &[&str], read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| self.0.get(*name).and_then(&read))
    }

    /// Returns a text. A number counts as one, too.
    pub(super) fn text(self, names: &[&str]) -> Option<String> {
        self.first(names, |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Returns a text that is not blank.
    pub(super) fn word(self, names: &[&str]) -> Option<String> {
        self.first(names, |value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned))
    }

    /// Returns a text that reads as `T`.
    pub(super) fn parsed<T: FromStr>(self, names: &[&str]) -> Option<T> {
        self.first(names, |value| value.as_str().and_then(|text| text.parse().ok()))
    }

    /// Returns an id.
    pub(super) fn id<T>(self, names: &[&str], parse: fn(&str) -> Result<T, FieldError>) -> Option<T> {
        self.first(names, |value| match value {
            Value::String(text) => parse(text).ok(),
            Value::Number(number) => parse(&number.to_string()).ok(),
            _ => None,
        })
    }

    /// Returns ids. Values that are not ids are left out.
    pub(super) fn ids<T>(self, names: &[&str], parse: fn(&str) -> Result<T, FieldError>) -> Vec<T> {
        let read = |value: &Value| value.as_str().and_then(|text| parse(text).ok());
        self.list(names).iter().filter_map(read).collect()
    }

    /// Returns a whole number. A number in quotes counts as one, too.
    pub(super) fn integer(self, names: &[&str]) -> Option<i64> {
        self.first(names, |value| match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        })
    }

    /// Returns a whole number that is not negative.
    pub(super) fn count(self, names: &[&str]) -> Option<u64> {
        self.integer(names).and_then(|number| u64::try_from(number).ok())
    }

    /// Returns a number. A number in quotes counts as one, too.
    pub(super) fn number(self, names: &[&str]) -> Option<f64> {
        self.first(names, |value| match value {
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            other => other.as_f64(),
        })
    }

    /// Returns a truth value.
    pub(super) fn flag(self, names: &[&str]) -> Option<bool> {
        self.first(names, Value::as_bool)
    }

    /// Returns a time (RFC 3339).
    pub(super) fn time(self, names: &[&str]) -> Option<Timestamp> {
        self.first(names, |value| value.as_str().and_then(|text| Timestamp::parse_rfc3339(text).ok()))
    }

    /// Returns a list, or an empty one when it is absent.
    pub(super) fn list(self, names: &[&str]) -> &'a [Value] {
        self.some_list(names).unwrap_or_default()
    }

    /// Returns a list, or nothing when it is absent.
    pub(super) fn some_list(self, names: &[&str]) -> Option<&'a [Value]> {
        self.first(names, |value| value.as_array().map(Vec::as_slice))
    }

    /// Returns the texts of a list.
    pub(super) fn texts(self, names: &[&str]) -> Vec<String> {
        self.list(names).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    /// Returns the objects of a list.
    pub(super) fn objects(self, names: &[&str]) -> impl Iterator<Item = Self> + use<'a> {
        self.list(names).iter().filter_map(Self::of)
    }

    /// Returns the objects of a list that must be there.
    pub(super) fn rows(self, names: &[&'static str]) -> Result<impl Iterator<Item = Self> + use<'a>, Missing> {
        let list = self.some_list(names).ok_or(Missing(names.first().copied().unwrap_or_default()))?;
        Ok(list.iter().filter_map(Self::of))
    }

    /// Reads the object as a domain type. A field that cannot be read is left out; what is absent is taken from `instead`.
    pub(super) fn read<T: DeserializeOwned>(self, instead: &Value) -> Option<T> {
        let mut given = self.0.clone();
        given.retain(|_, value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()));
        loop {
            let mut whole = instead.as_object()?.clone();
            whole.extend(given.clone());
            match serde_path_to_error::deserialize(Value::Object(whole)) {
                Ok(read) => return Some(read),
                Err(error) => {
                    let Some(Segment::Map { key }) = error.path().iter().next() else { return None };
                    given.remove(key)?;
                }
            }
        }
    }

    /// Returns an object.
    pub(super) fn object(self, names: &[&str]) -> Option<Self> {
        self.first(names, Self::of)
    }

    /// Returns any value but null.
    pub(super) fn value(self, names: &[&str]) -> Option<Value> {
        self.first(names, |value| (!value.is_null()).then(|| value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn e19_nulls_and_wrong_types_are_absent_and_the_other_spelling_is_taken() {
        let host =
            json!({"content": null, "text": "x", "score": "0.5", "count": -1, "at": 7, "rows": [1, {"a": 2}, null]});
        let fields = Fields::of(&host).expect("an object");
        assert_eq!(fields.text(&["content", "text"]).as_deref(), Some("x"));
        assert_eq!((fields.number(&["relevance", "score"]), fields.count(&["count"])), (Some(0.5), None));
        assert_eq!((fields.time(&["at"]), fields.objects(&["rows"]).count()), (None, 1));
        assert!(fields.value(&["content"]).is_none() && fields.list(&["text"]).is_empty());
    }
}
