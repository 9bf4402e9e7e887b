//! The arguments of a call, read with an error that names the argument.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{FieldError, UnknownWord, one_line};
use crate::snipara::payload::Payload;

/// The arguments of a call; each reader takes the first of some names that is given and not null.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a>(pub(super) &'a Payload);

impl<'a> Given<'a> {
    fn find<'n>(self, names: &[&'n str]) -> Option<(&'n str, &'a Value)> {
        names.iter().find_map(|name| Some((*name, self.0.get(*name).filter(|value| !value.is_null())?)))
    }

    /// Returns an argument of any type.
    pub(super) fn get<T: DeserializeOwned>(self, names: &[&str], expected: &str) -> Result<Option<T>, FieldError> {
        let Some((name, value)) = self.find(names) else { return Ok(None) };
        T::deserialize(value)
            .map(Some)
            .map_err(|error| FieldError::new(name, one_line(&error.to_string(), 200), format!("give {expected}")))
    }

    pub(super) fn text(self, names: &[&str]) -> Result<Option<String>, FieldError> {
        self.get(names, "a text")
    }

    pub(super) fn texts(self, name: &str) -> Result<Vec<String>, FieldError> {
        Ok(self.get(&[name], "a list of texts")?.unwrap_or_default())
    }

    pub(super) fn integer(self, names: &[&str]) -> Result<Option<i64>, FieldError> {
        self.get(names, "a whole number")
    }

    pub(super) fn flag(self, name: &str, default: bool) -> Result<bool, FieldError> {
        Ok(self.get(&[name], "true or false")?.unwrap_or(default))
    }

    /// Returns a text that must be given; an empty one is left to the request's own check.
    pub(super) fn needed(self, names: &[&str]) -> Result<String, FieldError> {
        self.text(names)?.ok_or_else(|| absent(names))
    }

    pub(super) fn word<T: FromStr<Err = UnknownWord>>(self, name: &str) -> Result<Option<T>, FieldError> {
        let read = |word: String| {
            word.parse().map_err(|error: UnknownWord| {
                FieldError::new(name, error.to_string(), format!("give one of {}", error.known))
            })
        };
        self.text(&[name])?.map(read).transpose()
    }

    pub(super) fn id<T>(self, name: &str, parse: fn(&str) -> Result<T, FieldError>) -> Result<Option<T>, FieldError> {
        let named = |error: FieldError| FieldError { field: name.to_owned(), ..error };
        self.text(&[name])?.map(|text| parse(&text).map_err(named)).transpose()
    }

    pub(super) fn needed_id<T>(self, name: &str, parse: fn(&str) -> Result<T, FieldError>) -> Result<T, FieldError> {
        self.id(name, parse)?.ok_or_else(|| absent(&[name]))
    }
}

pub(super) fn absent(names: &[&str]) -> FieldError {
    let name = names.first().copied().unwrap_or_default();
    FieldError::new(name, "is missing", format!("give {name}"))
}
