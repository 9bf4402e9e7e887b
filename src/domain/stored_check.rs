//! How a live check is stored: in criteria, whose digest is fixed with the task, and in recorded checklists.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::LiveCheck;

/// A check in the form in which it is stored and shown, format 1.
///
/// It differs from what callers write: the time is `timeout_ms`, and a body that is `null` is a body. The digest of a
/// task's criteria is taken over this form and recomputed at every read, so what is written for a check of an older
/// version must never change: a field that a later version adds is written only where it was set. The reader refuses
/// fields that it does not know, because a newer version wrote them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StoredCheck(pub LiveCheck);

impl From<LiveCheck> for StoredCheck {
    fn from(check: LiveCheck) -> Self {
        Self(check)
    }
}

impl<'de> Deserialize<'de> for StoredCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let timeout_ms = fields.remove("timeout_ms").map(u64::deserialize).transpose().map_err(D::Error::custom)?;
        let body = fields.remove("body");
        if fields.contains_key("timeout_s") {
            return Err(D::Error::unknown_field("timeout_s", &["timeout_ms"]));
        }
        // What is left is named alike in both forms.
        let check = LiveCheck::deserialize(Value::Object(fields)).map_err(D::Error::custom)?;
        Ok(Self(LiveCheck { timeout_ms: timeout_ms.unwrap_or(check.timeout_ms), body, ..check }))
    }
}

/// Lists of checks in their stored form, for `#[serde(with)]`.
pub(super) mod list {
    use super::*;

    pub(in crate::domain) fn serialize<S: Serializer>(checks: &[LiveCheck], serializer: S) -> Result<S::Ok, S::Error> {
        checks.serialize(serializer)
    }

    pub(in crate::domain) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<LiveCheck>, D::Error> {
        Ok(Vec::<StoredCheck>::deserialize(deserializer)?.into_iter().map(|check| check.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Redactor;

    fn read(value: Value) -> Result<LiveCheck, String> {
        serde_json::from_value::<StoredCheck>(value).map(|check| check.0).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_back_equal_even_a_body_that_is_null() {
        let mut check = LiveCheck::get("https://api.example.com/x").with_body(Value::Null);
        check.headers.insert("Accept".into(), "text/plain".into());
        check = LiveCheck { timeout_ms: 1, user: Some("ada".into()), follow_redirects: true, ..check };
        for check in [check, LiveCheck::get("https://api.example.com/y")] {
            let written = serde_json::to_value(StoredCheck(check.clone())).expect("json");
            assert_eq!(read(written), Ok(check));
        }
    }

    #[test]
    fn the_form_of_callers_and_a_newer_form_are_refused() {
        let refused = |value| read(value).expect_err("refused");
        assert!(refused(json!({"url": "https://x.example/", "timeout_s": 3})).contains("timeout_s"));
        assert!(refused(json!({"url": "https://x.example/", "body_matches": "x"})).contains("body_matches"));
        assert!(refused(json!({"url": "https://x.example/", "timeout_ms": "3"})).contains("expected u64"));
    }

    #[test]
    fn c05_a_check_is_shown_without_its_secrets() {
        let mut check = LiveCheck::get("https://api.example.com/x?token=hunter2-url")
            .with_body(json!({"password": "hunter2-body"}));
        check.headers.insert("Authorization".into(), "Basic hunter2-header".into());
        check.headers.insert("Accept".into(), "application/json".into());
        let shown = serde_json::to_string(&StoredCheck(check.redacted(&Redactor::default()))).expect("json");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("application/json") && shown.contains("/x?token="), "{shown}");
    }
}
