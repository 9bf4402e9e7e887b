//! Paths that the agent invented, over a production that answers every path.

use serde_json::json;

use crate::liars::answer::{Answer, bare, html, json, page, redirect, text, typed};
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, expecting, paths, with};
use crate::liars::deployments::{SHELL, SHELL_ECHO, SHELL_NONCE};
use crate::liars::rule::{anywhere, under};

/// Three paths that nobody built: what answers everything counts for none of them, only health does.
fn over(id: &'static str, what: &'static str, answer: Answer) -> Case {
    let rules = vec![anywhere().says(answer)];
    liar(id, what, rules, paths(&["/api/orders/currency", "/api/v2/orders", "/api/checkout"])).most(1)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        over("invented-over-spa", "Invented paths over a single-page app.", html(SHELL)),
        over("invented-over-spa-nonce", "Invented paths over a page with a nonce.", html(SHELL_NONCE)),
        over("invented-over-spa-echo", "Invented paths over a page that names its path.", html(SHELL_ECHO)),
        over("invented-over-json", "Invented paths over one JSON.", json(r#"{"ok":true}"#)),
        over(
            "invented-over-json-echo",
            "Invented paths over JSON that names its path.",
            json(r#"{"ok":true,"path":"{{path}}"}"#),
        ),
        over(
            "invented-over-json-nonce",
            "Invented paths over JSON with a request id.",
            json(r#"{"ok":true,"id":"{{nonce}}"}"#),
        ),
        over("invented-over-empty-list", "Invented paths over an empty list.", json("[]")),
        over(
            "invented-over-text-counter",
            "Invented paths over a text that counts.",
            text("visit {{count}} {{nonce}}"),
        ),
        over("invented-over-nothing", "Invented paths over 204; any 2xx is taken.", bare(204))
            .asking(expecting(&["/api/orders/currency", "/api/v2/orders", "/api/checkout"], &json!("2xx"))),
        over("invented-over-svg", "Invented paths over a picture.", typed("image/svg+xml", "<svg id='{{nonce}}'/>")),
        over(
            "invented-over-header-nonce",
            "Invented paths over pages that differ in a header alone.",
            html(SHELL).header("x-request-id", "{{nonce}}"),
        ),
        over(
            "invented-over-redirect",
            "Invented paths that all lead to the sign-in page; 302 is taken.",
            redirect(302, "/login"),
        )
        .asking(expecting(&["/api/orders/currency", "/api/v2/orders", "/api/checkout"], &json!(302))),
        over(
            "invented-over-redirect-followed",
            "Invented paths that are followed to the front page.",
            redirect(302, "/health"),
        )
        .asking(
            paths(&["/api/orders/currency", "/api/v2/orders", "/api/checkout"])
                .into_iter()
                .map(|check| with(check, "follow_redirects", json!(true)))
                .collect(),
        ),
        liar(
            "invented-in-a-folder",
            "Invented paths in the one folder whose pages answer everything.",
            vec![under("/docs/").says(page("Docs", "<p>{{path}} {{nonce}}</p>"))],
            paths(&["/docs/currency", "/docs/orders", "/docs/checkout"]),
        )
        .most(1),
        liar(
            "invented-json-in-a-folder",
            "Invented paths in the one folder whose JSON answers everything.",
            vec![under("/api/v2/").says(json(r#"{"data":[],"self":"{{path}}"}"#))],
            paths(&["/api/v2/currency", "/api/v2/orders", "/api/v2/checkout"]),
        )
        .most(1),
        over(
            "invented-over-soft-404",
            "Invented paths over a page that says it found nothing.",
            page("404", "<h1>Nothing at {{path}}</h1>"),
        ),
        over("invented-with-head", "Invented paths with HEAD over JSON.", json(r#"{"id":"{{nonce}}"}"#))
            .asking(paths(&["HEAD /api/orders/currency", "HEAD /api/v2/orders", "HEAD /api/checkout"])),
        over(
            "invented-with-post",
            "Invented paths with POST over an API gateway that takes everything.",
            json(r#"{"accepted":"{{path}}"}"#),
        )
        .asking(
            ["/api/a", "/api/b", "/api/c"]
                .into_iter()
                .map(|path| with(ask(&format!("POST {path}"), &[]), "body", json!({"n": 1})))
                .collect(),
        ),
        over(
            "invented-and-one-real",
            "Two invented paths beside a real one.",
            json(r#"{"ok":true,"path":"{{path}}"}"#),
        )
        .asking(paths(&["/api/invented/a", "/api/invented/b", "/health"]))
        .later(),
    ]
}
