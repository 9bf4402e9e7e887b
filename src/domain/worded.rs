//! Items of a list that are objects, or texts in a form of their own.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{AcceptanceCriterion, EvidenceRequirement, FieldError, NewEvidence, json_problem, parse_evidence};

/// Something that can be said in one text.
pub(super) trait Worded: DeserializeOwned {
    /// Reads the text.
    fn worded(text: &str) -> Result<Self, FieldError>;
}

impl Worded for NewEvidence {
    fn worded(text: &str) -> Result<Self, FieldError> {
        parse_evidence(text)
    }
}

/// `type:description`, or a type alone.
impl Worded for EvidenceRequirement {
    fn worded(text: &str) -> Result<Self, FieldError> {
        let (kind, description) = text.split_once(':').unwrap_or((text, ""));
        Ok(Self { kind: kind.trim().to_owned(), description: description.trim().to_owned(), url: None })
    }
}

impl Worded for AcceptanceCriterion {
    fn worded(text: &str) -> Result<Self, FieldError> {
        Ok(Self { id: String::new(), text: text.to_owned(), checked: false })
    }
}

/// Reads a list whose items are objects, texts, or texts that hold an object.
pub(super) fn objects_or_texts<'de, D: Deserializer<'de>, T: Worded>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let read = |item: Value| match item {
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(&text).map_err(|error| json_problem(&error))
        }
        Value::String(text) => T::worded(&text).map_err(|error| format!("{}; {}", error.problem, error.fix)),
        item => T::deserialize(item).map_err(|error| error.to_string()),
    };
    let items = Vec::<Value>::deserialize(deserializer)?;
    let numbered = items.into_iter().enumerate();
    numbered.map(|(index, item)| read(item).map_err(|why| D::Error::custom(format!("[{index}]: {why}")))).collect()
}
