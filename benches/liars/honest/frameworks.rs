//! Whole productions, as frameworks answer out of the box.

use serde_json::json;

use crate::liars::answer::{bare, html, json as says, page, redirect, text, typed};
use crate::liars::case::{Case, alone};
use crate::liars::checks::{ask, paths, with};
use crate::liars::rule::{anywhere, on, under};

const ITEMS: &str = r#"[{"id":1,"name":"Ada"}]"#;
const ITEM: &str = r#"{"id":1,"name":"Ada"}"#;

pub(super) fn cases() -> Vec<Case> {
    vec![
        alone(
            "fastapi",
            "FastAPI: JSON 404 with a detail, documentation at /docs.",
            vec![
                on("/").says(says(r#"{"message":"Hello World"}"#)),
                on("/health").says(says(r#"{"status":"healthy"}"#)),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                on("/docs").says(page("FastAPI - Swagger UI", "<div id=swagger-ui></div>")),
            ],
            vec![
                ask("/items", &["jsonpath $[0].name == Ada"]),
                ask("/items/1", &["jsonpath $.id == 1"]),
                ask("/", &["jsonpath $.message == 'Hello World'"]),
            ],
        ),
        alone(
            "express",
            "Express: res.send('ok') is labelled HTML, 404 is a page with the path.",
            vec![
                on("/health").says(html("ok")),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                anywhere().says(page("Error", "<pre>Cannot GET {{path}}</pre>").status(404)),
            ],
            paths(&["/items", "/items/1"]),
        ),
        alone(
            "rails",
            "Rails: /up is a green page, 404 is a page.",
            vec![
                on("/up").says(html("<!DOCTYPE html><html><body style=\"background-color: green\"></body></html>")),
                on("/items").says(page("Items", "<h1>Items</h1>")),
                on("/items.json").says(says(ITEMS)),
                on("/items/1").says(page("Ada", "<h1>Ada</h1>")),
                under("/").says(page("The page you were looking for doesn't exist (404)", "<h1>404</h1>").status(404)),
            ],
            paths(&["/items", "/items.json", "/items/1"]),
        ),
        alone(
            "laravel",
            "Laravel: /up is a page, data beside links and meta.",
            vec![
                on("/up").says(page("Laravel", "<p>Application up</p>")),
                on("/api/items").says(says(r#"{"data":[{"id":1}],"links":{"next":null},"meta":{"total":1}}"#)),
                on("/api/items/1").says(says(r#"{"data":{"id":1,"name":"Ada"}}"#)),
                on("/").says(page("Laravel", "<h1>Welcome</h1>")),
                under("/api").says(says(r#"{"message":"The route could not be found."}"#).status(404)),
            ],
            paths(&["/api/items", "/api/items/1", "/"]),
        ),
        alone(
            "django",
            "Django: paths end with a slash, without it they are redirected.",
            vec![
                on("/health/").says(says(r#"{"DatabaseBackend":"working","Cache backend: default":"working"}"#)),
                on("/health").says(redirect(301, "/health/")),
                on("/items/").says(says(r#"{"count":1,"next":null,"previous":null,"results":[{"id":1}]}"#)),
                on("/items/1/").says(says(ITEM)),
                on("/about/").says(page("About", "<h1>About</h1>")),
                on("/items").says(redirect(301, "/items/")),
            ],
            paths(&["/items/", "/items/1/", "/about/"]),
        ),
        alone(
            "next-js",
            "Next.js: pages, its own folder of scripts, a page for 404.",
            vec![
                on("/api/health").says(says(r#"{"ok":true}"#)),
                on("/").says(page("Shop", "<h1>Shop</h1><script src=/_next/static/chunks/main.js async></script>")),
                on("/pricing")
                    .says(page("Pricing", "<h1>Pricing</h1><script src=/_next/static/chunks/main.js async></script>")),
                on("/_next/static/chunks/main.js").says(typed("application/javascript; charset=UTF-8", "start()")),
                on("/api/items").says(says(ITEMS)),
                under("/").says(page("404: This page could not be found.", "<h1>404</h1>").status(404)),
            ],
            vec![
                ask("/pricing", &["title == Pricing"]),
                ask("/api/items", &["jsonpath $ count == 1"]),
                ask("/", &["title == Shop"]),
            ],
        ),
        alone(
            "spring-boot",
            "Spring Boot: the actuator below /actuator, 404 as JSON with a status.",
            vec![
                on("/actuator/health").says(typed(
                    "application/vnd.spring-boot.actuator.v3+json",
                    r#"{"status":"UP","groups":["liveness","readiness"]}"#,
                )),
                on("/actuator/info").says(says("{}")),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                on("/categories").says(says("[]")),
                under("/").says(
                    says(r#"{"timestamp":"2026-01-02","status":404,"error":"Not Found","path":"{{path}}"}"#)
                        .status(404),
                ),
            ],
            paths(&["/items", "/items/1", "/categories"]),
        ),
        alone(
            "asp-net",
            "ASP.NET: health is one word as text, 404 has no body.",
            vec![
                on("/healthz").says(text("Healthy")),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                under("/").says(bare(404)),
            ],
            paths(&["/items", "/items/1"]),
        ),
        alone(
            "nest-terminus",
            "NestJS with Terminus: an empty error object beside its details.",
            vec![
                on("/health").says(says(
                    r#"{"status":"ok","info":{"db":{"status":"up"}},"error":{},"details":{"db":{"status":"up"}}}"#,
                )),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                anywhere().says(
                    says(r#"{"message":"Cannot GET {{path}}","error":"Not Found","statusCode":404}"#).status(404),
                ),
            ],
            paths(&["/items", "/items/1"]),
        ),
        alone(
            "phoenix",
            "Phoenix: pages with a token that changes, a health route of its own.",
            vec![
                on("/health").says(text("OK")),
                on("/items").says(page("Items", "<meta name=csrf-token content={{nonce}}><h1>Items</h1>")),
                on("/items/1").says(page("Ada", "<meta name=csrf-token content={{nonce}}><h1>Ada</h1>")),
                anywhere().says(html("Not Found").status(404)),
            ],
            paths(&["/items", "/items/1"]),
        ),
        alone(
            "go-net-http",
            "Go: texts without an end, 404 as text.",
            vec![
                on("/healthz").says(text("ok\n")),
                on("/items").says(says(ITEMS)),
                on("/items/1").says(says(ITEM)),
                under("/").says(text("404 page not found\n").status(404)),
            ],
            paths(&["/items", "/items/1"]),
        ),
        alone(
            "wordpress",
            "WordPress: pages, its interface below /wp-json, 404 as a page.",
            vec![
                on("/").says(page("Blog", "<h1>Blog</h1>")),
                on("/about/").says(page("About", "<h1>About</h1>")),
                on("/wp-json/wp/v2/posts").says(says(r#"[{"id":1,"status":"publish"}]"#)),
                under("/").says(page("Page not found - Blog", "<h1>Nothing here</h1>").status(404)),
            ],
            paths(&["/about/", "/wp-json/wp/v2/posts", "/"]),
        ),
        alone(
            "wall-before-unknown-paths",
            "An app that leads everyone without a session to its sign-in page, also for what it does not know.",
            vec![
                on("/health").says(says(r#"{"status":"ok"}"#)),
                on("/login").says(page("Sign in", "<h1>Sign in</h1><form><input type=password></form>")),
                on("/api/public/prices").says(says(r#"{"prices":[1]}"#)),
                on("/api/public/terms").says(says(r#"{"version":3}"#)),
                anywhere().says(redirect(302, "/login")),
            ],
            vec![
                ask("/api/public/prices", &["jsonpath $.prices[0] == 1"]),
                ask("/api/public/terms", &["jsonpath $.version == 3"]),
                ask("/login", &["title == 'Sign in'"]),
            ],
        ),
        alone(
            "wall-of-an-api",
            "An interface that answers 401 for all it does not offer to everyone.",
            vec![
                on("/health").says(says(r#"{"status":"ok"}"#)),
                on("/api/public/prices").says(says(r#"{"prices":[1]}"#)),
                on("/api/public/terms").says(says(r#"{"version":3}"#)),
                anywhere().says(says(r#"{"message":"Unauthenticated."}"#).status(401)),
            ],
            paths(&["/api/public/prices", "/api/public/terms"]),
        ),
        alone(
            "single-handler",
            "A function with one handler: every path is the same JSON.",
            vec![under("/").says(says(r#"{"greeting":"hello","version":2}"#))],
            vec![ask("/", &["jsonpath $.version == 2"])],
        ),
        alone(
            "single-handler-echo",
            "A function with one handler that repeats the path.",
            vec![under("/").says(says(r#"{"path":"{{path}}","version":2}"#))],
            vec![ask("/", &["jsonpath $.version == 2"])],
        ),
        alone(
            "single-post-handler",
            "A function that takes POST at its front and nothing else.",
            vec![
                on("/").and(crate::liars::rule::When::Method("POST")).says(says(r#"{"sum":3}"#)),
                under("/").says(text("Method Not Allowed").status(405)),
            ],
            vec![with(ask("POST /", &["jsonpath $.sum == 3"]), "body", json!({"a": 1, "b": 2}))],
        ),
        alone(
            "one-route-service",
            "A service with a health route and one route.",
            vec![on("/health").says(says(r#"{"status":"ok"}"#)), on("/convert").says(says(r#"{"rate":1.08}"#))],
            vec![ask("/convert", &["jsonpath $.rate > 1"])],
        ),
        alone(
            "two-empty-lists",
            "A fresh app: two of its routes are empty lists, and unknown paths are 404.",
            vec![
                on("/health").says(says(r#"{"status":"ok"}"#)),
                on("/api/orders").says(says("[]")),
                on("/api/users").says(says("[]")),
            ],
            paths(&["/api/orders", "/api/users"]),
        ),
    ]
}
