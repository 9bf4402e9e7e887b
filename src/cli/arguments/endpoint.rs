//! How a live check is written on the command line.
//!
//! Short: `[METHOD ]URL[ STATUS]` as [`LiveCheck`] reads it, such as `POST /api/login 201` or `/old => 301,308`. Whole: one
//! JSON object, such as `{"url": "/api/login", "method": "POST", "body": {}}`.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::domain::{LiveCheck, json_problem, one_line, timeout_from_seconds};

/// Reads the whole form, or the short one: what begins with a path, a method or a scheme.
pub(super) fn parse_check(text: &str) -> Result<LiveCheck, String> {
    let text = text.trim();
    if text.starts_with('/') || (text.contains('/') && text.starts_with(|first: char| first.is_ascii_alphabetic())) {
        return text.parse::<LiveCheck>().map_err(|error| error.to_string());
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("a check is one JSON object: {}", json_problem(&error)))?;
    LiveCheck::from_json(value).map_err(|error| error.to_string())
}

/// Reads a word that `T` knows.
pub(super) fn read_known<T: FromStr<Err: Display>>(text: &str) -> Result<Value, String> {
    text.parse::<T>().map(|_| text.into()).map_err(|error| error.to_string())
}

/// Reads a header: `Name: value`.
pub(super) fn read_header(text: &str) -> Result<Value, String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok(json!({ name.trim(): value.trim() })),
        _ => Err(format!("`{}` is not a header: use \"Name: value\"", one_line(text, 80))),
    }
}

/// Reads a body: JSON where it is JSON, else text.
pub(super) fn read_body(text: &str) -> Result<Value, String> {
    Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into()))
}

/// Reads a number of seconds, fractions allowed, and returns milliseconds.
pub(super) fn seconds_to_ms(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{}` is not a time: use seconds above 0, at most 600", one_line(text, 40));
    let seconds: f64 = text.trim().parse().map_err(|_| wrong())?;
    timeout_from_seconds(seconds).map_err(|_| wrong())
}

/// Reads a number of seconds as the whole form has it.
pub(super) fn read_seconds(text: &str) -> Result<Value, String> {
    seconds_to_ms(text).map(|milliseconds| (milliseconds as f64 / 1000.0).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Method;

    fn parse_endpoint(text: &str) -> Result<LiveCheck, String> {
        read_known::<LiveCheck>(text).map(|read| LiveCheck::from_json(read).expect("a check"))
    }

    #[test]
    fn c09_an_endpoint_may_have_a_method_and_expected_statuses() {
        let check = parse_endpoint("POST https://api.example.com/login => 201,204").expect("an endpoint");
        assert_eq!((check.method, check.url.as_str()), (Method::Post, "https://api.example.com/login"));
        assert!(check.expected_status.accepts(201) && !check.expected_status.accepts(200));
        let check = parse_endpoint("/old=>x => 3xx").expect("an endpoint");
        assert_eq!(check.url, "/old=>x");
        assert!(check.expected_status.accepts(308));
        assert_eq!(parse_endpoint("/health").expect("a path"), LiveCheck::get("/health"));
        assert_eq!(parse_endpoint("/a?b=>c").expect("a path").url, "/a?b=>c");
    }

    #[test]
    fn c09_a_body_may_be_any_json_or_text() {
        assert_eq!(read_body("{}"), Ok(json!({})));
        assert_eq!(read_body("[1]"), Ok(json!([1])));
        assert_eq!(read_body("plain text"), Ok(json!("plain text")));
        assert_eq!(read_header("Authorization: Bearer a:b"), Ok(json!({ "Authorization": "Bearer a:b" })));
    }

    #[test]
    fn wrong_checks_get_one_clear_line() {
        for (text, part) in [
            ("", "write [METHOD ]URL[ STATUS]"),
            ("FETCH /x", "method `FETCH`"),
            ("/x => 2000", "expected_status `2000`"),
            ("/x => 200,500", "both success and 5xx"),
            ("GET /a b", "expected_status `b`"),
            ("GET /a b c", "no space in the URL"),
        ] {
            let error = parse_endpoint(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        for (text, part) in [
            ("nonsense", "one JSON object"),
            ("[]", "one JSON object"),
            ("{}", "missing field `url`"),
            (r#"{"url": "/x", "expected_satus": 200}"#, "did you mean `expected_status`"),
            (r#"{"url": "/x", "timeout_s": 0}"#, "timeout_s is 0: it must lie between 0.001 and 600"),
            (r#"{"url": "/x", "timeout_s": "NaN"}"#, "timeout_s: "),
            (r#"{"url": "/x", "headers": {"A": 1}}"#, "headers.A: "),
            (r#"{"url": 1}"#, "url: "),
        ] {
            let error = parse_check(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(read_header("nonsense").is_err() && read_header(": x").is_err());
        for text in ["0", "-1", "inf", "601", "x"] {
            assert!(seconds_to_ms(text).is_err(), "{text}");
        }
    }
}
