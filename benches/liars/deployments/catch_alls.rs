//! Every path answers, so that no answer says anything.

use crate::liars::answer::{Answer, html, json, page, text, typed};
use crate::liars::case::{Case, lie};
use crate::liars::rule::{anywhere, under};

/// Every path but health answers this.
fn everywhere(id: &'static str, what: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![anywhere().says(answer)])
}

/// Everything below /api answers this.
fn api(id: &'static str, what: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![under("/api").says(answer)])
}

pub(in crate::liars) const SHELL: &str =
    "<!doctype html><html><head><title>Shop</title></head><body><div id=root></div></body></html>";
pub(in crate::liars) const SHELL_NONCE: &str = "<!doctype html><html><head><title>Shop</title>\
    <meta name=csrf content={{nonce}}></head><body><div id=root></div></body></html>";
pub(in crate::liars) const SHELL_ECHO: &str = "<!doctype html><html><head><title>Shop</title>\
    <link rel=canonical href='{{origin}}{{path}}'></head><body><div id=root></div></body></html>";

pub(super) fn cases() -> Vec<Case> {
    vec![
        everywhere("spa-fallback", "The page of the single-page app answers every path.", html(SHELL)),
        everywhere("spa-fallback-nonce", "The fallback page carries a nonce.", html(SHELL_NONCE)),
        everywhere("spa-fallback-echo", "The fallback page carries its own path.", html(SHELL_ECHO)),
        api("json-everywhere", "One JSON answers every path below /api.", json(r#"{"ok":true}"#)),
        api("json-everywhere-echo", "The JSON of every path names the path.", json(r#"{"ok":true,"path":"{{path}}"}"#)),
        api(
            "json-everywhere-nonce",
            "The JSON of every path carries a request id.",
            json(r#"{"status":"success","request_id":"{{nonce}}"}"#),
        ),
        api("json-everywhere-empty", "An empty list answers every path below /api.", json("[]")),
        everywhere("soft-404-text", "What is not found is 200 with a text.", text("404 page not found")),
        everywhere(
            "soft-404-page",
            "What is not found is a page under 200.",
            page("Page not found", "<h1>{{path}} was not found</h1>"),
        ),
        api(
            "soft-404-json",
            "What is not found is JSON under 200.",
            json(r#"{"message":"Not Found","path":"{{path}}"}"#),
        ),
        everywhere(
            "server-default-page",
            "The web server's own welcome page answers.",
            page("Welcome to nginx!", "<h1>Welcome to nginx!</h1>"),
        ),
        everywhere(
            "parked-domain",
            "The name leads to a seller of names.",
            page("shop.example is for sale", "<h1>Buy {{path}}</h1>"),
        ),
        everywhere("placeholder-app", "The platform's sample app answers.", text("Hello World!")),
        everywhere(
            "stub-worker",
            "The worker answers every path with its name and the time of the ask.",
            text("worker {{nonce}}"),
        ),
        everywhere("xml-everywhere", "One XML answers every path.", typed("application/xml", "<ok id='{{nonce}}'/>")),
    ]
}
