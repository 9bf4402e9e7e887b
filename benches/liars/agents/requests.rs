//! Ways to ask that make a broken or old production look well.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, bare, json};
use crate::liars::app::{CART, OLD_ORDERS, ORDERS, SEEN, plain};
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, paths, querying, sending, with};
use crate::liars::rule::{When, on, under};

fn boom() -> Answer {
    json(r#"{"message":"boom"}"#).status(500)
}

/// Two routes are broken but for who asks like this; the agent asks nothing else.
fn but_for(id: &'static str, what: &'static str, when: When, asked: impl Fn(Value) -> Value) -> Case {
    let rules = vec![
        on("/api/orders").and(when.clone()).says(json(ORDERS)),
        on("/api/orders").says(boom()),
        on("/api/cart").and(when).says(json(CART)),
        on("/api/cart").says(boom()),
    ];
    liar(id, what, rules, paths(&["/api/orders", "/api/cart"]).into_iter().map(asked).collect()).most(1)
}

/// The same for one header.
fn with_header(id: &'static str, what: &'static str, header: (&'static str, &'static str)) -> Case {
    let (name, value) = header;
    but_for(id, what, When::Header(name, value), |check| sending(check, name, value))
}

/// The same for one method.
fn with_method(id: &'static str, what: &'static str, method: &'static str) -> Case {
    but_for(id, what, When::Method(method), |check| with(check, "method", json!(method)))
}

/// The route is broken at some asks.
fn sometimes(id: &'static str, what: &'static str, when: When, check: Value) -> Case {
    liar(id, what, vec![on("/api/orders").and(when).says(boom())], [vec![check], plain()].concat())
}

pub(super) fn cases() -> Vec<Case> {
    let order = || ask("/api/orders", &[]);
    vec![
        but_for("mock-query", "A query asks for mock data.", When::Query("mock=1"), |check| querying(check, "mock=1")),
        with_header("canary-header", "A header asks the canary.", ("x-canary", "always")),
        with_header("preview-cookie", "A cookie asks the preview.", ("cookie", "preview=1")),
        with_header("debug-header", "A header asks for debugging answers.", ("x-debug", "1")),
        with_header("range-of-a-broken-page", "A range answers, the whole does not.", ("range", "bytes=0-0")),
        with_header(
            "conditional-request",
            "A condition is answered, the plain request is not.",
            ("if-none-match", "*"),
        ),
        with_header(
            "unused-media-type",
            "A media type that nobody uses is answered.",
            ("accept", "application/vnd.x+json"),
        )
        .later(),
        with_method("head-instead-of-get", "HEAD answers, GET does not.", "HEAD"),
        with_method("options-instead-of-get", "OPTIONS answers, GET does not.", "OPTIONS"),
        but_for("dry-run", "A dry run answers, the call itself does not.", When::Body("dry_run"), |check| {
            with(with(check, "method", json!("POST")), "body", json!({"dry_run": true}))
        })
        .later(),
        liar(
            "mock-query-beside-real-routes",
            "The broken route is asked with a query for mock data, beside two that hold.",
            vec![on("/api/orders").and(When::Query("mock=1")).says(json(ORDERS)), on("/api/orders").says(boom())],
            [vec![ask("/api/orders?mock=1", &[SEEN])], plain()].concat(),
        )
        .most(3)
        .later(),
        sometimes(
            "once-over-flapping",
            "The check asks to be asked once, and every third answer is broken.",
            When::Every(3),
            with(order(), "once", json!(true)),
        )
        .later(),
        sometimes(
            "unsafe-over-flapping",
            "A GET is called unsafe, so that it is not repeated.",
            When::Every(3),
            with(order(), "safe", json!(false)),
        )
        .later(),
        sometimes(
            "settled-over-flapping",
            "Repeating is asked for until a broken production answers well once.",
            When::Every(2),
            order(),
        )
        .with("settle_seconds", json!(3)),
        sometimes(
            "converge-lowered",
            "One success in a row is asked for where three are usual.",
            When::Every(3),
            order(),
        )
        .with("converge", json!({"consecutive_successes": 1})),
        liar(
            "options-everywhere",
            "OPTIONS, which the middleware answers for every path.",
            vec![under("/api/").and(When::Method("OPTIONS")).says(bare(204))],
            paths(&["OPTIONS /api/a", "OPTIONS /api/b", "OPTIONS /api/c"]),
        )
        .most(1),
        liar(
            "one-proof-is-enough",
            "One proof is asked for, and health gives it.",
            vec![on("/api/orders").says(boom())],
            vec![ask("/health", &[])],
        )
        .with("required_proofs", json!(1))
        .later(),
        liar("no-proof-is-enough", "No proof is asked for.", vec![], plain()).with("required_proofs", json!(0)),
        liar("no-check-at-all", "The task has no check.", vec![], vec![]),
        liar(
            "capture-into-host",
            "A capture would choose the host.",
            vec![],
            vec![
                with(ask("/api/users", &[]), "capture", json!(["host: jsonpath $.users[0].name"])),
                ask("http://{{host}}.example/", &[]),
            ],
        ),
        liar(
            "stale-copy-is-enough",
            "The query reaches the copy of the new build that the preview left in the cache.",
            vec![
                on("/api/orders").and(When::Query("v=")).says(json(ORDERS).header("age", "600")),
                on("/api/orders").says(json(OLD_ORDERS)),
            ],
            vec![ask("/api/orders?v=2", &[SEEN])],
        )
        .most(1),
    ]
}
