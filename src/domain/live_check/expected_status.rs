//! The statuses that a check accepts.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::LiveCheckError;
use crate::domain::one_line;

/// One status or one class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusPattern {
    /// Exactly this status: `200`.
    Exactly(u16),
    /// All statuses with this first digit: `2` for "2xx".
    Class(u16),
}

impl StatusPattern {
    const fn matches(self, status: u16) -> bool {
        match self {
            Self::Exactly(expected) => expected == status,
            Self::Class(class) => status / 100 == class,
        }
    }

    const fn class(self) -> u16 {
        match self {
            Self::Exactly(status) => status / 100,
            Self::Class(class) => class,
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(status) => write!(formatter, "{status}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}

impl FromStr for StatusPattern {
    type Err = LiveCheckError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || LiveCheckError::Status(one_line(text, 40));
        let lower = text.trim().to_ascii_lowercase();
        if let Some(class) = lower.strip_suffix("xx") {
            return match class.parse() {
                Ok(class @ 1..=5) => Ok(Self::Class(class)),
                _ => Err(wrong()),
            };
        }
        match lower.parse() {
            Ok(status @ 100..=599) => Ok(Self::Exactly(status)),
            _ => Err(wrong()),
        }
    }
}

/// The statuses that a check accepts: a number, a class such as "2xx", or a list of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedStatus(Vec<StatusPattern>);

impl Default for ExpectedStatus {
    fn default() -> Self {
        Self::success()
    }
}

impl ExpectedStatus {
    /// Makes an expectation from patterns; their order and repetitions do not matter.
    ///
    /// # Errors
    /// When there is none, or when both success (2xx, 3xx) and 5xx would be accepted (gate.md G3).
    pub fn new(patterns: impl IntoIterator<Item = StatusPattern>) -> Result<Self, LiveCheckError> {
        let mut patterns: Vec<_> = patterns.into_iter().collect();
        patterns.sort_unstable();
        patterns.dedup();
        if patterns.is_empty() {
            return Err(LiveCheckError::NoStatus);
        }
        let accepts = |class: u16| patterns.iter().any(|pattern| pattern.class() == class);
        if (accepts(2) || accepts(3)) && accepts(5) {
            return Err(LiveCheckError::AcceptsEverything);
        }
        Ok(Self(patterns))
    }

    /// Expects any success: 2xx.
    pub fn success() -> Self {
        Self(vec![StatusPattern::Class(2)])
    }

    /// Expects any success or redirect: 2xx or 3xx.
    pub fn success_or_redirect() -> Self {
        Self(vec![StatusPattern::Class(2), StatusPattern::Class(3)])
    }

    /// Reads an expectation from `200`, `"2xx"`, `"200,204"` or a JSON list of such.
    ///
    /// # Errors
    /// When a part is not a status, or as [`ExpectedStatus::new`].
    pub fn from_json(value: &Value) -> Result<Self, LiveCheckError> {
        match value {
            Value::Array(parts) => {
                let mut patterns = Vec::new();
                for part in parts {
                    patterns.extend(Self::patterns(part)?);
                }
                Self::new(patterns)
            }
            _ => Self::new(Self::patterns(value)?),
        }
    }

    fn patterns(value: &Value) -> Result<Vec<StatusPattern>, LiveCheckError> {
        match value {
            Value::Number(number) => Ok(vec![number.to_string().parse()?]),
            Value::String(text) => text.split(',').map(str::parse).collect(),
            other => Err(LiveCheckError::Status(one_line(&other.to_string(), 40))),
        }
    }

    /// Tells whether `status` is accepted.
    pub fn accepts(&self, status: u16) -> bool {
        self.0.iter().any(|pattern| pattern.matches(status))
    }

    /// Tells whether nothing outside 2xx and 3xx is accepted; only such checks count as proofs (G3).
    pub fn accepts_only_success(&self) -> bool {
        self.0.iter().all(|pattern| matches!(pattern.class(), 2 | 3))
    }
}

impl fmt::Display for ExpectedStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pattern) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" or ")?;
            }
            write!(formatter, "{pattern}")?;
        }
        Ok(())
    }
}

impl FromStr for ExpectedStatus {
    type Err = LiveCheckError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_json(&Value::String(text.to_owned()))
    }
}

impl Serialize for ExpectedStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = |pattern: &StatusPattern| match pattern {
            StatusPattern::Exactly(status) => Value::from(*status),
            StatusPattern::Class(_) => Value::from(pattern.to_string()),
        };
        match self.0.as_slice() {
            [one] => value(one).serialize(serializer),
            many => many.iter().map(value).collect::<Vec<_>>().serialize(serializer),
        }
    }
}

impl JsonSchema for ExpectedStatus {
    fn schema_name() -> Cow<'static, str> {
        "ExpectedStatus".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string", "array"], "items": { "type": ["integer", "string"] } })
    }
}

impl<'de> Deserialize<'de> for ExpectedStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_a_number_a_class_or_a_list() {
        let expected = |value: Value| ExpectedStatus::from_json(&value);
        assert!(expected(json!(200)).expect("number").accepts(200));
        assert!(expected(json!("2xx")).expect("class").accepts(204));
        let list = expected(json!([200, "3xx"])).expect("list");
        assert!(list.accepts(302) && !list.accepts(404));
        assert!(list.accepts_only_success());
        assert_eq!(list.to_string(), "200 or 3xx");
        assert!(!expected(json!([200, 404])).expect("list").accepts_only_success());
        assert_eq!(expected(json!(["2xx", 500])), Err(LiveCheckError::AcceptsEverything));
        assert_eq!(expected(json!([])), Err(LiveCheckError::NoStatus));
        assert!(expected(json!(2000)).is_err() && expected(json!(true)).is_err() && expected(json!("6xx")).is_err());
    }

    #[test]
    fn order_and_repetition_do_not_change_an_expectation() {
        let left = ExpectedStatus::from_json(&json!([204, 200, 200])).expect("list");
        let right = ExpectedStatus::from_json(&json!([200, 204])).expect("list");
        assert_eq!(left, right);
        assert_eq!(serde_json::to_value(&left).expect("json"), json!([200, 204]));
    }
}
