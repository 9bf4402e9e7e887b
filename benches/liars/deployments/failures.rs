//! The answer is 200 and says that it failed.

use super::features::graphql;
use crate::liars::answer::{Answer, html, json, text, typed};
use crate::liars::case::{Case, lie};
use crate::liars::checks::ask;
use crate::liars::rule::on;

/// The feature's route answers this under 200.
fn failing(id: &'static str, what: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![on("/api/orders").says(answer)])
}

fn health(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    let mut checks = vec![ask("/health", expect)];
    checks.extend(crate::liars::checks::paths(&["/api/orders", "/api/users", "/api/cart"]));
    lie(id, what, vec![on("/health").says(answer)]).asking(checks)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        failing("error-text", "JSON with an error text.", json(r#"{"error":"relation \"orders\" does not exist"}"#)),
        failing(
            "error-object",
            "JSON with an error object.",
            json(r#"{"error":{"code":"INTERNAL","message":"boom"}}"#),
        ),
        failing("errors-list", "JSON:API errors under 200.", json(r#"{"errors":[{"status":"500","title":"boom"}]}"#)),
        failing("success-false", "JSON with success: false.", json(r#"{"success":false,"message":"no connection"}"#)),
        failing("ok-false", "JSON with ok: false.", json(r#"{"ok":false,"description":"Unauthorized"}"#)),
        failing("status-error", "JSend's status: error.", json(r#"{"status":"error","message":"no connection"}"#)),
        failing(
            "status-code-500",
            "The framework's error document under 200.",
            json(r#"{"statusCode":500,"message":"Internal server error"}"#),
        ),
        failing(
            "code-503",
            "The gateway's code beside its message.",
            json(r#"{"code":503,"message":"upstream unavailable"}"#),
        ),
        failing(
            "problem-under-200",
            "A problem document (RFC 9457) under 200.",
            json(r#"{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"boom"}"#),
        ),
        failing(
            "function-timed-out",
            "The function's crash report is its answer.",
            json(r#"{"errorMessage":"Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}"#),
        ),
        failing(
            "json-rpc-error",
            "A JSON-RPC error.",
            json(r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error"}}"#),
        ),
        failing(
            "success-false-beside-data",
            "success: false beside an empty list.",
            json(r#"{"success":false,"orders":[]}"#),
        ),
        failing(
            "message-only",
            "Nothing but a message that the login is missing.",
            json(r#"{"message":"Unauthenticated."}"#),
        ),
        failing(
            "error-behind-pagination",
            "An error beside paging fields.",
            json(r#"{"page":1,"pages":0,"error":"index missing"}"#),
        ),
        failing(
            "soap-fault",
            "A SOAP fault under 200.",
            typed("text/xml", "<Envelope><Body><Fault><faultstring>boom</faultstring></Fault></Body></Envelope>"),
        ),
        failing(
            "warning-before-json",
            "A PHP warning stands before the JSON.",
            json("<br /><b>Warning</b>: mysqli_connect() in db.php\n{\"orders\":[]}"),
        ),
        failing("error-word-as-text", "One word of an error as text.", text("Internal Server Error")),
        failing(
            "proxy-error-page",
            "The proxy's error page under 200.",
            html("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"),
        ),
        lie(
            "graphql-errors",
            "GraphQL answers errors and no data.",
            vec![on("/graphql").says(json(r#"{"errors":[{"message":"Cannot query field \"currency\""}]}"#))],
        )
        .asking(graphql(&["jsonpath $.data.orders[0].currency == EUR"])),
        lie(
            "graphql-errors-null-data",
            "GraphQL answers errors beside null data.",
            vec![on("/graphql").says(json(r#"{"data":null,"errors":[{"message":"boom"}]}"#))],
        )
        .asking(graphql(&["jsonpath $.data.orders[0].currency == EUR"])),
        health(
            "health-down-in-a-detail",
            "Health says ok above and down for the database.",
            json(r#"{"status":"ok","checks":{"database":{"status":"down"}}}"#),
            &["jsonpath $.checks.database.status == up"],
        ),
        health(
            "health-false-in-a-list",
            "Health lists a check that is not ok.",
            json(r#"{"status":"ok","checks":[{"name":"queue","ok":false}]}"#),
            &["jsonpath $.checks[0].ok == true"],
        ),
        health(
            "health-unhealthy-as-text",
            "Health says Unhealthy as text under 200.",
            text("Unhealthy"),
            &["body == Healthy"],
        ),
        health("health-empty", "Health is 200 with nothing, as JSON.", json(""), &["jsonpath $.status == ok"]),
        health(
            "health-maintenance",
            "Health says that production is in maintenance.",
            json(r#"{"status":"maintenance"}"#),
            &["jsonpath $.status == ok"],
        ),
    ]
}
