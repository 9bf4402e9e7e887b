//! Values of earlier answers in a later request: `{{name}}` in path, query, header values and body, never in the origin.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::domain::LiveCheck;

/// What stays as it is in a part of an address (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The values of captures, by name.
pub type CaptureValues = BTreeMap<String, String>;

/// Returns the names that a check uses.
pub(super) fn names_in(check: &LiveCheck) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(&check.shown_url(), &mut names);
    check.headers.values().for_each(|value| collect(value, &mut names));
    if let Some(body) = &check.body {
        collect_in(body, &mut names);
    }
    names
}

fn collect(text: &str, names: &mut BTreeSet<String>) {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    names.extend(marks(text).filter(|name| !name.is_empty() && name.chars().all(is_name)).map(str::to_owned));
}

/// Returns what stands between `{{` and `}}`.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|part| Some(part.split_once("}}")?.0))
}

fn collect_in(value: &Value, names: &mut BTreeSet<String>) {
    texts_in(value, &mut |text: &str| collect(text, names));
}

fn texts_in(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => seen(text),
        Value::Array(items) => items.iter().for_each(|item| texts_in(item, seen)),
        Value::Object(fields) => fields.values().for_each(|field| texts_in(field, seen)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns everything that stands between `{{` and `}}` in a check, each with its field: `url`, `headers`, `body`, and
/// `expect` and `capture`, where nothing is put in.
pub fn marks_of(check: &LiveCheck) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut note = |field: &'static str, text: &str| found.extend(marks(text).map(|mark| (field, mark.to_owned())));
    note("url", &check.shown_url());
    check.headers.values().for_each(|value| note("headers", value));
    if let Some(body) = &check.body {
        texts_in(body, &mut |text: &str| note("body", text));
    }
    check.expect.iter().for_each(|line| note("expect", line));
    check.capture.iter().for_each(|line| note("capture", line));
    found
}

/// Returns the check with the values in their places. A value is one part of an address, and one value of a form: what could
/// lead elsewhere in it is encoded.
pub(super) fn rendered(check: &LiveCheck, values: &CaptureValues) -> LiveCheck {
    let encoded = |name: &str| {
        Some(match values.get(name)?.as_str() {
            value @ ("." | "..") => value.replace('.', "%2E"),
            value => utf8_percent_encode(value, ENCODED).to_string(),
        })
    };
    // The braces that the parser of addresses encoded come first: what is put in holds none.
    let url = filled(&filled(&check.url, "%7B%7B", "%7D%7D", &encoded), "{{", "}}", &encoded);
    let plain = |text: &str| with_values(text, values);
    let headers = check.headers.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    let body = check.body.as_ref().map(|body| match body {
        Value::String(form) if is_form(check) => Value::String(filled(form, "{{", "}}", &|name: &str| {
            Some(url::form_urlencoded::byte_serialize(values.get(name)?.as_bytes()).collect())
        })),
        body => in_value(body, &plain),
    });
    LiveCheck { url, headers, body, ..check.clone() }
}

/// Returns a text with the values in their places.
pub fn with_values(text: &str, values: &CaptureValues) -> String {
    filled(text, "{{", "}}", &|name: &str| values.get(name).cloned())
}

/// Tells whether a check sends a form (<https://url.spec.whatwg.org/#application/x-www-form-urlencoded>).
fn is_form(check: &LiveCheck) -> bool {
    let types = check.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    types.into_iter().any(|(_, value)| value.trim().to_ascii_lowercase().starts_with(FORM))
}

/// Puts values in their places in one pass: a value that looks like a place is a value.
fn filled(text: &str, open: &str, close: &str, value_of: &impl Fn(&str) -> Option<String>) -> String {
    let mut pieces = text.split(open);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(close).and_then(|(name, rest)| Some((value_of(name)?, rest))) {
            Some((value, rest)) => whole.extend([value.as_str(), rest]),
            None => whole.extend([open, piece]),
        }
    }
    whole
}

fn in_value(value: &Value, in_text: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(in_text(text)),
        Value::Array(items) => items.iter().map(|item| in_value(item, in_text)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), in_value(field, in_text))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(url: &str) -> LiveCheck {
        LiveCheck::get(url).resolved(None).expect("resolved").into_asked()
    }

    #[test]
    fn a_value_is_one_part_of_an_address_and_leads_nowhere_else() {
        let asked = check("https://a.test/orders/{{id}}?of={{id}}");
        assert_eq!(names_in(&asked).into_iter().collect::<Vec<_>>(), ["id"]);
        assert_eq!(asked.shown_url(), "https://a.test/orders/{{id}}?of={{id}}");
        for (value, url) in [
            ("7", "https://a.test/orders/7?of=7"),
            ("../admin", "https://a.test/orders/..%2Fadmin?of=..%2Fadmin"),
            ("a b&c=d#e", "https://a.test/orders/a%20b%26c%3Dd%23e?of=a%20b%26c%3Dd%23e"),
            ("@evil.test/", "https://a.test/orders/%40evil.test%2F?of=%40evil.test%2F"),
        ] {
            let values = CaptureValues::from([("id".to_owned(), value.to_owned())]);
            let resolved = rendered(&asked, &values).resolved(None).expect("resolved");
            assert_eq!(resolved.url().as_str(), url, "{value}");
        }
    }

    #[test]
    fn a_value_is_one_value_of_a_form_and_never_a_place_for_another() {
        let mut asked = check("https://a.test/x?q={{id}}").with_body(json!("id={{id}}&other={{other}}&{{unknown}}"));
        asked.headers.insert("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".into());
        asked.headers.insert("X-Id".into(), "{{id}}".into());
        let values = [("id", "a&b=c d+{{other}}"), ("other", "s3cret")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let sent = rendered(&asked, &values);
        let body = "id=a%26b%3Dc+d%2B%7B%7Bother%7D%7D&other=s3cret&{{unknown}}";
        assert_eq!(sent.body, Some(json!(body)));
        assert_eq!(sent.headers.get("X-Id").map(String::as_str), Some("a&b=c d+{{other}}"));
        assert!(sent.url.ends_with("?q=a%26b%3Dc%20d%2B%7B%7Bother%7D%7D"), "{}", sent.url);
        assert_eq!(marks_of(&asked).iter().filter(|(field, _)| *field == "body").count(), 3);
    }

    #[test]
    fn headers_and_bodies_hold_the_value_as_it_is() {
        let mut asked = check("https://a.test/x").with_body(json!({"order": {"id": "{{id}}", "n": 1}}));
        asked.headers.insert("X-Order".into(), "o-{{id}}".into());
        let values = CaptureValues::from([("id".to_owned(), "7/8".to_owned())]);
        let sent = rendered(&asked, &values);
        assert_eq!(sent.body, Some(json!({"order": {"id": "7/8", "n": 1}})));
        assert_eq!(sent.headers.get("X-Order").map(String::as_str), Some("o-7/8"));
    }
}
