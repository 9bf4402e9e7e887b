//! Interfaces that have an envelope or an error document of their own.

use serde_json::{Value, json};

use crate::liars::answer::{bare, html, json as says, page, typed};
use crate::liars::case::{Case, honest};
use crate::liars::checks::{ask, expecting, sending, with};
use crate::liars::rule::{When, on};

fn post(route: &str, body: Value, expect: &[&str]) -> Value {
    with(ask(route, expect), "body", body)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        honest(
            "graphql-data",
            "GraphQL answers data alone.",
            vec![on("/graphql").says(says(r#"{"data":{"orders":[{"id":"1"}]}}"#))],
            vec![post("POST /graphql", json!({"query": "{orders{id}}"}), &["jsonpath $.data.orders count == 1"])],
        ),
        honest(
            "graphql-null-errors",
            "GraphQL answers data beside null errors.",
            vec![on("/graphql").says(says(r#"{"data":{"orders":[]},"errors":null,"extensions":{"cost":1}}"#))],
            vec![post("POST /graphql", json!({"query": "{orders{id}}"}), &["jsonpath $.data.orders isList"])],
        ),
        honest(
            "graphql-partial",
            "GraphQL answers what was asked, and an error about a field that is optional.",
            vec![
                on("/graphql").says(
                    says(r#"{"data":{"orders":[{"id":"1","rating":null}]},"errors":[{"message":"no ratings","path":["orders",0]}]}"#),
                ),
            ],
            vec![
                post(
                    "POST /graphql",
                    json!({"query": "{orders{id rating}}"}),
                    &["jsonpath $.data.orders[0].id == '1'"],
                ),
            ],
        ),
        honest(
            "json-rpc-null-error",
            "JSON-RPC 1.0 answers a result beside a null error.",
            vec![on("/rpc").says(says(r#"{"result":[1],"error":null,"id":1}"#))],
            vec![post("POST /rpc", json!({"method": "orders", "id": 1}), &["jsonpath $.result[0] == 1"])],
        ),
        honest(
            "problem-is-expected",
            "A deleted order is 404 with a problem document (RFC 9457), as it should.",
            vec![
                on("/api/orders/9").says(
                    typed("application/problem+json", r#"{"type":"about:blank","title":"Not Found","status":404}"#)
                    .status(404),
                ),
            ],
            [
                vec![with(ask("/api/orders/9", &["jsonpath $.title == 'Not Found'"]), "expected_status", json!(404))],
                vec![ask("/api/orders", &[])],
            ]
            .concat(),
        ),
        honest(
            "removed-route-is-expected",
            "The old route is 410, as it should.",
            vec![on("/api/v0/orders").says(bare(410))],
            [expecting(&["/api/v0/orders"], &json!(410)), vec![ask("/api/orders", &[])]].concat(),
        ),
        honest(
            "validation-is-expected",
            "A wrong order is 422, as it should.",
            vec![
                on("/api/orders").and(When::Method("POST")).says(
                    says(r#"{"detail":[{"loc":["body","total"],"msg":"field required"}]}"#).status(422),
                ),
            ],
            [
                vec![
                    with(
                        post("POST /api/orders", json!({}), &["jsonpath $.detail[0].msg == 'field required'"]),
                        "expected_status",
                        json!(422),
                    ),
                ],
                vec![ask("/orders", &[])],
            ]
            .concat(),
        ),
        honest(
            "webhook-without-signature",
            "The webhook answers 401 without a signature, as it should.",
            vec![on("/hooks/payment").says(says(r#"{"error":"missing signature"}"#).status(401))],
            [expecting(&["POST /hooks/payment"], &json!(401)), vec![ask("/api/orders", &[])]].concat(),
        ),
        honest(
            "webhook-with-wrong-body",
            "The webhook answers 400 to what it cannot read, as it should.",
            vec![on("/hooks/payment").says(typed("text/plain", "No signatures found").status(400))],
            [expecting(&["POST /hooks/payment"], &json!(400)), vec![ask("/api/orders", &[])]].concat(),
        ),
        honest(
            "created",
            "A new row is 201 with its place.",
            vec![
                on("/api/rows").and(When::Method("POST")).says(
                    says(r#"{"id":3}"#).status(201).header("location", "/api/rows/3"),
                ),
            ],
            vec![
                with(
                    post("POST /api/rows", json!({"name": "x"}), &["jsonpath $.id isInteger"]),
                    "expected_status",
                    json!(201),
                ),
            ],
        ),
        honest(
            "accepted",
            "A job is accepted with 202 and its state.",
            vec![on("/api/jobs").says(says(r#"{"id":7,"status":"queued"}"#).status(202))],
            vec![
                with(
                    post("POST /api/jobs", json!({"kind": "export"}), &["jsonpath $.status == queued"]),
                    "expected_status",
                    json!(202),
                ),
            ],
        ),
        honest(
            "created-and-read-back",
            "A new row can be read back.",
            vec![
                on("/api/rows").and(When::Method("POST")).says(says(r#"{"id":3}"#).status(201)),
                on("/api/rows/3").says(says(r#"{"id":3,"name":"x"}"#)),
            ],
            vec![
                with(
                    with(post("POST /api/rows", json!({"name": "x"}), &[]), "expected_status", json!(201)),
                    "capture",
                    json!(["row: jsonpath $.id"]),
                ),
                ask("/api/rows/3", &["jsonpath $.name == x"]),
            ],
        ),
        honest(
            "htmx-fragment",
            "A fragment of a page for htmx.",
            vec![on("/api/rows").says(html("<tr><td>Ada</td></tr>"))],
            vec![sending(ask("/api/rows", &["body contains Ada"]), "HX-Request", "true")],
        ),
        honest(
            "documentation-below-api",
            "The interface's documentation is a page below /api.",
            vec![on("/api/docs").says(page("API", "<div id=swagger-ui></div>"))],
            vec![ask("/api/docs", &["header Content-Type startsWith text/html"])],
        ),
        honest(
            "head-is-not-allowed",
            "A route that knows GET alone.",
            vec![
                on("/api/thing").and(When::Method("HEAD")).says(bare(405)),
                on("/api/thing").says(says(r#"{"id":1}"#)),
            ],
            vec![ask("/api/thing", &["jsonpath $.id == 1"])],
        ),
        honest(
            "head-asked",
            "A big file is asked with HEAD, and GET has it, too.",
            vec![on("/files/release.zip").says(typed("application/zip", "PK\u{3}\u{4} a release"))],
            vec![ask("HEAD /files/release.zip", &["header Content-Type contains zip"])],
        ),
    ]
}
