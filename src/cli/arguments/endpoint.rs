//! How a live check is written on the command line.
//!
//! Short: `[METHOD ]URL[ => STATUS]`, such as `POST /api/login => 201` or `/old => 301,308`. Whole: one JSON object
//! with the fields of a live check, such as `{"url": "/api/login", "method": "POST", "body": {}}`.

use serde_json::{Map, Value};

use crate::domain::{ExpectedStatus, LiveCheck, MAX_CHECK_TIMEOUT_MS, json_problem, nearest, one_line};

const FIELDS: [&str; 8] =
    ["url", "method", "expected_status", "headers", "body", "timeout_s", "user", "follow_redirects"];

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
    let Value::Object(fields) = value else {
        return Err("a check is one JSON object, such as {\"url\": \"/health\"}".into());
    };
    for name in fields.keys() {
        if !FIELDS.contains(&name.as_str()) {
            let hint = nearest(name, FIELDS)
                .map_or_else(|| format!("known: {}", FIELDS.join(", ")), |known| format!("did you mean `{known}`?"));
            return Err(format!("unknown field `{}` ({hint})", one_line(name, 40)));
        }
    }
    let url = text_of(&fields, "url")?.ok_or("the field `url` is missing")?;
    let mut check = LiveCheck::get(url);
    if let Some(method) = text_of(&fields, "method")? {
        check.method = method.parse().map_err(|error| format!("{error}"))?;
    }
    if let Some(expected) = fields.get("expected_status") {
        check.expected_status = ExpectedStatus::from_json(expected).map_err(|error| error.to_string())?;
    }
    match fields.get("headers") {
        None => {}
        Some(Value::Object(headers)) => {
            for (name, value) in headers {
                let value = value.as_str().ok_or_else(|| format!("header `{}` is no text", one_line(name, 40)))?;
                check.headers.insert(name.clone(), value.to_owned());
            }
        }
        Some(_) => return Err("`headers` is an object of texts".into()),
    }
    check.body = fields.get("body").cloned();
    check.user = text_of(&fields, "user")?;
    if let Some(timeout) = fields.get("timeout_s") {
        check.timeout_ms = seconds_to_ms(&timeout.to_string())?;
    }
    check.follow_redirects = match fields.get("follow_redirects") {
        None => false,
        Some(Value::Bool(follow)) => *follow,
        Some(_) => return Err("`follow_redirects` is true or false".into()),
    };
    Ok(check)
}

fn text_of(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` is no text")),
    }
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
    let most = MAX_CHECK_TIMEOUT_MS as f64 / 1000.0;
    let wrong = || format!("`{}` is not a time: use seconds above 0, at most {most}", one_line(text, 40));
    let seconds: f64 = text.trim().parse().map_err(|_| wrong())?;
    if !seconds.is_finite() || seconds < 0.001 || seconds > most {
        return Err(wrong());
    }
    Ok((seconds * 1000.0).round() as u64)
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
    fn c09_a_check_may_hold_headers_any_body_a_user_and_a_time() {
        let check = parse_check(
            r#"{"url": "/login", "method": "POST", "expected_status": ["2xx", 409], "headers": {"X-A": "b"},
                "body": {}, "timeout_s": 2.5, "user": "ada", "follow_redirects": true}"#,
        )
        .expect("a check");
        assert_eq!(check.body, Some(json!({})));
        assert_eq!((check.timeout_ms, check.user.as_deref(), check.follow_redirects), (2500, Some("ada"), true));
        assert_eq!(check.headers.get("X-A").map(String::as_str), Some("b"));
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
            ("{}", "`url` is missing"),
            (r#"{"url": "/x", "expected_satus": 200}"#, "did you mean `expected_status`"),
            (r#"{"url": "/x", "timeout_s": 0}"#, "not a time"),
            (r#"{"url": "/x", "timeout_s": "NaN"}"#, "not a time"),
            (r#"{"url": "/x", "headers": {"A": 1}}"#, "header `A`"),
            (r#"{"url": 1}"#, "`url` is no text"),
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
