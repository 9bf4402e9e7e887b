//! JSON that looks like a failure and is none.

use crate::liars::answer::json;
use crate::liars::case::{Case, honest};
use crate::liars::checks::ask;
use crate::liars::rule::on;

/// One route answers this; the agent asks it by path alone.
fn data(id: &'static str, what: &'static str, body: &str) -> Case {
    shown(id, what, body, &[])
}

/// One route answers this, and the agent says what it must show.
fn shown(id: &'static str, what: &'static str, body: &str, expect: &[&str]) -> Case {
    honest(id, what, vec![on("/api/thing").says(json(body))], vec![ask("/api/thing", expect)])
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        data("error-is-null", "An envelope whose error is null.", r#"{"data":[{"id":1}],"error":null}"#),
        data("error-is-false", "An envelope whose error is false.", r#"{"error":false,"user":{"id":1}}"#),
        data("error-is-zero", "An envelope whose error is the number 0.", r#"{"error":0,"result":"stored"}"#),
        data("error-is-empty-text", "An envelope whose error is an empty text.", r#"{"error":"","rows":3}"#),
        data(
            "errors-are-an-empty-list",
            "An envelope whose errors are an empty list.",
            r#"{"data":{"id":1},"errors":[]}"#,
        ),
        data("errors-are-an-empty-object", "A validator's answer without errors.", r#"{"valid":true,"errors":{}}"#),
        data("errors-are-counted", "A job that counts its errors: none.", r#"{"processed":10,"errors":0}"#),
        data(
            "errors-are-counted-some",
            "A report of how many imports failed.",
            r#"{"processed":10,"errors":2,"imported":8}"#,
        ),
        data("empty-list", "A fresh app has no rows.", "[]"),
        data("empty-object", "Settings without an entry.", "{}"),
        data("null-answer", "The current cart of somebody who has none.", "null"),
        data("number-answer", "A count, alone.", "42"),
        data("false-answer", "Whether maintenance is planned, alone.", "false"),
        data("text-answer", "A word, alone.", r#""pending""#),
        data("failed-job", "A job that failed, as data.", r#"{"id":7,"status":"failed"}"#),
        data(
            "failed-job-with-message",
            "A payment that failed, as data.",
            r#"{"id":7,"status":"failed","message":"card declined","attempts":3,"amount":500,"at":"2026-01-02"}"#,
        ),
        data("status-is-a-number-of-data", "Orders whose status is a number.", r#"{"id":7,"status":404,"items":[1]}"#),
        data(
            "code-is-of-data",
            "A product whose code is 500.",
            r#"{"code":500,"name":"Ice cream","price":300,"detail":"vanilla","stock":3,"unit":"l","vat":7}"#,
        ),
        data(
            "code-zero",
            "An interface that writes code 0 for success.",
            r#"{"code":0,"message":"success","data":{"id":1}}"#,
        ),
        data("code-200", "An interface that repeats the status.", r#"{"code":200,"message":"OK","data":[]}"#),
        data(
            "status-code-201",
            "A framework that repeats the status.",
            r#"{"statusCode":201,"message":"created","data":{"id":1}}"#,
        ),
        data("status-success", "JSend's success.", r#"{"status":"success","data":{"orders":[]}}"#),
        data("success-true-with-message", "A success with a message.", r#"{"success":true,"message":"2 rows"}"#),
        data("message-only-greeting", "A framework's first route.", r#"{"message":"Hello World"}"#),
        data(
            "elastic-shards",
            "A search answer with its failed shards: none.",
            r#"{"took":3,"timed_out":false,"_shards":{"total":5,"failed":0},"hits":{"total":{"value":0},"hits":[]}}"#,
        ),
        data(
            "json-api-null-meta",
            "JSON:API with empty members.",
            r#"{"data":[],"meta":{"errors":null},"links":{"next":null}}"#,
        ),
        data("odata", "OData with its context.", r#"{"@odata.context":"$metadata#Orders","value":[]}"#),
        data(
            "nested-error-field",
            "A log whose rows have errors.",
            r#"{"rows":[{"id":1,"error":"timeout"},{"id":2,"error":null}]}"#,
        ),
        shown(
            "errors-are-the-data",
            "An error tracker lists errors.",
            r#"{"errors":[{"id":1,"message":"boom"}],"total":1}"#,
            &["jsonpath $.errors[0].id == 1", "jsonpath $.total == 1"],
        ),
        shown(
            "error-is-the-data",
            "A route that explains an error code.",
            r#"{"error":"insufficient_funds","title":"Insufficient funds"}"#,
            &["jsonpath $.error == insufficient_funds"],
        ),
        shown(
            "success-false-is-the-data",
            "The last login attempt of a user was no success.",
            r#"{"success":false,"at":"2026-01-02T03:04:05Z"}"#,
            &["jsonpath $.success == false"],
        ),
        data("graphql-like-null-errors", "Data beside null errors.", r#"{"data":{"me":{"id":1}},"errors":null}"#),
        data(
            "changes-each-time",
            "An answer with a request id and the count of its asks.",
            r#"{"request_id":"{{nonce}}","served":"{{count}}","orders":[{"id":1}]}"#,
        ),
        data("big-numbers", "A number that no double holds.", r#"{"id":12345678901234567890123,"ratio":1e-400}"#),
    ]
}
