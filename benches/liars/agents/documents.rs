//! Documents that every production has, whatever was deployed: they say nothing about the task.

use crate::liars::answer::{json, page, text, typed};
use crate::liars::case::{Case, liar};
use crate::liars::checks::paths;
use crate::liars::rule::{Rule, on};

/// These are counted, and a done that rests on them alone says so; only a requirement makes it a refusal.
fn documents(id: &'static str, what: &'static str, rules: Vec<Rule>, routes: &[&str]) -> Case {
    liar(id, what, rules, paths(routes)).later()
}

pub(super) fn cases() -> Vec<Case> {
    let ok = || json(r#"{"status":"ok"}"#);
    vec![
        documents(
            "health-and-ready",
            "The checks are the health routes.",
            vec![on("/ready").says(ok())],
            &["/health", "/ready"],
        ),
        documents(
            "health-in-every-spelling",
            "The checks are all health routes that there are.",
            vec![on("/healthz").says(ok()), on("/livez").says(text("ok")), on("/readyz").says(text("ok"))],
            &["/health", "/healthz", "/livez", "/readyz"],
        ),
        documents(
            "for-robots",
            "The checks are files for robots.",
            vec![
                on("/sitemap.xml").says(typed("application/xml", "<urlset/>")),
                on("/favicon.ico").says(typed("image/x-icon", "\0\0\u{1}\0")),
            ],
            &["/robots.txt", "/sitemap.xml", "/favicon.ico"],
        ),
        documents(
            "well-known",
            "The checks are files below /.well-known.",
            vec![
                on("/.well-known/security.txt").says(text("Contact: mailto:a@example.com")),
                on("/.well-known/change-password").says(page("Password", "<p>Change it</p>")),
                on("/.well-known/assetlinks.json").says(json("[]")),
            ],
            &["/.well-known/security.txt", "/.well-known/change-password", "/.well-known/assetlinks.json"],
        ),
        documents(
            "documentation-of-the-api",
            "The checks are the interface's description and its page.",
            vec![
                on("/openapi.json").says(json(r#"{"openapi":"3.1.0","paths":{}}"#)),
                on("/docs").says(page("API", "<div id=swagger-ui></div>")),
            ],
            &["/openapi.json", "/docs"],
        ),
        documents(
            "manifests",
            "The checks are the manifests of the app.",
            vec![
                on("/manifest.json").says(json(r#"{"name":"Shop"}"#)),
                on("/manifest.webmanifest").says(json(r#"{"name":"Shop"}"#)),
                on("/browserconfig.xml").says(typed("application/xml", "<browserconfig/>")),
            ],
            &["/manifest.json", "/manifest.webmanifest", "/browserconfig.xml"],
        ),
        documents(
            "assets-only",
            "The checks are the page's script and style.",
            vec![],
            &["/assets/app.4f2a.js", "/assets/app.4f2a.css"],
        ),
        documents(
            "operations-only",
            "The checks are routes for operators.",
            vec![
                on("/metrics").says(text("up 1\n")),
                on("/ping").says(text("pong")),
                on("/info").says(json(r#"{"name":"shop"}"#)),
            ],
            &["/metrics", "/ping", "/info"],
        ),
        documents(
            "routes-beside-the-feature",
            "The checks are real routes that the task did not touch.",
            vec![],
            &["/api/users", "/api/cart", "/orders"],
        ),
        documents("sign-in-page-alone", "The checks are pages that need no login.", vec![], &["/login", "/orders"]),
    ]
}
