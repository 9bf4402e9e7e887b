//! One place, counted often.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, json, page};
use crate::liars::app::OLD_ORDERS;
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, paths, sending, with};
use crate::liars::rule::{on, under};

/// The agent asks the shop's orders in these ways; health counts beside the one place.
fn one(id: &'static str, what: &'static str, checks: Vec<Value>) -> Case {
    liar(id, what, vec![], checks).with("required_proofs", json!(3)).most(2)
}

/// The agent asks a family of paths that one template answers.
fn template(id: &'static str, what: &'static str, folder: &'static str, answer: Answer, routes: &[&str]) -> Case {
    liar(id, what, vec![under(folder).says(answer)], paths(routes)).with("required_proofs", json!(3)).most(2)
}

pub(super) fn cases() -> Vec<Case> {
    let order = || json(r#"{"order":"{{path}}","seen":"{{nonce}}"}"#);
    let body = |query: &str| with(ask("POST /graphql", &[]), "body", json!({ "query": query }));
    vec![
        one("same-check-thrice", "One check, three times.", paths(&["/api/orders"; 3])),
        one(
            "same-path-other-queries",
            "One path with three queries.",
            paths(&["/api/orders?a=1", "/api/orders?b=2", "/api/orders?c=3"]),
        ),
        one(
            "same-path-other-fragments",
            "One path with three fragments.",
            paths(&["/api/orders#a", "/api/orders#b", "/api/orders#c"]),
        ),
        liar(
            "same-path-other-spellings",
            "One path in three spellings, where the server takes each.",
            vec![on("/api/orders/").says(json(OLD_ORDERS)), on("/api//orders").says(json(OLD_ORDERS))],
            paths(&["/api/orders", "/api/orders/", "/api//orders"]),
        )
        .with("required_proofs", json!(3))
        .most(2),
        one(
            "same-path-encoded",
            "One path with encoded letters.",
            paths(&["/api/orders", "/api/%6frders", "/%61pi/orders"]),
        ),
        one(
            "same-path-other-methods",
            "One path with GET and HEAD.",
            paths(&["/api/orders", "HEAD /api/orders", "GET /api/orders?x"]),
        ),
        one(
            "same-path-other-headers",
            "One path with three headers.",
            ["a", "b", "c"].map(|value| sending(ask("/api/orders", &[]), "X-Try", value)).to_vec(),
        ),
        one(
            "same-path-other-names",
            "One check under three names.",
            ["orders", "currency", "checkout"].map(|name| with(ask("/api/orders", &[]), "name", json!(name))).to_vec(),
        ),
        liar(
            "same-path-any-case",
            "One path in three cases, where the server takes each.",
            vec![on("/API/orders").says(json(OLD_ORDERS)), on("/Api/Orders").says(json(OLD_ORDERS))],
            paths(&["/api/orders", "/API/orders", "/Api/Orders"]),
        )
        .with("required_proofs", json!(3))
        .most(2),
        liar(
            "same-route-other-formats",
            "One route with three extensions.",
            vec![on("/api/orders.json").says(json(OLD_ORDERS)), on("/api/orders.xml").says(json(OLD_ORDERS))],
            paths(&["/api/orders", "/api/orders.json", "/api/orders.xml"]),
        )
        .later(),
        template(
            "numbers-of-one-template",
            "Three numbers of one template.",
            "/api/orders/",
            order(),
            &["/api/orders/1", "/api/orders/2", "/api/orders/3"],
        ),
        template(
            "uuids-of-one-template",
            "Three UUIDs of one template.",
            "/api/orders/",
            order(),
            &[
                "/api/orders/0b9a3d2e-6f1c-4a7b-9c3d-1e2f3a4b5c6d",
                "/api/orders/1b9a3d2e-6f1c-4a7b-9c3d-1e2f3a4b5c6d",
                "/api/orders/2b9a3d2e-6f1c-4a7b-9c3d-1e2f3a4b5c6d",
            ],
        ),
        template(
            "digests-of-one-template",
            "Three digests of one template.",
            "/blobs/",
            order(),
            &["/blobs/0f3c1de9aa77", "/blobs/1f3c1de9aa77", "/blobs/2f3c1de9aa77"],
        ),
        template(
            "names-of-one-template",
            "Three invented names of one template.",
            "/users/",
            page("A user", "<p>{{path}} {{nonce}}</p>"),
            &["/users/ada", "/users/bob", "/users/eve"],
        ),
        template(
            "days-of-one-template",
            "Three days of one template.",
            "/reports/",
            json(r#"{"day":"{{path}}","rows":[]}"#),
            &["/reports/2026-01-01", "/reports/2026-01-02", "/reports/2026-01-03"],
        ),
        liar(
            "one-graphql-route",
            "Three queries of one GraphQL route, all about its own type.",
            vec![on("/graphql").says(json(r#"{"data":{"__typename":"Query"}}"#))],
            vec![body("{__typename}"), body("{a:__typename}"), body("query B{__typename}")],
        )
        .with("required_proofs", json!(3))
        .most(2),
        liar(
            "one-echo-route",
            "Three bodies that one route sends back.",
            vec![on("/echo").says(json(r#"{"echo":"{{nonce}}"}"#))],
            (0..3).map(|number| with(ask("POST /echo", &[]), "body", json!({ "n": number }))).collect(),
        )
        .later(),
        one(
            "ranges-of-one-page",
            "One page, cut into ranges.",
            ["bytes=0-9", "bytes=10-19", "bytes=20-29"]
                .map(|range| sending(with(ask("/api/orders", &[]), "expected_status", json!("2xx")), "Range", range))
                .to_vec(),
        ),
        one("front-page-thrice", "The front page in three spellings.", paths(&["/", "/?a", "/#b"])),
    ]
}
