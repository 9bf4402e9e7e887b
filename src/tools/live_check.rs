//! A live check as agents write it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::{DEFAULT_CHECK_TIMEOUT_MS, ExpectedStatus, LiveCheck, MAX_CHECK_TIMEOUT_MS, Method};
use crate::orchestrator::OrchestratorError;

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiveCheckParams {
    /// Absolute, or a path on production.
    pub(super) url: String,
    /// Default GET.
    #[serde(default)]
    method: Option<String>,
    /// Like 200, "2xx" or [200, 204]; default 200.
    #[serde(default)]
    expected_status: Option<StatusParam>,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    /// Any JSON; text is sent as it is.
    #[serde(default)]
    body: Option<Value>,
    /// Default 30.
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 600.0))]
    timeout_s: Option<f64>,
    /// Test user whose credentials to send.
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    follow_redirects: Option<bool>,
}

/// A number, a class as text, or a list of both; read by [`ExpectedStatus::from_json`].
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct StatusParam(Value);

impl JsonSchema for StatusParam {
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

impl TryFrom<LiveCheckParams> for LiveCheck {
    type Error = OrchestratorError;

    fn try_from(given: LiveCheckParams) -> Result<Self, Self::Error> {
        let wrong = |message: String| OrchestratorError::invalid(message, "Correct this field and call again.");
        let method =
            given.method.as_deref().map_or(Ok(Method::Get), str::parse).map_err(|error| wrong(error.to_string()))?;
        let expected_status = match given.expected_status {
            Some(StatusParam(value)) => ExpectedStatus::from_json(&value).map_err(|error| wrong(error.to_string()))?,
            None => ExpectedStatus::default(),
        };
        let timeout_ms = given.timeout_s.map_or(Some(DEFAULT_CHECK_TIMEOUT_MS), milliseconds).ok_or_else(|| {
            wrong(format!("timeout_s is {}: it must lie between 0.001 and 600", given.timeout_s.unwrap_or_default()))
        })?;
        Ok(Self {
            url: given.url,
            method,
            expected_status,
            headers: given.headers.unwrap_or_default(),
            body: given.body,
            timeout_ms,
            user: given.user,
            follow_redirects: given.follow_redirects.unwrap_or_default(),
        })
    }
}

/// Reads many; the first that is wrong is named by its place.
pub(super) fn live_checks(given: Vec<LiveCheckParams>) -> Result<Vec<LiveCheck>, OrchestratorError> {
    let read = |(index, check): (usize, LiveCheckParams)| {
        LiveCheck::try_from(check).map_err(|error| match error {
            OrchestratorError::Refused { code, message, hint } => {
                OrchestratorError::Refused { code, message: format!("live_checks[{index}].{message}"), hint }
            }
            other => other,
        })
    };
    given.into_iter().enumerate().map(read).collect()
}

/// Returns whole milliseconds, at least one; nothing for a time that no check may take.
fn milliseconds(seconds: f64) -> Option<u64> {
    let time = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    let milliseconds = u64::try_from(time.as_micros().div_ceil(1000)).ok()?;
    (1..=MAX_CHECK_TIMEOUT_MS).contains(&milliseconds).then_some(milliseconds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(value: Value) -> Result<LiveCheck, String> {
        let params: LiveCheckParams = serde_json::from_value(value).expect("params");
        LiveCheck::try_from(params).map_err(|error| error.to_string())
    }

    #[test]
    fn a_time_out_may_be_a_fraction_and_none_or_too_much_is_refused() {
        assert_eq!(given(json!({"url": "/", "timeout_s": 0.25})).expect("read").timeout_ms, 250);
        assert_eq!(given(json!({"url": "/"})).expect("read").timeout_ms, 30_000);
        for wrong in [json!(0), json!(-1), json!(600.5), json!(1e300)] {
            let message = given(json!({"url": "/", "timeout_s": wrong})).expect_err("refused");
            assert!(message.starts_with("timeout_s is "), "{message}");
        }
    }

    #[test]
    fn c09_any_body_is_kept_and_a_status_is_a_number_text_or_list() {
        for body in [json!({}), json!([1]), json!("text"), json!(0), json!(false)] {
            assert_eq!(given(json!({"url": "/", "body": body.clone()})).expect("read").body, Some(body));
        }
        for status in [json!(204), json!("2xx"), json!([200, "204"])] {
            assert!(given(json!({"url": "/", "expected_status": status})).expect("read").expected_status.accepts(204));
        }
        assert!(given(json!({"url": "/", "expected_status": [200, 500]})).expect_err("refused").contains("5xx"));
    }
}

impl crate::domain::Request for LiveCheckParams {}
