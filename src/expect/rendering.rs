//! Values of earlier answers in a later request: `{{name}}` in path, query, header values and body, never in the origin.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::domain::LiveCheck;

/// What stays as it is in a part of an address (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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
    for part in text.split("{{").skip(1) {
        let name = part.split("}}").next().unwrap_or_default();
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if part.contains("}}") && !name.is_empty() && name.chars().all(is_name) {
            names.insert(name.to_owned());
        }
    }
}

fn collect_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => collect(text, names),
        Value::Array(items) => items.iter().for_each(|item| collect_in(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| collect_in(field, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns the check with the values in their places. A value is one part of an address: what could lead elsewhere in it is
/// encoded.
pub(super) fn rendered(check: &LiveCheck, values: &CaptureValues) -> LiveCheck {
    let mut url = check.url.clone();
    for (name, value) in values {
        let encoded = match value.as_str() {
            "." | ".." => value.replace('.', "%2E"),
            value => utf8_percent_encode(value, ENCODED).to_string(),
        };
        url = url.replace(&format!("%7B%7B{name}%7D%7D"), &encoded).replace(&format!("{{{{{name}}}}}"), &encoded);
    }
    let in_text = |text: &str| {
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
    };
    let headers = check.headers.iter().map(|(name, value)| (name.clone(), in_text(value))).collect();
    LiveCheck { url, headers, body: check.body.as_ref().map(|body| in_value(body, &in_text)), ..check.clone() }
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
    fn headers_and_bodies_hold_the_value_as_it_is() {
        let mut asked = check("https://a.test/x").with_body(json!({"order": {"id": "{{id}}", "n": 1}}));
        asked.headers.insert("X-Order".into(), "o-{{id}}".into());
        let values = CaptureValues::from([("id".to_owned(), "7/8".to_owned())]);
        let sent = rendered(&asked, &values);
        assert_eq!(sent.body, Some(json!({"order": {"id": "7/8", "n": 1}})));
        assert_eq!(sent.headers.get("X-Order").map(String::as_str), Some("o-7/8"));
    }
}
