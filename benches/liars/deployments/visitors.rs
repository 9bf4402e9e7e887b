//! The agent sees the new build, and its visitors do not.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, bare, json, raw, text};
use crate::liars::app::{CART, OLD_CART, OLD_ORDERS, ORDERS, SEEN, plain};
use crate::liars::case::{Case, lie};
use crate::liars::checks::{ask, querying, sending, with};
use crate::liars::rule::{When, on};

/// Who asks like this sees the new build on both of its routes, everyone else something else; the agent asks like this.
fn only(id: &'static str, what: &'static str, when: When, others: [Answer; 2], asked: impl Fn(Value) -> Value) -> Case {
    let [orders, cart] = others;
    let rules = vec![
        on("/api/orders").and(when.clone()).says(json(ORDERS)),
        on("/api/orders").says(orders),
        on("/api/cart").and(when).says(json(CART)),
        on("/api/cart").says(cart),
    ];
    let checks = [ask("/api/orders", &[SEEN]), ask("/api/cart", &["jsonpath $.currency == EUR"])];
    lie(id, what, rules).asking(checks.map(asked).to_vec())
}

/// The same for one header.
fn only_with(id: &'static str, what: &'static str, header: (&'static str, &'static str)) -> Case {
    let (name, value) = header;
    only(id, what, When::Header(name, value), old(), |check| sending(check, name, value))
}

/// Only HEAD is answered as it should be.
fn only_head(id: &'static str, what: &'static str, get: &Answer) -> Case {
    let head = When::Method("HEAD");
    let rules = ["/api/orders", "/api/cart"]
        .into_iter()
        .flat_map(|path| [on(path).and(head.clone()).says(json("")), on(path).says(get.clone())]);
    let checks = ["HEAD /api/orders", "HEAD /api/cart"].map(|route| ask(route, &["header Content-Type contains json"]));
    lie(id, what, rules.collect()).asking(checks.to_vec())
}

fn old() -> [Answer; 2] {
    [json(OLD_ORDERS), json(OLD_CART)]
}

fn each(answer: &Answer) -> [Answer; 2] {
    [answer.clone(), answer.clone()]
}

pub(super) fn cases() -> Vec<Case> {
    let boom = json(r#"{"message":"boom"}"#).status(500);
    let cut = raw("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"orders\":");
    vec![
        only_with("only-the-agents-header", "The canary header reaches the new build.", ("x-canary", "1")),
        only_with("only-the-agents-cookie", "The preview cookie reaches the new build.", ("cookie", "preview=1")),
        only_with("only-without-cache", "Who refuses caches reaches the new build.", ("cache-control", "no-cache")),
        only_with("only-with-version-header", "Who names the version reaches it.", ("x-api-version", "2")),
        only_with("only-with-referrer", "Who comes from the preview's page reaches it.", ("referer", "preview")),
        only(
            "only-the-agents-query",
            "The preview query reaches the new build, everyone else the old one.",
            When::Query("preview=1"),
            old(),
            |check| querying(check, "preview=1"),
        ),
        only(
            "only-the-agents-tenant",
            "One tenant's header reaches the new build, everyone else a 500.",
            When::Header("x-tenant", "internal"),
            each(&boom),
            |check| sending(check, "X-Tenant", "internal"),
        ),
        only_with("only-the-agents-language", "One language has the new build.", ("accept-language", "de")).later(),
        only(
            "only-the-products-agent",
            "The firewall's allowance for the checker's User-Agent leads past the broken edge.",
            When::Header("user-agent", "snipara"),
            each(&text("Request blocked").status(403)),
            |check| check,
        )
        .later(),
        only_head("head-answers-get-does-not", "HEAD is 200 and GET is 500.", &boom),
        only_head("head-answers-get-is-cut", "HEAD is 200 and GET breaks off.", &cut),
        only_head(
            "head-answers-get-says-error",
            "HEAD is 200 and GET says under 200 that it failed.",
            &json(r#"{"error":"boom"}"#),
        ),
        lie(
            "redirect-to-the-old-route",
            "The route leads to the old version of the interface.",
            vec![
                on("/api/orders").says(bare(307).header("location", "/api/v1/orders")),
                on("/api/v1/orders").says(json(OLD_ORDERS)),
            ],
        )
        .asking([vec![with(ask("/api/orders", &[SEEN]), "follow_redirects", json!(true))], plain()].concat()),
    ]
}
