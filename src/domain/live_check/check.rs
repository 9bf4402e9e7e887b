//! A live check as callers write it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{CheckUsers, ExpectedStatus, LiveCheckError, Method};
use crate::domain::{REDACTED, Redactor, is_false, nearest, one_line};

/// The time a live check may take when none is given: 30 s, as in the seed.
pub const DEFAULT_CHECK_TIMEOUT_MS: u64 = 30_000;
/// The longest time a live check may ask for: ten minutes.
const MAX_CHECK_TIMEOUT_MS: u64 = 600_000;

/// A request to production and the answer that is expected of it.
///
/// It is read as callers write it, with `timeout_s` in seconds; `null` in an optional field means "not given". A text is a
/// check, too: `[METHOD ]URL[ STATUS]`. It is written as it is stored, which is another form: see
/// [`StoredCheck`](crate::domain::StoredCheck).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(extend("x-accepts" = "string"))]
pub struct LiveCheck {
    /// The absolute URL, or a path on production's address until [`LiveCheck::resolved`].
    #[schemars(extend("x-model" = "Absolute, or a path on production."))]
    pub url: String,
    /// The method; GET when not given.
    #[serde(default, deserialize_with = "or_default")]
    #[schemars(with = "Option<String>", extend("x-model" = "Default GET."))]
    pub method: Method,
    /// The statuses that are accepted; 2xx when not given.
    #[serde(default, deserialize_with = "or_default")]
    #[schemars(with = "Option<ExpectedStatus>", extend("x-model" = "Like 200, \"2xx\" or [200, 204]; default 2xx."))]
    pub expected_status: ExpectedStatus,
    /// What the answer must show: lines of the expectation grammar (docs/expectations.md).
    #[serde(default, deserialize_with = "one_or_more", skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        with = "Option<Vec<String>>",
        extend("x-model" = "Like jsonpath $.items count > 0.", "x-accepts" = "string")
    )]
    pub expect: Vec<String>,
    /// Headers that are sent, by name.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub headers: BTreeMap<String, String>,
    /// The body: a JSON string is sent as text, any other JSON value (an empty object, too) as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-model" = "Any JSON, or text."))]
    pub body: Option<Value>,
    /// The time in milliseconds for the whole exchange, the body included; callers write `timeout_s` in seconds.
    #[serde(rename(deserialize = "timeout_s"), default = "default_timeout_ms", deserialize_with = "milliseconds")]
    #[schemars(
        with = "Option<f64>",
        default = "default_timeout_s",
        description = "The time for the whole exchange, the body included, in seconds; 30 when not given.",
        extend("x-model" = "Default 30.")
    )]
    pub timeout_ms: u64,
    /// The test user whose credentials are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-model" = "Test user."))]
    pub user: Option<String>,
    /// The test users who each ask it: names, or names with the statuses that each expects.
    #[serde(default, skip_serializing)]
    #[schemars(with = "Option<Vec<String>>", extend("x-unlisted" = true, "x-accepts" = "object"))]
    pub users: Option<CheckUsers>,
    /// Whether redirects are followed; each hop is checked against the egress rule.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_false")]
    #[schemars(with = "Option<bool>")]
    pub follow_redirects: bool,
    /// What later checks use as `{{name}}` in path, query, headers and body: lines of `name: query filters`.
    #[serde(default, deserialize_with = "one_or_more", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<String>>", extend("x-unlisted" = true, "x-accepts" = "string"))]
    pub capture: Vec<String>,
    /// What to call it where it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unlisted" = true))]
    pub name: Option<String>,
    /// Whether asking again changes nothing: GET, HEAD and OPTIONS are safe when not given, other methods are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unlisted" = true))]
    pub safe: Option<bool>,
    /// Whether it is asked once only: gate 1 does not look at it, and no second answer has to agree.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_false")]
    #[schemars(with = "Option<bool>", extend("x-unlisted" = true))]
    pub once: bool,
    /// Addresses of its host that are asked, too, each once at least: some of those that its name resolves to.
    #[serde(default, deserialize_with = "one_or_more", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<String>>", extend("x-unlisted" = true, "x-accepts" = "string"))]
    pub addresses: Vec<IpAddr>,
}

impl Serialize for LiveCheck {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for LiveCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrObject)
    }
}

/// Reads a check from a text or from an object; the object's fields keep their places in messages.
struct TextOrObject;

impl<'de> serde::de::Visitor<'de> for TextOrObject {
    type Value = LiveCheck;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a check: an object, or a text such as \"POST /api/orders 201\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LiveCheck, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<LiveCheck, M::Error> {
        LiveCheck::deserialize(serde::de::value::MapAccessDeserializer::new(map))
    }
}

impl FromStr for LiveCheck {
    type Err = LiveCheckError;

    /// Reads the short form: `[METHOD ]URL[ [=> ]STATUS]`, such as `/api/orders`, `POST /api/login => 201` or
    /// `GET /old 301,308`.
    fn from_str(text: &str) -> Result<Self, LiveCheckError> {
        let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "=>").collect();
        let is_method = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
        let (method, rest) = match words.as_slice() {
            [method, rest @ ..] if !rest.is_empty() && is_method(method) => (Some(*method), rest),
            rest => (None, rest),
        };
        let (url, status) = match rest {
            [url] => (*url, None),
            [url, status] => (*url, Some(*status)),
            _ => return Err(LiveCheckError::NotAShortForm(one_line(text, 120))),
        };
        Ok(Self {
            method: method.map(str::parse).transpose()?.unwrap_or_default(),
            expected_status: status.map(str::parse).transpose()?.unwrap_or_default(),
            ..Self::get(url)
        })
    }
}

/// A list, or its only line.
pub(in crate::domain) fn one_or_more<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lines {
        One(String),
        More(Vec<String>),
    }
    let lines = match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Lines::One(line)) => vec![line],
        Some(Lines::More(lines)) => lines,
    };
    let read = |line: String| {
        line.parse().map_err(|error| serde::de::Error::custom(format!("`{}`: {error}", one_line(&line, 60))))
    };
    lines.into_iter().map(read).collect()
}

/// What the schema tells: callers write seconds.
const fn default_timeout_s() -> f64 {
    DEFAULT_CHECK_TIMEOUT_MS as f64 / 1000.0
}

const fn default_timeout_ms() -> u64 {
    DEFAULT_CHECK_TIMEOUT_MS
}

/// Clients that fill every field write `null` for "not given".
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(DEFAULT_CHECK_TIMEOUT_MS, to_milliseconds))
}

/// Returns the time of a check in whole milliseconds, rounded up, so that a short time never becomes none.
///
/// # Errors
/// When no check may take that long, or the time is none.
pub fn timeout_from_seconds(seconds: f64) -> Result<u64, LiveCheckError> {
    check_timeout(to_milliseconds(seconds))
}

/// Returns the time again when a check may take it.
pub(super) const fn check_timeout(timeout_ms: u64) -> Result<u64, LiveCheckError> {
    match timeout_ms {
        1..=MAX_CHECK_TIMEOUT_MS => Ok(timeout_ms),
        _ => Err(LiveCheckError::Timeout(timeout_ms)),
    }
}

/// What is negative becomes 0 and what is too long stays too long: [`check_timeout`] refuses both.
fn to_milliseconds(seconds: f64) -> u64 {
    ((seconds * 1_000_000.0).round() as u64).div_ceil(1_000)
}

impl LiveCheck {
    /// Makes a GET that expects 2xx.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: Method::Get,
            expected_status: ExpectedStatus::default(),
            headers: BTreeMap::new(),
            body: None,
            timeout_ms: DEFAULT_CHECK_TIMEOUT_MS,
            expect: Vec::new(),
            user: None,
            users: None,
            follow_redirects: false,
            capture: Vec::new(),
            name: None,
            safe: None,
            once: false,
            addresses: Vec::new(),
        }
    }

    /// Returns the address as it was written where it uses captures: the parser of addresses encodes their braces in a path.
    pub fn shown_url(&self) -> String {
        self.url.replace("%7B%7B", "{{").replace("%7D%7D", "}}")
    }

    /// Tells whether asking again changes nothing (RFC 9110 §9.2.1, unless the check says otherwise).
    pub fn is_safe(&self) -> bool {
        self.safe.unwrap_or_else(|| self.method.is_safe())
    }

    /// Reads a check from one JSON object, or from its short form, and looks at every field.
    ///
    /// # Errors
    /// When the value is neither, holds an unknown field (the nearest known one is named), or holds a value that
    /// cannot be used.
    pub fn from_json(value: Value) -> Result<Self, LiveCheckError> {
        if let Value::String(text) = &value {
            return text.parse();
        }
        let Value::Object(fields) = &value else { return Err(LiveCheckError::NotAnObject) };
        let schema = schemars::schema_for!(Self);
        let known = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|known| known.keys());
        let known: Vec<&str> = known.map(String::as_str).collect();
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            let hint = nearest(name, known.iter().copied())
                .map_or_else(|| format!("known: {}", known.join(", ")), |meant| format!("did you mean `{meant}`?"));
            return Err(LiveCheckError::UnknownField { name: one_line(name, 40), hint });
        }
        let check: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let reason = one_line(&error.into_inner().to_string(), 300);
            // A missing field has no place of its own, and our own errors begin with the field's name.
            let named = path == "." || reason.starts_with(&path);
            let problem = if named { reason } else { format!("{path}: {reason}") };
            LiveCheckError::Field { field: (path != ".").then_some(path), problem }
        })?;
        check.check()?;
        Ok(check)
    }

    /// Returns the same check with another method.
    #[must_use]
    pub const fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Returns the same check with other accepted statuses.
    #[must_use]
    pub fn with_expected_status(mut self, expected: ExpectedStatus) -> Self {
        self.expected_status = expected;
        self
    }

    /// Returns the same check with a body.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Returns the check as it may be kept and shown: without the secrets in its address, headers and body.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> Self {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let headers = match redactor.json(&Value::Object(headers)) {
            Value::Object(kept) => {
                kept.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or(REDACTED).to_owned())).collect()
            }
            _ => BTreeMap::new(),
        };
        Self {
            url: redactor.url(&self.url),
            headers,
            expect: self.expect.iter().map(|line| redactor.text(line)).collect(),
            capture: self.capture.iter().map(|line| redactor.text(line)).collect(),
            body: self.body.as_ref().map(|body| redactor.json(body)),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<LiveCheck, String> {
        LiveCheck::from_json(value).map_err(|error| error.to_string())
    }

    #[test]
    fn c09_a_check_may_hold_headers_any_body_a_user_and_a_time() {
        let check = read(json!({
            "url": "/login", "method": "post", "expected_status": ["2xx", 409], "headers": {"X-A": "b"}, "body": {},
            "timeout_s": 2.5, "user": "ada", "follow_redirects": true,
        }))
        .expect("a check");
        assert_eq!((check.method, check.body), (Method::Post, Some(json!({}))));
        assert_eq!((check.timeout_ms, check.user.as_deref(), check.follow_redirects), (2500, Some("ada"), true));
        assert_eq!(check.headers.get("X-A").map(String::as_str), Some("b"));
        for body in [json!({}), json!([1]), json!("text"), json!(0), json!(false)] {
            assert_eq!(read(json!({"url": "/", "body": body.clone()})).expect("read").body, Some(body));
        }
        for status in [json!(204), json!("2xx"), json!([200, "204"])] {
            assert!(read(json!({"url": "/", "expected_status": status})).expect("read").expected_status.accepts(204));
        }
    }

    #[test]
    fn null_is_not_given() {
        let filled = json!({
            "url": "/health", "method": null, "expected_status": null, "headers": null, "body": null,
            "timeout_s": null, "user": null, "follow_redirects": null,
        });
        assert_eq!(read(filled), Ok(LiveCheck::get("/health")));
    }

    #[test]
    fn a_time_out_may_be_a_fraction_and_none_or_too_much_is_refused() {
        for (seconds, timeout_ms) in [(0.25, 250), (0.001, 1), (0.0005, 1), (1.1, 1_100), (600.0, 600_000)] {
            assert_eq!(read(json!({"url": "/", "timeout_s": seconds})).expect("read").timeout_ms, timeout_ms);
        }
        for wrong in [json!(0), json!(-1), json!(600.5), json!(1e300)] {
            let message = read(json!({"url": "/", "timeout_s": wrong})).expect_err("refused");
            assert!(message.starts_with("timeout_s is "), "{message}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_field() {
        for (value, message) in [
            (json!([]), "a check is one JSON object, such as {\"url\": \"/health\"}"),
            (json!({}), "missing field `url`"),
            (json!({"url": 1}), "url: invalid type: integer `1`, expected a string"),
            (
                json!({"url": "/x", "expected_satus": 200}),
                "unknown field `expected_satus` (did you mean `expected_status`?)",
            ),
            (json!({"url": "/x", "headers": {"A": 1}}), "headers.A: invalid type: integer `1`, expected a string"),
            (json!({"url": "/x", "timeout_s": "3"}), "timeout_s: invalid type: string \"3\", expected f64"),
        ] {
            assert_eq!(read(value), Err(message.to_owned()));
        }
        let begins = |value, start: &str| {
            let message = read(value).expect_err(start);
            assert!(message.starts_with(start), "{message}");
        };
        begins(
            json!({"url": "/x", "zzz": 1}),
            "unknown field `zzz` (known: url, method, expected_status, expect, headers, body",
        );
        begins(json!({"url": "/x", "method": "FETCH"}), "method `FETCH` is not supported");
        begins(json!({"url": "/x", "expected_status": 2000}), "expected_status `2000` is not a status");
        begins(json!({"url": "/x", "expected_status": [200, 500]}), "expected_status accepts both success and 5xx");
        begins(json!({"url": "/x", "headers": {"a b": "c"}}), "header `a b` is not allowed");
    }
}
