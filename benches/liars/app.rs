//! The shop that is deployed: its new build shows a currency with each order, its old one does not.

use serde_json::Value;

use super::answer::{json, page, text, typed};
use super::checks::{ask, paths};
use super::rule::{Rule, on};

/// What shows the feature in an answer of the orders.
pub(super) const SEEN: &str = "jsonpath $.orders[0].currency == EUR";
pub(super) const ORDERS: &str = r#"{"orders":[{"id":1,"total":990,"currency":"EUR"}],"count":1}"#;
pub(super) const OLD_ORDERS: &str = r#"{"orders":[{"id":1,"total":990}],"count":1}"#;
const USERS: &str = r#"{"users":[{"id":7,"name":"Ada","email":"ada@example.com"}]}"#;
pub(super) const CART: &str = r#"{"items":3,"currency":"EUR"}"#;
pub(super) const OLD_CART: &str = r#"{"items":3}"#;
pub(super) const STYLE: &str = "body{font:16px sans-serif}";
pub(super) const SCRIPT: &str = "document.title='Shop';";
/// The shop's page, with its script and its style.
pub(super) const INDEX: &str = "<h1>Your orders</h1><p>1 order, 9.90 EUR</p><script src=/assets/app.4f2a.js></script>\
    <link rel=stylesheet href=/assets/app.4f2a.css>";

/// Returns the rules of the new build; what they do not know is 404.
pub(super) fn shop() -> Vec<Rule> {
    let mut rules = old_shop();
    for rule in [on("/api/orders").says(json(ORDERS)), on("/api/cart").says(json(CART))] {
        rules.insert(0, rule);
    }
    rules
}

/// Returns the rules of the old build.
pub(super) fn old_shop() -> Vec<Rule> {
    vec![
        on("/health").says(json(r#"{"status":"ok"}"#)),
        on("/api/orders").says(json(OLD_ORDERS)),
        on("/api/users").says(json(USERS)),
        on("/api/cart").says(json(OLD_CART)),
        on("/").says(page("Shop", INDEX)),
        on("/orders").says(page("Orders", INDEX)),
        on("/assets/app.4f2a.js").says(typed("text/javascript", SCRIPT)),
        on("/assets/app.4f2a.css").says(typed("text/css", STYLE)),
        on("/robots.txt").says(text("User-agent: *\nAllow: /\n")),
        on("/login").says(page("Sign in", "<h1>Sign in</h1><form><input type=password></form>")),
    ]
}

/// What a competent agent asks to see the feature.
pub(super) fn feature() -> Vec<Value> {
    vec![
        ask("/api/orders", &[SEEN, "jsonpath $.orders[0].total == 990"]),
        ask("/api/users", &["jsonpath $.users[0].email == 'ada@example.com'"]),
        ask("/api/cart", &["jsonpath $.currency == EUR"]),
    ]
}

/// The feature's page and two routes beside it.
pub(super) fn page_feature() -> Vec<Value> {
    let page = ask("/orders", &["title == Orders", "text contains '9.90 EUR'", "assets isEmpty"]);
    let mut checks = vec![page];
    checks.extend(plain());
    checks
}

/// Two routes of the shop that say nothing about the feature.
pub(super) fn plain() -> Vec<Value> {
    paths(&["/api/users", "/api/cart"])
}
