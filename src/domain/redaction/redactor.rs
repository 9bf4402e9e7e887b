//! The one door: text, JSON and URLs without their secrets.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Map, Value};
use url::Url;

use super::known::KnownSecrets;
use super::name::{self, Strength};
use super::{scan, url_parts, value};
use crate::domain::SecretText;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Takes secrets out of text, JSON and URLs. Its clones know what it learns.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    known: Arc<RwLock<Arc<KnownSecrets>>>,
}

/// Secrets that a redactor learned; it forgets them when this is dropped.
#[derive(Debug)]
pub struct LearnedSecrets {
    redactor: Redactor,
    secrets: Vec<SecretText>,
}

impl Drop for LearnedSecrets {
    fn drop(&mut self) {
        self.redactor.change(|known| known.without(&self.secrets));
    }
}

impl Redactor {
    /// Makes a redactor that also knows some secrets by their value.
    pub fn new(secrets: impl IntoIterator<Item = SecretText>) -> Self {
        Self { known: Arc::new(RwLock::new(Arc::new(KnownSecrets::new(secrets)))) }
    }

    /// Learns secrets by their value, such as those that a login gave. Every clone knows them, until what is returned is
    /// dropped.
    #[must_use]
    pub fn learn(&self, secrets: Vec<SecretText>) -> LearnedSecrets {
        self.change(|known| known.with(&secrets));
        LearnedSecrets { redactor: self.clone(), secrets }
    }

    fn change(&self, change: impl FnOnce(&KnownSecrets) -> KnownSecrets) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Arc::new(change(&known));
    }

    fn known(&self) -> Arc<KnownSecrets> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the length in bytes of the longest known secret: how much two neighbouring pieces must overlap.
    pub fn longest_secret(&self) -> usize {
        self.known().longest()
    }

    /// Returns the text without secrets.
    pub fn text(&self, text: &str) -> String {
        replaced(text, &scan::places(text, &self.known()))
    }

    /// Returns the text that may be there without secrets.
    pub fn optional(&self, text: Option<String>) -> Option<String> {
        text.map(|text| self.text(&text))
    }

    /// Returns the texts without secrets.
    pub fn texts(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    /// Returns the JSON value without secrets: values under secret names are replaced whole, texts are searched.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.object(fields)),
            Value::Array(items) => match items.as_slice() {
                [Value::String(name), Value::String(_)] if is_secret_name(name) => {
                    Value::Array(vec![Value::from(self.text(name)), Value::from(REDACTED)])
                }
                _ => Value::Array(items.iter().map(|item| self.json(item)).collect()),
            },
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) if self.known().places(&number.to_string()).next().is_some() => Value::from(REDACTED),
            other => other.clone(),
        }
    }

    fn object(&self, fields: &Map<String, Value>) -> Map<String, Value> {
        let text_of = |name: &str| fields.get(name).and_then(Value::as_str);
        let named = ["name", "key", "Name", "Key", "header", "field"];
        let names_a_secret = named.iter().filter_map(|name| text_of(name)).any(is_secret_name);
        let is_kubernetes_secret = text_of("kind") == Some("Secret");
        let clean = |(name, field): (&String, &Value)| {
            let kept = match name.as_str() {
                "value" | "Value" if names_a_secret => masked(field),
                "data" | "stringData" if is_kubernetes_secret => match field {
                    Value::Object(data) => {
                        Value::Object(data.iter().map(|(key, value)| (key.clone(), masked(value))).collect())
                    }
                    other => masked(other),
                },
                _ => self.field(name, field),
            };
            (self.text(name), kept)
        };
        fields.iter().map(clean).collect()
    }

    fn field(&self, name: &str, field: &Value) -> Value {
        match name::strength(name) {
            Some(Strength::Token | Strength::Password) => masked(field),
            Some(Strength::Weak) if field.as_str().is_some_and(value::mixed) => Value::from(REDACTED),
            _ => self.json(field),
        }
    }

    /// Returns the URL without user information and without the values of secret query parameters.
    pub fn url(&self, url: &str) -> String {
        let Ok(mut parsed) = Url::parse(url) else { return self.text(url) };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let _ = parsed.set_username("redacted");
            let _ = parsed.set_password(None);
        }
        if let Some(query) = parsed.query() {
            let kept: Vec<String> = query
                .split('&')
                .map(|pair| match pair.split_once('=') {
                    Some((name, value)) if !value.is_empty() && url_parts::is_secret_parameter(name) => {
                        format!("{name}={REDACTED}")
                    }
                    _ => pair.to_owned(),
                })
                .collect();
            let kept = kept.join("&");
            if kept != query {
                parsed.set_query(Some(&kept));
            }
        }
        self.text(parsed.as_str())
    }
}

fn is_secret_name(name: &str) -> bool {
    name::strength(name) >= Some(Strength::Token)
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::String(text) if text.is_empty() => value.clone(),
        _ => Value::from(REDACTED),
    }
}

/// A text without any secret, which is the usual one, is copied as it is.
fn replaced(text: &str, places: &[Range<usize>]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for place in places {
        result.push_str(text.get(at..place.start).unwrap_or_default());
        result.push_str(REDACTED);
        at = place.end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}
