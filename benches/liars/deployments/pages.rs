//! A page answers 200 and is not the page that was wanted.

use crate::liars::answer::{Answer, bare, html, page, text, typed};
use crate::liars::app::{INDEX, STYLE, page_feature, plain};
use crate::liars::case::{Case, lie};
use crate::liars::checks::ask;
use crate::liars::rule::on;

/// The feature's page answers this.
fn shown(id: &'static str, what: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![on("/orders").says(answer)]).asking(page_feature())
}

/// The feature's page is right and something that it loads is not.
fn asset(id: &'static str, what: &'static str, path: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![on(path).says(answer)]).asking(page_feature())
}

const SCRIPT: &str = "/assets/app.4f2a.js";
const SHEET: &str = "/assets/app.4f2a.css";

pub(super) fn cases() -> Vec<Case> {
    vec![
        shown(
            "sign-in-page",
            "The sign-in page answers under 200.",
            page("Sign in", "<h1>Sign in</h1><form><input type=password></form>"),
        ),
        shown(
            "sign-in-page-of-provider",
            "The identity provider's page answers under 200.",
            page("Log in | Example ID", "<form action=/u/login><input name=username><input type=password></form>"),
        ),
        shown(
            "maintenance-page",
            "The maintenance page answers under 200.",
            page("Down for maintenance", "<h1>We'll be back soon</h1>"),
        ),
        shown("coming-soon-page", "The new page is a promise.", page("Orders", "<h1>Coming soon</h1>")),
        shown(
            "stack-trace-django",
            "The framework's debug page answers under 200.",
            page(
                "OperationalError at /orders",
                "<h1>OperationalError</h1><pre>Traceback (most recent call last):</pre>",
            ),
        ),
        shown(
            "stack-trace-node",
            "The server's stack trace answers under 200.",
            page("Error", "<pre>TypeError: Cannot read properties of undefined<br> at /app/orders.js:12:7</pre>"),
        ),
        shown(
            "stack-trace-laravel",
            "The framework's error page answers under 200.",
            page("Whoops! There was an error.", "<h1>ErrorException</h1>"),
        ),
        shown(
            "database-error-page",
            "The page of a site without its database.",
            page("Database Error", "<h1>Error establishing a database connection</h1>"),
        ),
        shown(
            "client-side-exception",
            "The page says that its program broke.",
            page("Orders", "<h2>Application error: a client-side exception has occurred</h2>"),
        ),
        shown(
            "bot-challenge",
            "The edge's challenge for robots answers under 200.",
            page("Just a moment...", "<h1>Checking your browser</h1>"),
        ),
        shown(
            "firewall-page",
            "The web firewall's page answers under 200.",
            page("Request Rejected", "The requested URL was rejected. Your support ID is 123."),
        ),
        shown(
            "directory-listing",
            "The server lists the folder.",
            page("Index of /orders", "<h1>Index of /orders</h1><a href=../>../</a>"),
        ),
        shown(
            "blank-shell",
            "The page is rendered in the browser, where text was promised.",
            page("Orders", "<div id=root></div>"),
        ),
        shown("old-page", "The page is the old one.", page("Orders", "<h1>Your orders</h1><p>1 order</p>")),
        shown(
            "old-bundle",
            "The page still loads the old build's script, which is gone.",
            page("Orders", &INDEX.replace("app.4f2a.js", "app.9c1d.js")),
        ),
        shown(
            "untranslated",
            "The page shows the names of its texts.",
            page("orders.title", "<h1>orders.heading</h1>"),
        ),
        shown(
            "page-as-text",
            "The page's source is shown as text.",
            text("<!doctype html><title>Orders</title><p>1 order, 9.90 EUR"),
        )
        .asking([vec![ask("/orders", &["title == Orders", "header Content-Type contains html"])], plain()].concat()),
        shown(
            "frameset-elsewhere",
            "The page is a frame around another site.",
            html("<title>Orders</title><iframe src=https://old.example/orders></iframe>"),
        ),
        asset("script-missing", "The page's script is 404.", SCRIPT, bare(404)),
        asset("script-is-the-page", "The page's script is the fallback page.", SCRIPT, page("Shop", INDEX)),
        asset("script-broken", "The page's script is 500.", SCRIPT, bare(500)),
        asset("script-forbidden", "The page's script is 403: the upload lacks its permission.", SCRIPT, bare(403)),
        asset(
            "script-as-text",
            "The page's script has a type that browsers refuse.",
            SCRIPT,
            typed("text/plain", "document.title=1"),
        ),
        asset("style-missing", "The page's style is 404.", SHEET, bare(404)),
        asset("style-as-page", "The page's style is the fallback page.", SHEET, page("Shop", STYLE)),
    ]
}
