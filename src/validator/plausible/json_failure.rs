//! JSON that says that it failed, under a status that says that it did not.

use serde_json::{Map, Value};

use super::answered::{Family, JudgedAnswer, ReadAnswer, essence};
use super::failure_words::{is_failure_phrase, is_failure_word, words};
use super::graphql_errors;
use super::implausible::{Implausible, quoted};
use crate::expect::AnswerPlace;

/// Keys whose false says that the request failed.
const SUCCESS: [&str; 4] = ["success", "ok", "issuccess", "issuccessful"];
/// Keys that hold a status, in words or as a status of HTTP.
const STATUS: [&str; 6] = ["status", "code", "statuscode", "httpstatus", "errorcode", "httpcode"];
/// Keys that say what went wrong. Without one of them a status is data.
const MESSAGE: [&str; 8] =
    ["message", "error", "detail", "msg", "errormessage", "errordescription", "errormsg", "exception"];
/// Keys that hold where in the program it went wrong.
const TRACE: [&str; 5] = ["exception", "stack", "stacktrace", "trace", "traceback"];
/// What else an envelope of failure holds. Any other key with content is data.
const ENVELOPE: [&str; 27] = [
    "errors",
    "success",
    "ok",
    "title",
    "type",
    "instance",
    "path",
    "url",
    "uri",
    "method",
    "timestamp",
    "time",
    "date",
    "requestid",
    "traceid",
    "correlationid",
    "reference",
    "reason",
    "description",
    "details",
    "name",
    "file",
    "line",
    "documentationurl",
    "help",
    "hint",
    "retryafter",
];
/// The most keys of an envelope without a trace.
const MAX_ENVELOPE_KEYS: usize = 6;

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    if let Some(problem) = problem_document(answered, reading) {
        return Some(problem);
    }
    if let (Family::Json, Ok(Value::String(text))) = (reading.family, reading.json()) {
        return is_failure_phrase(text).then(|| finding(AnswerPlace::Body, format!("the text {}", quoted(text))));
    }
    let object = reading.object()?;
    let keys = object.iter().map(|(key, value)| (key.as_str(), plain(key), value));
    let keys: Vec<(&str, String, &Value)> = keys.collect();
    errors(answered, object, &keys)
        .or_else(|| success(&keys))
        .or_else(|| status(&keys))
        .or_else(|| trace(&keys))
        .or_else(|| only_a_phrase(&keys))
}

/// A document of problem details is one of a failure by its media type (RFC 9457 §3).
fn problem_document(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    let media_type = essence(answered.header("content-type").unwrap_or_default());
    let is_problem = matches!(media_type.as_str(), "application/problem+json" | "application/problem+xml");
    (is_problem && !reading.document().is_empty()).then(|| Implausible {
        rule: "json_failure",
        place: AnswerPlace::MediaType,
        expected: "an answer that does not say that it failed",
        observed: format!("problem details (RFC 9457): {}", quoted(reading.document())),
        overruled_by: format!("expect: header Content-Type startsWith '{media_type}'"),
    })
}

/// `error` or `errors` with content.
fn errors(answered: &JudgedAnswer<'_>, object: &Map<String, Value>, keys: &Keys<'_>) -> Option<Implausible> {
    if graphql_errors::is_partial(object) {
        return None;
    }
    // A list of errors is what a log or an error tracker was asked for.
    let asked_for_errors = answered.segments().iter().any(|segment| segment == "errors");
    let is_failure = |name: &str, value: &Value| match name {
        "error" => has_content(value) && !matches!(value, Value::Number(_)),
        // Numbers below `errors` are counts: 3 of 5xx.
        "errors" => has_content(value) && !is_counts(value) && !asked_for_errors,
        _ => false,
    };
    let (key, _, value) = keys.iter().find(|(_, name, value)| is_failure(name, value))?;
    Some(keyed(key, value))
}

/// `success` or `ok` that is false.
fn success(keys: &Keys<'_>) -> Option<Implausible> {
    let is_false = |value: &Value| match value {
        Value::Bool(told) => !told,
        Value::String(told) => told.trim().eq_ignore_ascii_case("false"),
        _ => false,
    };
    let (key, _, value) = keys.iter().find(|(_, name, value)| SUCCESS.contains(&name.as_str()) && is_false(value))?;
    Some(keyed(key, value))
}

/// A status of failure beside what went wrong, and nothing else.
fn status(keys: &Keys<'_>) -> Option<Implausible> {
    if keys.len() > MAX_ENVELOPE_KEYS || !is_envelope(keys) {
        return None;
    }
    let (key, _, value) =
        keys.iter().find(|(_, name, value)| STATUS.contains(&name.as_str()) && is_failure_status(value))?;
    let says_what = |(other, name, value): &&(&str, String, &Value)| {
        other != key && MESSAGE.contains(&name.as_str()) && has_content(value)
    };
    keys.iter().find(says_what).map(|(_, _, message)| {
        let mut found = keyed(key, value);
        found.observed = format!("{} beside {}", found.observed, quoted(&shown(message)));
        found
    })
}

/// A message with the place in the program, as frameworks print it while they are debugged.
fn trace(keys: &Keys<'_>) -> Option<Implausible> {
    let has =
        |names: &[&str]| keys.iter().find(|(_, name, value)| names.contains(&name.as_str()) && has_content(value));
    let (key, _, value) = has(&TRACE)?;
    (has(&MESSAGE).is_some() && keys.len() > 1 && is_envelope(keys)).then(|| keyed(key, value))
}

/// One message that is nothing but the phrase of a failure: `{"detail": "Not Found"}`.
fn only_a_phrase(keys: &Keys<'_>) -> Option<Implausible> {
    let says = |name: &str| MESSAGE.contains(&name) || matches!(name, "title" | "reason");
    let mut phrases =
        keys.iter().filter(|(_, name, value)| says(name) && value.as_str().is_some_and(is_failure_phrase));
    let (key, _, value) = phrases.next()?;
    (is_envelope(keys) && keys.iter().all(|(_, name, _)| name != "name")).then(|| keyed(key, value))
}

type Keys<'a> = [(&'a str, String, &'a Value)];

/// Returns a key as one word, so that `status_code`, `statusCode` and `Status-Code` are one.
fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).take(40).collect()
}

/// Tells whether the keys hold no data beside what an envelope of failure holds.
fn is_envelope(keys: &Keys<'_>) -> bool {
    let known = |name: &str| [&STATUS[..], &MESSAGE, &TRACE, &ENVELOPE].iter().any(|names| names.contains(&name));
    keys.iter().all(|(_, name, value)| known(name) || !has_content(value))
}

/// Null, false, 0, blanks, and lists and objects of nothing else are no content.
fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(told) => *told,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(has_content),
        Value::Object(fields) => fields.values().any(has_content),
    }
}

fn is_counts(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Object(fields) => fields.values().all(is_counts),
        _ => false,
    }
}

fn is_failure_status(value: &Value) -> bool {
    let is_status = |number: u64| (400..600).contains(&number);
    match value {
        Value::Number(number) => number.as_u64().is_some_and(is_status),
        Value::String(text) => text.trim().parse().is_ok_and(is_status) || is_failure_word(text),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn keyed(key: &str, value: &Value) -> Implausible {
    // An error that is right is said in full: a line that takes any error overrules nothing.
    let type_of = match value {
        Value::Bool(told) => format!("== {told}"),
        Value::Number(number) => format!("== {number}"),
        _ => "== '<the value>'".to_owned(),
    };
    Implausible {
        overruled_by: format!("expect: jsonpath {} {type_of}", path_of(key)),
        ..finding(
            AnswerPlace::JsonKey(key.to_owned()),
            format!("\"{}\": {}", printable_key(key), quoted(&shown(value))),
        )
    }
}

fn finding(place: AnswerPlace, observed: String) -> Implausible {
    Implausible {
        rule: "json_failure",
        place,
        expected: "an answer that does not say that it failed",
        observed,
        overruled_by: "expect: body == and the whole text".to_owned(),
    }
}

/// The keys that are judged are letters, digits and what stands between words, so the path is short and safe.
fn path_of(key: &str) -> String {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if key.chars().all(is_name) { format!("$.{key}") } else { format!("\"$['{}']\"", printable_key(key)) }
}

fn printable_key(key: &str) -> String {
    key.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | ' ')).take(60).collect()
}

/// Tells whether a text that is no JSON is, as a whole, the phrase of a failure.
pub(super) fn is_bare_phrase(text: &str) -> bool {
    is_failure_phrase(text) || matches!(words(text).as_str(), "error" | "undefined" | "exception")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    fn answered(body: &str) -> Sample {
        Sample::get("/api/orders").json(body)
    }

    #[test]
    fn what_says_that_it_failed_fails() {
        assert_lies(
            "json_failure",
            [
                r#"{"error":"database is down"}"#,
                r#"{"error":true,"message":"no"}"#,
                r#"{"error":{"code":404,"message":"no such order"}}"#,
                r#"{"error":{"code":404}}"#,
                r#"{"errors":[{"status":"404","title":"Not Found"}]}"#,
                r#"{"errors":{"email":["has already been taken"]}}"#,
                r#"{"data":[1],"error":"partial outage"}"#,
                r#"{"success":false}"#,
                r#"{"success":"false","data":null}"#,
                r#"{"ok":false,"description":"Unauthorized"}"#,
                r#"{"ok":false,"error":"invalid_auth"}"#,
                r#"{"status":500,"message":"boom"}"#,
                r#"{"timestamp":"2026-11-30","status":404,"error":"Not Found","path":"/api/orders"}"#,
                r#"{"statusCode":503,"message":"Service Unavailable"}"#,
                r#"{"status_code":"404","detail":"no such thing"}"#,
                r#"{"code":500,"msg":"系统错误","data":null}"#,
                r#"{"status":"error","message":"boom"}"#,
                r#"{"status":"NOT_FOUND","message":"no order 7"}"#,
                r#"{"code":"ERR_NO_ROUTE","message":"no such route"}"#,
                r#"{"message":"Server Error","exception":"QueryException","file":"a.php","line":7,"trace":[{"file":"b"}]}"#,
                r#"{"name":"TypeError","message":"x is not a function","stack":"TypeError: x\n at y"}"#,
                r#"{"message":"Internal server error"}"#,
                r#"{"detail":"Not Found"}"#,
                r#"{"Message":"Forbidden"}"#,
                r#"{"message":"Not Found","documentation_url":"https://example.com"}"#,
                r#""Internal Server Error""#,
                r#"{"title":"Bad Request","status":400,"detail":"no","type":"about:blank"}"#,
            ]
            .map(answered),
        );
        assert_lies(
            "json_failure",
            [
                Sample::get("/x").typed("application/problem+json", br#"{"title":"Out of stock"}"#),
                Sample::get("/x").typed("text/plain", br#"{"error":"boom"}"#),
                Sample::get("/x").typed("text/html", br#"{"error":"boom"}"#),
                Sample::get("/x").typed("", br#"{"success":false}"#),
            ],
        );
    }

    #[test]
    fn data_passes() {
        assert_honest(
            [
                "{}",
                "[]",
                "null",
                "true",
                "0",
                r#""error""#,
                r#"[{"error":"one of many"}]"#,
                r#"{"id":7,"status":"failed"}"#,
                r#"{"id":7,"status":"failed","message":"card declined"}"#,
                r#"{"job":"sync","status":"error","error":null,"attempts":3}"#,
                r#"{"error":null,"data":[]}"#,
                r#"{"error":false,"data":{}}"#,
                r#"{"error":"","result":1}"#,
                r#"{"error":[],"result":{}}"#,
                r#"{"error":{},"result":{}}"#,
                r#"{"error":{"code":0,"message":""},"result":{}}"#,
                r#"{"errors":{},"message":"saved"}"#,
                r#"{"errors":[],"data":{"id":1}}"#,
                r#"{"error":0,"errors":0}"#,
                r#"{"error":0.031,"iterations":120}"#,
                r#"{"requests":1200,"errors":{"4xx":12,"5xx":3}}"#,
                r#"{"took":3,"errors":false,"items":[]}"#,
                r#"{"took":3,"timed_out":false,"_shards":{"total":5,"failed":0},"hits":{"total":{"value":0},"hits":[]}}"#,
                r#"{"object":"list","data":[],"has_more":false,"url":"/v1/charges"}"#,
                r#"{"data":{"type":"articles","id":"1"},"links":{"self":"/articles/1"}}"#,
                r#"{"code":200,"msg":"ok","data":[]}"#,
                r#"{"status":200,"message":"OK"}"#,
                r#"{"status":"success","data":{"title":"404 ways to cook"}}"#,
                r#"{"status":"ok","message":"no errors"}"#,
                r#"{"code":"DE","name":"Germany"}"#,
                r#"{"code":500,"currency":"EUR","detail":"five hundred"}"#,
                r#"{"message":"Hello World"}"#,
                r#"{"message":"The page was not found by our crawler, so we made it"}"#,
                r#"{"detail":"Authentication credentials were accepted."}"#,
                r#"{"ok":true,"result":[]}"#,
                r#"{"success":true,"errors":[],"messages":[],"result":[]}"#,
                r#"{"count":0,"next":null,"previous":null,"results":[]}"#,
                r#"{"current_page":1,"data":[],"total":0}"#,
                r#"{"title":"Forbidden","year":2019,"director":"A"}"#,
                r#"{"title":"Conflict","author":"B"}"#,
                r#"{"name":"Gone","message":"Gone"}"#,
                r#"{"ietf-restconf:data":{"error-count":0}}"#,
                r#"{"trace":"on","message":"debugging","level":3}"#,
                r#"{"_embedded":{"orders":[]},"_links":{},"page":{"size":20}}"#,
            ]
            .map(answered),
        );
        assert_honest([
            Sample::get("/api/errors").json(r#"{"errors":[{"message":"TypeError in checkout"}],"total":1}"#),
            Sample::get("/api/projects/7/errors").json(r#"{"errors":[{"id":1}]}"#),
            Sample::get("/x").json(r#"{"error":"no such order"}"#).status(404),
            Sample::get("/x").typed("application/problem+json", br#"{"status":404}"#).status(404),
            Sample::post("/api/orders").json(r#"{"id":9}"#).status(201),
            Sample::get("/soap").typed(
                "text/xml",
                b"<soap:Envelope xmlns:soap=\"x\"><soap:Body><GetPriceResponse/></soap:Body></soap:Envelope>",
            ),
        ]);
    }
}
