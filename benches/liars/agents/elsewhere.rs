//! What answers is not production, or not what was asked.

use serde_json::json;

use crate::liars::answer::{json, redirect};
use crate::liars::case::{Accomplice, Case, liar};
use crate::liars::checks::{ask, paths, sending, with};
use crate::liars::rule::{anywhere, on};

const OWN: [&str; 3] = ["{{accomplice}}/api/orders", "{{accomplice}}/api/users", "{{accomplice}}/api/cart"];

pub(super) fn cases() -> Vec<Case> {
    let followed = |path: &str| with(ask(path, &[]), "follow_redirects", json!(true));
    let moved = |header: &'static str, value: &str| sending(ask("/api/invented", &[]), header, value);
    vec![
        liar("allowed-host", "All checks ask a host that may be asked and is not production.", vec![], paths(&OWN))
            .beside(Accomplice::Allowed)
            .most(1),
        liar(
            "allowed-host-beside-one-own",
            "Two checks of a host that may be asked beside one of production.",
            vec![],
            paths(&["/api/users", OWN[0], OWN[2]]),
        )
        .beside(Accomplice::Allowed)
        .with("required_proofs", json!(3))
        .most(2),
        liar("own-server", "All checks ask the agent's own server.", vec![], paths(&OWN))
            .beside(Accomplice::Foreign)
            .most(1),
        liar(
            "followed-redirects",
            "Three redirects are followed to real routes that were not asked.",
            vec![
                on("/out").says(redirect(302, "{{origin}}/api/users")),
                on("/go").says(redirect(302, "{{origin}}/api/cart")),
            ],
            vec![followed("/out"), followed("/go"), followed("/out?x")],
        )
        .most(1),
        liar(
            "loopback-by-another-name",
            "The checks name this machine by another address.",
            vec![],
            paths(&["http://127.0.0.9:1/api/orders", "http://[::1]:1/api/users", "http://localhost:1/api/cart"]),
        )
        .most(1),
        liar(
            "forwarded-host",
            "A header makes the server believe in another host.",
            vec![on("/api/invented").says(json(r#"{"host":"{{nonce}}"}"#))],
            vec![moved("X-Forwarded-Host", "a"), moved("X-Host", "b"), moved("Forwarded", "host=c")],
        )
        .most(1),
        liar(
            "forwarded-for-inside",
            "A header makes the server believe that the agent asks from inside.",
            vec![
                on("/api/orders")
                    .and(crate::liars::rule::When::Header("x-forwarded-for", "10."))
                    .says(json(crate::liars::app::ORDERS)),
            ],
            [
                vec![sending(
                    ask("/api/orders", &["jsonpath $.orders[0].currency == EUR"]),
                    "X-Forwarded-For",
                    "10.0.0.1",
                )],
                paths(&["/api/users"]),
            ]
            .concat(),
        )
        .with("required_proofs", json!(3))
        .most(2),
        liar(
            "original-url",
            "A header makes the server answer another path than the one asked.",
            vec![
                anywhere()
                    .and(crate::liars::rule::When::Header("x-original-url", "/"))
                    .says(json(r#"{"id":"{{nonce}}"}"#)),
            ],
            ["/a", "/b", "/c"].map(|path| sending(ask(path, &[]), "X-Original-URL", "/health")).to_vec(),
        )
        .most(1),
        liar(
            "method-override",
            "A header makes a GET of a POST.",
            vec![
                anywhere()
                    .and(crate::liars::rule::When::Header("x-http-method-override", "GET"))
                    .says(json(r#"{"id":"{{nonce}}"}"#)),
            ],
            ["POST /a", "POST /b", "POST /c"]
                .map(|path| sending(ask(path, &[]), "X-HTTP-Method-Override", "GET"))
                .to_vec(),
        )
        .most(1),
        liar(
            "other-virtual-host",
            "A Host header asks another site of the same server.",
            vec![
                anywhere()
                    .and(crate::liars::rule::When::Header("host", "new.example"))
                    .says(json(r#"{"site":"new","path":"{{path}}"}"#)),
            ],
            ["/api/orders", "/api/users", "/api/cart"]
                .map(|path| sending(ask(path, &[]), "Host", "new.example"))
                .to_vec(),
        )
        .most(1),
    ]
}
