//! Some of production is new: caches, nodes, connections and time decide which.

use crate::liars::answer::{Answer, bare, json};
use crate::liars::app::{CART, OLD_CART, OLD_ORDERS, ORDERS, SEEN};
use crate::liars::case::{Case, lie};
use crate::liars::checks::ask;
use crate::liars::production::Hosting;
use crate::liars::rule::{When, on};

fn old() -> Answer {
    json(OLD_ORDERS)
}

fn new() -> Answer {
    json(ORDERS)
}

/// The feature's route answers as the old build when this holds.
fn old_when(id: &'static str, what: &'static str, when: When) -> Case {
    lie(id, what, vec![on("/api/orders").and(when).says(old())])
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        lie(
            "stale-edge-by-age",
            "The edge answers an old copy with its age; past it the new build answers.",
            vec![
                on("/api/orders").and(When::Query("")).says(new()),
                on("/api/orders").says(old().header("age", "4210").header("x-cache", "HIT")),
            ],
        ),
        lie(
            "stale-edge-keeps-an-error",
            "The edge keeps the error page of the deploy's first seconds.",
            vec![
                on("/api/orders").and(When::Query("")).says(new()),
                on("/api/orders").says(
                    json(r#"{"error":"upstream connect error"}"#).header("age", "35").header("cf-cache-status", "HIT"),
                ),
            ],
        ),
        lie(
            "stale-while-revalidate",
            "The edge answers what it knows to be stale and never asks the origin.",
            vec![on("/api/orders").says(old().header("x-cache", "STALE").header("age", "90000"))],
        ),
        lie(
            "stale-gzip-variant",
            "The compressed copy in the cache is the old one.",
            vec![on("/api/orders").and(When::Header("accept-encoding", "gzip")).says(old())],
        ),
        lie(
            "stale-edge-by-query",
            "A query reaches the origin, the plain paths old copies; the agent asks with a query.",
            vec![
                on("/api/orders").and(When::Query("")).says(new()),
                on("/api/orders").says(old()),
                on("/api/cart").and(When::Query("")).says(json(CART)),
                on("/api/cart").says(json(OLD_CART)),
            ],
        )
        .asking(vec![ask("/api/orders?page=1", &[SEEN]), ask("/api/cart?page=1", &["jsonpath $.currency == EUR"])]),
        old_when("stale-node", "The second address of the name has the old build.", When::Node(1))
            .hosted(Hosting::TwoNodes),
        lie(
            "broken-node",
            "The second address of the name answers 500.",
            vec![on("/api/orders").and(When::Node(1)).says(json(r#"{"message":"boom"}"#).status(500))],
        )
        .hosted(Hosting::TwoNodes),
        old_when("two-builds-by-connection", "Every other connection reaches the old build.", When::OddConnection),
        old_when("old-every-second-ask", "Two instances take turns; one has the old build.", When::Every(2)),
        old_when("old-every-third-ask", "One of three instances has the old build.", When::Every(3)),
        lie(
            "broken-every-third-ask",
            "One of three instances answers 500.",
            vec![on("/api/orders").and(When::Every(3)).says(json(r#"{"message":"boom"}"#).status(500))],
        ),
        lie(
            "broken-every-second-ask",
            "One of two instances answers 502.",
            vec![on("/api/orders").and(When::Every(2)).says(bare(502))],
        ),
        old_when("rolled-back-after-one-ask", "The old build is back after the first look.", When::AfterAsks(1)),
        old_when("rolled-back-after-two-asks", "The old build is back after the second look.", When::AfterAsks(2)),
        lie(
            "dies-after-two-asks",
            "The new build runs out of memory at its third request.",
            vec![on("/api/orders").and(When::AfterAsks(2)).says(bare(503))],
        ),
        lie(
            "empty-every-third-ask",
            "One of three instances reads an empty replica.",
            vec![on("/api/orders").and(When::Every(3)).says(json(r#"{"orders":[],"count":0}"#))],
        ),
        lie(
            "error-every-third-ask",
            "One of three instances says under 200 that it failed.",
            vec![on("/api/orders").and(When::Every(3)).says(json(r#"{"error":"pool exhausted"}"#))],
        ),
    ]
}
