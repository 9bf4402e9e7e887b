//! Pages that look like something else.

use crate::liars::answer::{Answer, bare, html, page, redirect, typed};
use crate::liars::app::INDEX;
use crate::liars::case::{Case, alone, honest};
use crate::liars::checks::{ask, paths, with};
use crate::liars::deployments::{SHELL, SHELL_NONCE};
use crate::liars::rule::{Rule, When, anywhere, on, under};

fn shown(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    honest(id, what, vec![on("/guide").says(answer)], vec![ask("/guide", expect)])
}

/// A page with enough text that nobody takes it for an error page.
fn article(title: &str) -> Answer {
    page(title, &format!("<h1>{title}</h1><p>{}</p>", "This chapter explains it from the beginning. ".repeat(60)))
}

fn app(shell: &str) -> Vec<Rule> {
    vec![
        on("/health").says(crate::liars::answer::json(r#"{"status":"ok"}"#)),
        on("/assets/app.js").says(typed("text/javascript", "start()")),
        under("/assets/").says(bare(404)),
        on("/api/orders").says(crate::liars::answer::json(r#"{"orders":[{"id":1}]}"#)),
        under("/api/").says(bare(404)),
        anywhere().says(html(shell)),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        shown("guide-about-errors", "A chapter whose title is about errors.", article("Error handling"), &[]),
        shown("guide-about-404", "A chapter about the status 404.", article("404 Not Found: what it means"), &[]),
        shown(
            "guide-about-maintenance",
            "A page with the windows of maintenance.",
            article("Scheduled maintenance"),
            &[],
        ),
        shown("guide-about-sign-in", "A chapter about signing in.", article("Sign in with a passkey"), &[]),
        shown(
            "guide-with-stack-trace",
            "A chapter that shows a stack trace.",
            page(
                "Debugging",
                &format!(
                    "<h1>Debugging</h1><pre>Traceback (most recent call last):</pre><p>{}</p>",
                    "Read it from the end. ".repeat(120)
                ),
            ),
            &[],
        ),
        shown(
            "page-with-sign-in-form",
            "A shop page with a small sign-in form in its head.",
            page("Shop", &format!("<form><input type=password></form>{INDEX}")),
            &["title == Shop"],
        ),
        shown(
            "page-with-csrf-token",
            "A page with a token that changes.",
            page("Contact", "<h1>Contact</h1><form><input type=hidden value={{nonce}}></form>"),
            &["title == Contact"],
        ),
        shown(
            "page-with-foreign-script",
            "A page whose statistics script lies elsewhere.",
            page("Shop", "<h1>Shop</h1><script src=https://stats.invalid/s.js></script>"),
            &[],
        ),
        shown(
            "page-with-inline-script",
            "A page whose script stands in it.",
            page("Shop", "<h1>Shop</h1><script>fetch('/x')</script><script type=application/json>{}</script>"),
            &[],
        ),
        shown(
            "page-with-versioned-assets",
            "A page whose assets carry a query.",
            page("Shop", "<h1>Shop</h1><script src='/assets/app.4f2a.js?v=2'></script>"),
            &["assets isEmpty"],
        ),
        shown(
            "page-with-module-and-preload",
            "A page with modules and preloads.",
            page(
                "Shop",
                "<h1>Shop</h1><link rel=modulepreload href=/assets/app.4f2a.js>\
                 <link rel=preload as=style href=/assets/app.4f2a.css>\
                 <script type=module src=./assets/app.4f2a.js></script>",
            ),
            &[],
        ),
        shown("fragment-page", "A fragment without a head.", html("<ul><li>Ada</li></ul>"), &["body contains Ada"]),
        honest(
            "login-page-itself",
            "The sign-in page is what was deployed.",
            vec![],
            vec![ask("/login", &["title == 'Sign in'"])],
        ),
        honest(
            "slash-redirect",
            "A folder's address is completed with a slash.",
            vec![on("/docs").says(redirect(301, "/docs/")), on("/docs/").says(page("Docs", "<h1>Docs</h1>"))],
            vec![with(ask("/docs", &["title == Docs"]), "follow_redirects", serde_json::json!(true))],
        ),
        honest(
            "redirect-is-expected",
            "The old address leads to the new one, as it should.",
            vec![on("/old").says(redirect(301, "/orders"))],
            vec![
                with(ask("/old", &["header Location == '/orders'"]), "expected_status", serde_json::json!(301)),
                ask("/orders", &[]),
            ],
        ),
        honest(
            "cookie-on-the-way",
            "A page sets a cookie, leads to itself and then answers.",
            vec![
                on("/app").and(When::Header("cookie", "seen=1")).says(page("App", "<h1>App</h1>")),
                on("/app").says(redirect(302, "/app").header("set-cookie", "seen=1; Path=/")),
            ],
            vec![with(ask("/app", &["title == App"]), "follow_redirects", serde_json::json!(true))],
        ),
        honest(
            "two-variants-at-random",
            "An experiment shows two variants of a page in turn.",
            vec![
                on("/landing").and(When::Every(2)).says(page("Shop", "<h1>Buy now</h1>")),
                on("/landing").says(page("Shop", "<h1>Order today</h1>")),
            ],
            vec![ask("/landing", &["title == Shop"])],
        ),
        alone(
            "spa-with-api",
            "A single-page app with its interface: its page, its script, its data.",
            app(SHELL),
            vec![
                ask("/", &["title == Shop"]),
                ask("/assets/app.js", &["body contains start"]),
                ask("/api/orders", &["jsonpath $.orders[0].id == 1"]),
            ],
        ),
        alone(
            "spa-with-nonce",
            "A single-page app whose page carries a nonce.",
            app(SHELL_NONCE),
            vec![
                ask("/", &["title == Shop"]),
                ask("/assets/app.js", &["body contains start"]),
                ask("/api/orders", &["jsonpath $.orders[0].id == 1"]),
            ],
        ),
        alone(
            "spa-alone",
            "A single-page app and nothing else: its page is all that there is.",
            app(SHELL),
            vec![ask("/", &["title == Shop"])],
        ),
        alone(
            "static-site",
            "A static site without a health route.",
            vec![
                on("/").says(page("Home", "<h1>Home</h1>")),
                on("/about").says(page("About", "<h1>About us</h1>")),
                on("/pricing").says(page("Pricing", "<h1>Pricing</h1>")),
                anywhere().says(page("Not found", "<h1>404</h1>").status(404)),
                on("/health").says(page("Not found", "<h1>404</h1>").status(404)),
            ],
            vec![
                ask("/about", &["title == About"]),
                ask("/pricing", &["title == Pricing"]),
                ask("/", &["title == Home"]),
            ],
        ),
        alone(
            "site-that-forbids-what-it-lacks",
            "A bucket that answers 403 for what it lacks.",
            vec![
                on("/index.html").says(page("Home", "<h1>Home</h1>")),
                on("/about.html").says(page("About", "<h1>About us</h1>")),
                on("/data.json").says(crate::liars::answer::json(r#"{"rows":[1]}"#)),
                under("/").says(typed("application/xml", "<Error><Code>AccessDenied</Code></Error>").status(403)),
            ],
            paths(&["/index.html", "/about.html", "/data.json"]),
        ),
    ]
}
