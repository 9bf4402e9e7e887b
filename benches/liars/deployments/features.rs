//! The routes answer, and the feature is not there.

use serde_json::json;

use crate::liars::answer::{bare, json, text, typed};
use crate::liars::app::{OLD_ORDERS, ORDERS, plain};
use crate::liars::case::{Case, lie};
use crate::liars::checks::{ask, expecting, paths, with};
use crate::liars::rule::{When, on};

/// The feature's route answers this; the rest is the new build.
fn orders(id: &'static str, what: &'static str, body: &str) -> Case {
    lie(id, what, vec![on("/api/orders").says(json(body))])
}

/// One more route of the new build, with the check that would see it.
fn route(id: &'static str, what: &'static str, path: &'static str, body: &str, expect: &[&str]) -> Case {
    let mut checks = vec![ask(path, expect)];
    checks.extend(plain());
    lie(id, what, vec![on(path).says(json(body))]).asking(checks)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        orders("no-op-deploy", "The deploy did nothing: the old build answers.", OLD_ORDERS),
        lie(
            "no-op-with-new-health",
            "Health names the new version, and the old build answers.",
            vec![
                on("/health").says(json(r#"{"status":"ok","version":"2.0.0"}"#)),
                on("/api/orders").says(json(OLD_ORDERS)),
            ],
        ),
        lie(
            "half-deployed",
            "One of two services was deployed: the cart is the old one.",
            vec![on("/api/cart").says(json(r#"{"items":3}"#))],
        ),
        orders(
            "flag-off",
            "The new code is there and its flag is off.",
            r#"{"orders":[{"id":1,"total":990}],"features":{"currency":false}}"#,
        ),
        orders(
            "field-null",
            "The field is there and null: the backfill did not run.",
            r#"{"orders":[{"id":1,"total":990,"currency":null}]}"#,
        ),
        orders(
            "placeholder-value",
            "A placeholder reached production.",
            r#"{"orders":[{"id":1,"total":990,"currency":"undefined"}]}"#,
        ),
        orders(
            "mock-server",
            "A mock answers with the schema's example words.",
            r#"{"orders":[{"id":0,"total":0,"currency":"string"}]}"#,
        ),
        orders(
            "other-market",
            "Production runs with the settings of another market.",
            r#"{"orders":[{"id":1,"total":990,"currency":"USD"}]}"#,
        ),
        orders(
            "field-renamed",
            "The field has another name than the one promised.",
            r#"{"orders":[{"id":1,"total":990,"curr":"EUR"}]}"#,
        ),
        orders(
            "field-gone",
            "The feature is there and another field is gone.",
            r#"{"orders":[{"id":1,"currency":"EUR"}]}"#,
        ),
        orders(
            "type-changed",
            "A number became a text.",
            r#"{"orders":[{"id":1,"total":"990.00","currency":"EUR"}]}"#,
        ),
        orders(
            "shape-changed",
            "The list became an object.",
            r#"{"orders":{"1":{"total":990,"currency":"EUR"}}}"#,
        ),
        orders(
            "wrapped-twice",
            "The list stands one level deeper.",
            r#"{"data":{"orders":[{"id":1,"currency":"EUR"}]}}"#,
        ),
        orders(
            "json-in-json",
            "The document is a text that holds JSON.",
            r#""{\"orders\":[{\"id\":1,\"total\":990,\"currency\":\"EUR\"}]}""#,
        ),
        orders("data-lost", "The migration left an empty table.", r#"{"orders":[],"count":0}"#),
        lie(
            "staging-data",
            "Production reads the staging database.",
            vec![on("/api/users").says(json(r#"{"users":[{"id":1,"name":"Test","email":"test@staging.example"}]}"#))],
        ),
        route(
            "staging-build",
            "The staging build was promoted with its settings.",
            "/api/config",
            r#"{"environment":"staging","api":"https://staging.example"}"#,
            &["jsonpath $.environment == production"],
        ),
        route(
            "debug-on",
            "Debugging is on in production.",
            "/api/config",
            r#"{"debug":true,"environment":"production"}"#,
            &["jsonpath $.debug == false"],
        ),
        route(
            "filter-ignored",
            "The new filter is ignored: every order comes.",
            "/api/orders/eur",
            r#"{"orders":[{"id":1,"currency":"EUR"},{"id":2,"currency":"USD"}]}"#,
            &["jsonpath $.orders[?@.currency=='USD'] count == 0"],
        ),
        route(
            "unsorted",
            "The new order of the list is not there.",
            "/api/orders/newest",
            r#"{"orders":[{"id":1},{"id":2}]}"#,
            &["jsonpath $.orders[0].id == 2"],
        ),
        route(
            "old-schema",
            "The answer lacks what its schema requires.",
            "/api/invoice",
            r#"{"number":"R-1"}"#,
            &[r#"schema {"type":"object","required":["number","tax"]}"#],
        ),
        route(
            "date-in-words",
            "A date is written for people where ISO 8601 was promised.",
            "/api/invoice",
            r#"{"due":"next Friday"}"#,
            &["jsonpath $.due isIsoDate"],
        ),
        lie(
            "partial-graphql",
            "GraphQL answers data with errors: the new field failed.",
            vec![on("/graphql").says(json(
                r#"{"data":{"orders":[{"id":1,"currency":null}]},"errors":[{"message":"no such column","path":["orders",0]}]}"#,
            ))],
        )
        .asking(graphql(&["jsonpath $.data.orders[0].currency == EUR"])),
        lie(
            "export-without-rows",
            "The export has a head and no rows.",
            vec![on("/api/orders.csv").says(typed("text/csv", "id,total,currency\n"))],
        )
        .asking(beside(&["regex '(?m)^(1,990,EUR)$' exists"], "/api/orders.csv")),
        lie(
            "noindex-in-production",
            "Pages tell search engines to stay away, as on staging.",
            vec![on("/robots.txt").says(text("User-agent: *\nDisallow: /\n"))],
        )
        .asking(beside(&["body not contains 'Disallow: /'"], "/robots.txt")),
        lie(
            "security-header-lost",
            "The new proxy drops the header that the task was about.",
            vec![on("/api/orders").says(json(ORDERS))],
        )
        .asking(beside(&["header Strict-Transport-Security exists"], "/api/orders")),
        lie(
            "cors-lost",
            "The answer no longer allows the other origin.",
            vec![on("/api/orders").says(json(ORDERS))],
        )
        .asking(beside(&["header Access-Control-Allow-Origin == 'https://shop.example'"], "/api/orders")),
        lie(
            "cookie-not-secure",
            "The session cookie lost its Secure attribute.",
            vec![on("/session").says(json(r#"{"user":null}"#).header("set-cookie", "sid=1; HttpOnly"))],
        )
        .asking(beside(&["cookie 'sid[Secure]' exists"], "/session")),
        lie(
            "private-cached",
            "A private answer may be kept by every cache.",
            vec![on("/api/orders").says(json(ORDERS).header("cache-control", "public, max-age=86400"))],
        )
        .asking(beside(&["header Cache-Control contains private"], "/api/orders")),
        lie(
            "auth-removed",
            "An administrator's route answers everyone.",
            vec![on("/api/admin").says(json(r#"{"users":2}"#))],
        )
        .asking([expecting(&["/api/admin"], &json!(401)), paths(&["/api/orders", "/api/users", "/api/cart"])].concat())
        .blindly(paths(&["/api/admin", "/api/orders", "/api/users", "/api/cart"])),
        lie(
            "write-is-lost",
            "A new order is answered 201 and is not there afterwards.",
            vec![
                on("/api/baskets").and(When::Method("POST")).says(json(r#"{"id":31}"#).status(201)),
                on("/api/baskets/31").says(bare(404)),
            ],
        )
        .asking([written(true), plain()].concat())
        .blindly([written(false), plain()].concat()),
        lie(
            "webhook-unsigned",
            "The webhook takes a call without a signature.",
            vec![on("/hooks/payment").says(json(r#"{"received":true}"#))],
        )
        .asking([vec![with(ask("POST /hooks/payment", &[]), "expected_status", json!(401))], all_three()].concat())
        .blindly([paths(&["POST /hooks/payment"]), all_three()].concat()),
    ]
}

fn all_three() -> Vec<serde_json::Value> {
    paths(&["/api/orders", "/api/users", "/api/cart"])
}

fn beside(expect: &[&str], path: &str) -> Vec<serde_json::Value> {
    let mut checks = vec![ask(path, expect)];
    checks.extend(plain());
    checks
}

pub(super) fn graphql(expect: &[&str]) -> Vec<serde_json::Value> {
    let mut checks = vec![with(ask("POST /graphql", expect), "body", json!({"query": "{orders{id currency}}"}))];
    checks.extend(plain());
    checks
}

/// Writes and, when what is written has an id, reads it back.
fn written(read_back: bool) -> Vec<serde_json::Value> {
    let post = with(with(ask("POST /api/baskets", &[]), "body", json!({"total": 5})), "expected_status", json!(201));
    let captured = with(post.clone(), "capture", json!(["basket: jsonpath $.id"]));
    if read_back { vec![captured, ask("/api/baskets/{{basket}}", &[])] } else { vec![post] }
}
