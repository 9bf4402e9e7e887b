//! How a live check is written on the command line.
//!
//! Short: `[METHOD ]URL[ => STATUS]`, such as `POST /api/login => 201` or `/old => 301,308`. Whole: one JSON object
//! as [`LiveCheck`] reads it, such as `{"url": "/api/login", "method": "POST", "body": {}}`.

use serde_json::Value;

use crate::domain::{LiveCheck, json_problem, one_line, timeout_from_seconds};

/// Reads the short form.
pub(crate) fn parse_endpoint(text: &str) -> Result<LiveCheck, String> {
    let text = text.trim();
    let (request, expected) = match text.rsplit_once("=>") {
        Some((request, expected)) if request.ends_with(char::is_whitespace) => (request.trim(), Some(expected.trim())),
        _ => (text, None),
    };
    let (method, url) = match request.split_once(char::is_whitespace) {
        Some((method, url)) => (Some(method), url.trim()),
        None => (None, request),
    };
    if url.is_empty() {
        return Err("an endpoint is [METHOD ]URL[ => STATUS], such as \"POST /api/login => 201\"".into());
    }
    if url.contains(char::is_whitespace) {
        return Err(format!("`{}` is not a URL: it holds a space", one_line(url, 120)));
    }
    let mut check = LiveCheck::get(url);
    if let Some(method) = method {
        check.method = method.parse().map_err(|error| format!("{error}"))?;
    }
    if let Some(expected) = expected {
        check.expected_status = expected.parse().map_err(|error| format!("{error}"))?;
    }
    Ok(check)
}

/// Reads the whole form.
pub(crate) fn parse_check(text: &str) -> Result<LiveCheck, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("a check is one JSON object: {}", json_problem(&error)))?;
    LiveCheck::from_json(value).map_err(|error| error.to_string())
}

/// Reads a header: `Name: value`.
pub(crate) fn parse_header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err(format!("`{}` is not a header: use \"Name: value\"", one_line(text, 80))),
    }
}

/// Reads a body: JSON where it is JSON, else text.
pub(crate) fn parse_body(text: &str) -> Result<Value, String> {
    Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
}

/// Reads a number of seconds, fractions allowed, and returns milliseconds.
pub(crate) fn seconds_to_ms(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{}` is not a time: use seconds above 0, at most 600", one_line(text, 40));
    let seconds: f64 = text.trim().parse().map_err(|_| wrong())?;
    timeout_from_seconds(seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Method;

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
        assert_eq!(parse_body("{}"), Ok(json!({})));
        assert_eq!(parse_body("[1]"), Ok(json!([1])));
        assert_eq!(parse_body("plain text"), Ok(json!("plain text")));
        assert_eq!(parse_header("Authorization: Bearer a:b"), Ok(("Authorization".into(), "Bearer a:b".into())));
    }

    #[test]
    fn wrong_checks_get_one_clear_line() {
        for (text, part) in [
            ("", "METHOD"),
            ("FETCH /x", "method `FETCH`"),
            ("/x => 2000", "expected_status `2000`"),
            ("/x => 200,500", "both success and 5xx"),
            ("GET /a b", "holds a space"),
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
        assert!(parse_header("nonsense").is_err() && parse_header(": x").is_err());
        for text in ["0", "-1", "inf", "601", "x"] {
            assert!(seconds_to_ms(text).is_err(), "{text}");
        }
    }
}
