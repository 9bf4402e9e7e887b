//! The redactor as a whole: known values in any form, and the corpus.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{REDACTED, Redactor};
use crate::domain::SecretText;

mod corpus;

#[test]
fn c05_secrets_are_taken_out_of_bodies_and_urls() {
    let redactor = Redactor::default();
    let body =
        json!({"token": "abc", "user": {"password": "p", "name": "Ada"}, "ok": true, "note": "Bearer abcdef123456"});
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

#[test]
fn what_is_learned_leaks_in_no_form_through_any_clone_until_it_is_forgotten() {
    let redactor = Redactor::new([SecretText::new("configured-value")]);
    let clone = redactor.clone();
    let (token, other) = ("s/ess+ion=value", "second-value");
    let learned = redactor.learn(vec![SecretText::new(token), SecretText::new(other)]);
    let again = redactor.learn(vec![SecretText::new(other)]);
    for form in [
        token,
        "s%2Fess%2Bion%3Dvalue",
        "s/ess&#43;ion=value",
        "s&#x2F;ess+ion&#x3D;value",
        "cy9lc3MraW9uPXZhbHVl",
        other,
        "configured-value",
    ] {
        assert!(!clone.text(&format!("a {form} b")).contains(form), "{form}");
    }
    drop(learned);
    assert_eq!(clone.text(token), token);
    assert_eq!(clone.text(other), REDACTED, "somebody else learned it, too");
    drop(again);
    assert_eq!((clone.text(other).as_str(), clone.text("configured-value").as_str()), (other, REDACTED));
}

#[test]
fn a_secret_in_a_page_is_taken_out_as_every_usual_engine_writes_it() {
    let redactor = Redactor::new([SecretText::new("Tok<abc&def==\"'x9")]);
    for page in [
        "<b>Tok&lt;abc&amp;def==&quot;&#39;x9</b>",
        "<b>Tok&lt;abc&amp;def==&quot;&#x27;x9</b>",
        "<b>Tok&lt;abc&amp;def==&quot;&#039;x9</b>",
        "<b>Tok&lt;abc&amp;def==&#34;&#39;x9</b>",
        "<b>Tok&lt;abc&amp;def&#x3D;&#x3D;&quot;&#39;x9</b>",
    ] {
        assert_eq!(redactor.text(page), format!("<b>{REDACTED}</b>"));
    }
}
