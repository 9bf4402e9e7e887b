//! Secrets taken out of text before it is kept or shown.
//!
//! Two ways to know a secret: it is one of ours (a configured key or a test user's credential: any form of it is
//! found, wherever it stands), or it looks like one (a name such as `password`, a well-known prefix, a JWT, a PEM
//! block, the user part of a URL). Redaction leans towards taking out too much.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;
use url::Url;

use super::SecretText;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// The shortest configured value that is treated as a secret wherever it stands; shorter ones are words.
const MIN_SECRET_LENGTH: usize = 4;

const SECRET_NAME: &str = r"(?:[a-z0-9_.\-]*(?:password|passwd|passphrase|pwd|secret|token|api[_\-]?key|apikey|access[_\-]?key|private[_\-]?key|encryption[_\-]?key|signing[_\-]?key|credentials?|authorization|cookie|session[_\-]?id|sessionid|csrf|xsrf|jwt|otp)[a-z0-9_.\-]*|auth|sid|bearer)";

#[expect(clippy::expect_used, reason = "the patterns are constants that a test compiles")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)^{SECRET_NAME}$")));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r#"(?i)(["']?{SECRET_NAME}["']?\s*(?::|=>?)\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"#))
});
static ESCAPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r#"(?i)(\\"{SECRET_NAME}\\"\s*:\s*)\\"(?:[^"\\]|\\[^"])*\\""#)));
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)\b({SECRET_NAME}\s*(?::|=>?)\s*)((?:bearer|basic|digest|token)\s+)?([^\s"',;&<>\[\]{{}}]+)"#
    ))
});
static FLAG: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r#"(?i)(--{SECRET_NAME}\s+)([^\s-][^\s]*)"#)));
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=\-]{6,}"));
static JWT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\beyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]{5,}(?:\.[A-Za-z0-9_\-]*)?"));
static PEM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)")
});
static PREFIXED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_\-]{10,}|",
        r"sk-[A-Za-z0-9_\-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{8,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|",
        r"xox[abeoprs]-[A-Za-z0-9\-]{8,}|AIza[A-Za-z0-9_\-]{20,}|npm_[A-Za-z0-9]{16,}|pypi-[A-Za-z0-9_\-]{16,}|",
        r"hf_[A-Za-z0-9]{16,}|snp[-_][A-Za-z0-9_\-]{6,}|snipara[-_][A-Za-z0-9]{16,}|SG\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}|",
        r"dop_v1_[a-f0-9]{16,}|fo1_[A-Za-z0-9_\-]{16,}|vercel_[A-Za-z0-9]{16,})"
    ))
});
static USERINFO: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\b([a-zA-Z][a-zA-Z0-9+.\-]*://)[^\s/?#@"'<>]+@"#));

/// Takes secrets out of text, JSON and URLs.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    known: Vec<SecretText>,
}

impl Redactor {
    /// Makes a redactor that also knows some secrets by their value.
    pub fn new(secrets: impl IntoIterator<Item = SecretText>) -> Self {
        let mut known: Vec<String> = Vec::new();
        for secret in secrets {
            let plain = secret.expose().trim();
            if plain.len() < MIN_SECRET_LENGTH {
                continue;
            }
            let encoded: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
            let quoted = Value::from(plain).to_string();
            known.extend([
                plain.to_owned(),
                encoded,
                plain.bytes().map(|byte| format!("%{byte:02X}")).collect(),
                quoted.trim_matches('"').to_owned(),
            ]);
            known.extend(base64_cores(plain.as_bytes()));
            known.extend(plain.lines().map(str::trim).filter(|line| line.len() >= 8).map(str::to_owned));
        }
        known.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        known.dedup();
        Self { known: known.into_iter().map(SecretText::new).collect() }
    }

    /// Returns the length in bytes of the longest known secret: how much two neighbouring pieces must overlap.
    pub fn longest_secret(&self) -> usize {
        self.known.first().map_or(0, |secret| secret.expose().len())
    }

    /// Returns the text without secrets.
    pub fn text(&self, text: &str) -> String {
        let mut result = self.known_out(text);
        replace(&mut result, &PEM, |_| REDACTED.to_owned());
        replace(&mut result, &USERINFO, |found| format!("{}{REDACTED}@", &found[1]));
        replace(&mut result, &JWT, |_| REDACTED.to_owned());
        replace(&mut result, &PREFIXED, |_| REDACTED.to_owned());
        replace(&mut result, &ESCAPED, |found| format!("{}\\\"{REDACTED}\\\"", &found[1]));
        replace(&mut result, &QUOTED, |found| {
            let quote = found[2].chars().next().unwrap_or('"');
            format!("{}{quote}{REDACTED}{quote}", &found[1])
        });
        replace(&mut result, &FLAG, |found| format!("{}{REDACTED}", &found[1]));
        replace(&mut result, &ASSIGNED, |found| {
            if is_plain_word(&found[3]) || found[3].contains(REDACTED) {
                found[0].to_owned()
            } else {
                format!("{}{REDACTED}", &found[1])
            }
        });
        replace(&mut result, &SCHEME, |found| format!("{} {REDACTED}", &found[1]));
        result
    }

    /// Returns the JSON value without secrets: values under secret names are replaced whole, texts are searched.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, field)| {
                        let kept = if NAME.is_match(name) { Self::masked(field) } else { self.json(field) };
                        (self.text(name), kept)
                    })
                    .collect(),
            ),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.json(item)).collect()),
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) if self.holds_known(&number.to_string()) => Value::from(REDACTED),
            other => other.clone(),
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
                    Some((name, value)) if !value.is_empty() && is_secret_name(name) => format!("{name}={REDACTED}"),
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

    fn masked(value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::String(text) if text.is_empty() => value.clone(),
            _ => Value::from(REDACTED),
        }
    }

    fn known_out(&self, text: &str) -> String {
        let mut result = text.to_owned();
        for secret in &self.known {
            if result.contains(secret.expose()) {
                result = result.replace(secret.expose(), REDACTED);
            }
        }
        result
    }

    fn holds_known(&self, text: &str) -> bool {
        self.known.iter().any(|secret| text.contains(secret.expose()))
    }
}

/// Replaces what a pattern finds; a text without any, which is the usual one, is not copied.
fn replace(text: &mut String, pattern: &Regex, by: impl Fn(&Captures<'_>) -> String) {
    if let Cow::Owned(replaced) = pattern.replace_all(text, |found: &Captures<'_>| by(found)) {
        *text = replaced;
    }
}

fn is_secret_name(name: &str) -> bool {
    let decoded: String = url::form_urlencoded::parse(name.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    NAME.is_match(&decoded) || matches!(decoded.to_ascii_lowercase().as_str(), "key" | "code" | "sig" | "signature")
}

/// `token: none`, `password: required` and the like say something and hide nothing.
fn is_plain_word(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().trim_end_matches(['.', ':', '!', '?', ')']),
        "" | "none"
            | "null"
            | "true"
            | "false"
            | "required"
            | "missing"
            | "invalid"
            | "expired"
            | "unset"
            | "undefined"
            | "is"
            | "not"
            | "was"
            | "must"
            | "[secret]"
    )
}

/// A secret inside a longer text that is then encoded stands at one of three offsets: the part of its base64 form
/// that does not depend on its neighbours is the same for each (RFC 4648 §4).
fn base64_cores(secret: &[u8]) -> Vec<String> {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut cores = Vec::new();
    for lead in 0..3_usize {
        let mut bits: Vec<u8> = vec![0; lead];
        bits.extend_from_slice(secret);
        let first = (lead * 8).div_ceil(6);
        let whole = bits.len() * 8 / 6;
        let core: String = (first..whole)
            .map(|index| {
                let start = index * 6;
                let (byte, shift) = (start / 8, start % 8);
                let pair = u16::from(bits[byte]) << 8 | u16::from(bits.get(byte + 1).copied().unwrap_or(0));
                char::from(STANDARD[usize::from((pair >> (10 - shift)) & 63)])
            })
            .collect();
        if core.len() >= 8 {
            let safe = core.replace('+', "-").replace('/', "_");
            cores.push(core);
            cores.push(safe);
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn c05_secrets_are_taken_out_of_bodies_and_urls() {
        let redactor = Redactor::default();
        let body = json!({"token": "abc", "user": {"password": "p", "name": "Ada"}, "ok": true, "note": "Bearer abcdef123456"});
        assert_eq!(
            redactor.json(&body),
            json!({"token": REDACTED, "user": {"password": REDACTED, "name": "Ada"}, "ok": true, "note": "Bearer [redacted]"})
        );
        let url = redactor.url("https://me:pw@api.example.com/x?page=2&api_key=12345");
        assert!(!url.contains("pw") && !url.contains("12345") && url.contains("page=2"), "{url}");
    }

    #[test]
    fn what_looks_like_a_secret_is_taken_out_of_text() {
        let redactor = Redactor::default();
        for (text, secret) in [
            ("DATABASE_URL=postgres://app:s3cr3tpw@db/x", "s3cr3tpw"),
            ("export API_KEY=abcd1234", "abcd1234"),
            ("{\"client_secret\": \"q w e\"}", "q w e"),
            ("curl -H 'Authorization: Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
            ("login --password hunter22", "hunter22"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def", "eyJzdWIiOiIxIn0"),
            ("ghp_0123456789abcdefABCDEF", "0123456789"),
            ("-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"),
            (r#"{"body":"{\"password\":\"deep\"}"}"#, "deep"),
            ("Set-Cookie: sid=99887766; Path=/", "99887766"),
        ] {
            let clean = redactor.text(text);
            assert!(!clean.contains(secret), "{text} -> {clean}");
        }
        assert_eq!(redactor.text("password: required; token is invalid"), "password: required; token is invalid");
    }

    proptest! {
        #[test]
        fn a_planted_secret_leaks_in_no_form(secret in "[A-Za-z0-9+/_.%&\"\\\\ -]{8,40}", left in "[a-z ]{0,20}", right in "[a-z ]{0,20}") {
            let secret = secret.trim().to_owned();
            prop_assume!(secret.len() >= 8);
            let redactor = Redactor::new([SecretText::new(secret.clone())]);
            let text = format!("{left}{secret}{right}");
            prop_assert!(!redactor.text(&text).contains(&secret));
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let clean = redactor.text(&format!("{left}{encoded}{right}"));
            prop_assert!(!clean.contains(&encoded));
            let shown = redactor.json(&json!({"a": [text], "b": {"c": secret}})).to_string();
            let quoted = Value::from(secret.as_str()).to_string();
            prop_assert!(!shown.contains(quoted.trim_matches('"')));
        }
    }
}
