//! Thirty stacks with the build that they tell and the health that they answer, each as a natural call, behind a login, and in
//! a strong set-up: `strict`, a baseline of the old build, tests and a clean tree.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, bare, html, json as says, page, text, typed};
use crate::liars::case::{Aim, Case, TESTED, TESTS, alone, strong};
use crate::liars::checks::{ask, with};
use crate::liars::rule::{Rule, When, anywhere, on};
use crate::liars::session::PASSWORD;

/// One stack: what its health route answers, where it tells its build, one route of old and the route of the feature, and how it
/// says that there is nothing.
struct Stack {
    /// The names of its three cases.
    ids: [&'static str; 3],
    health: (&'static str, Answer),
    build: (&'static str, Answer),
    old: (&'static str, Answer),
    feature: (&'static str, Answer),
    /// What the feature's answer must show.
    shows: &'static str,
    missing: Answer,
}

macro_rules! ids {
    ($name:literal) => {
        [concat!("stack-", $name), concat!("stack-", $name, "-login"), concat!("stack-", $name, "-strong")]
    };
}

const ITEMS: &str = r#"[{"id":1,"name":"Ada"}]"#;
const ORDERS: &str = r#"{"orders":[{"id":1,"currency":"EUR"}]}"#;
const CURRENCY: &str = "jsonpath $.orders[0].currency == EUR";
const ACTUATOR: &str = "application/vnd.spring-boot.actuator.v3+json";

/// A JSON service: its health, where it tells what of its build, and its words for what is not there.
fn service(
    ids: [&'static str; 3],
    health: (&'static str, Answer),
    build: (&'static str, Answer),
    missing: Answer,
) -> Stack {
    let (old, feature) = (("/api/items", says(ITEMS)), ("/api/orders", says(ORDERS)));
    Stack { ids, health, build, old, feature, shows: CURRENCY, missing }
}

/// A site of pages.
fn site(
    ids: [&'static str; 3],
    health: (&'static str, Answer),
    build: (&'static str, Answer),
    missing: Answer,
) -> Stack {
    let (old, feature) =
        (("/", page("Shop", "<h1>Shop</h1>")), ("/pricing", page("Pricing", "<h1>Pricing</h1><p>9 EUR</p>")));
    Stack { ids, health, build, old, feature, shows: "text contains '9 EUR'", missing }
}

fn not_found(body: &str) -> Answer {
    says(body).status(404)
}

fn lost(title: &str) -> Answer {
    page(title, "<h1>404</h1>").status(404)
}

fn stacks() -> Vec<Stack> {
    vec![
        service(
            ids!("spring-boot"),
            ("/actuator/health", typed(ACTUATOR, r#"{"status":"UP","groups":["liveness","readiness"]}"#)),
            ("/actuator/info", typed(ACTUATOR, r#"{"git":{"branch":"main","commit":{"id":"{{short}}","time":"2026-01-01T00:00:00Z"}},"build":{"version":"8.7.5"}}"#)),
            not_found(r#"{"timestamp":"2026-01-02","status":404,"error":"Not Found","path":"{{path}}"}"#),
        ),
        service(
            ids!("quarkus"),
            ("/q/health", says(r#"{"status":"UP","checks":[]}"#)),
            ("/version", says(r#"{"git":{"branch":"main","commit":{"id":"{{build}}","time":"x"}},"build":{"version":"1.0"}}"#)),
            bare(404),
        ),
        service(
            ids!("micronaut"),
            ("/health", says(r#"{"name":"shop","status":"UP","details":{"jdbc:h2":{"status":"UP"}}}"#)),
            ("/version", says(r#"{"git":{"commit":{"id":"{{short}}"},"branch":"main"}}"#)),
            not_found(r#"{"_links":{"self":[{"href":"{{path}}","templated":false}]},"_embedded":{"errors":[{"message":"Page Not Found"}]},"message":"Not Found"}"#),
        ),
        service(
            ids!("asp-net"),
            ("/healthz", text("Healthy")),
            ("/version", says(r#"{"informationalVersion":"1.0.0+{{build}}"}"#)),
            typed("application/problem+json", r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}"#).status(404),
        ),
        site(
            ids!("rails"),
            ("/up", html("<!DOCTYPE html><html><body style=\"background-color: green\"></body></html>")),
            ("/version", says(r#"{"revision":"{{short}}"}"#)),
            lost("The page you were looking for doesn't exist (404)"),
        ),
        service(
            ids!("laravel"),
            ("/up", page("Laravel", "<p>Application up</p>")),
            ("/api/version", says(r#"{"data":{"commit":"{{build}}"}}"#)),
            not_found(r#"{"message":"The route {{path}} could not be found."}"#),
        ),
        service(
            ids!("django"),
            ("/ht/", says(r#"{"Cache backend: default":"working","DatabaseBackend":"working"}"#)),
            ("/version", says(r#"{"version":"1.2.3.dev4+g{{short}}"}"#)),
            lost("Not Found"),
        ),
        service(
            ids!("dockerflow"),
            ("/__heartbeat__", says(r#"{"status":"ok","checks":{"check_database_connected":"ok"},"details":{}}"#)),
            ("/version", says(r#"{"source":"https://github.com/a/b","version":"1.0","commit":"{{build}}","build":"https://ci.example.com/1"}"#)),
            lost("Not Found"),
        ),
        service(
            ids!("fastapi"),
            ("/health", says(r#"{"status":"healthy","database":"connected"}"#)),
            ("/version", says(r#"{"git_sha":"{{short}}","built_at":"2026-01-01T00:00:00Z"}"#)),
            not_found(r#"{"detail":"Not Found"}"#),
        ),
        service(
            ids!("flask"),
            ("/healthcheck", says(r#"{"hostname":"a","status":"success","timestamp":1,"results":[]}"#)),
            ("/version", text("{{build}}\n")),
            html("<!doctype html><title>404 Not Found</title><h1>Not Found</h1>").status(404),
        ),
        service(
            ids!("nest-js"),
            ("/health", says(r#"{"status":"ok","info":{"database":{"status":"up"}},"error":{},"details":{"database":{"status":"up"}}}"#)),
            ("/version", says(r#"{"commit":"{{build}}"}"#)),
            not_found(r#"{"message":"Cannot GET {{path}}","error":"Not Found","statusCode":404}"#),
        ),
        service(
            ids!("express"),
            ("/health", html("ok")),
            ("/version", says(r#"{"gitCommit":"{{short}}","version":"9.9.9"}"#)),
            page("Error", "<pre>Cannot GET {{path}}</pre>").status(404),
        ),
        service(
            ids!("fastify"),
            ("/health", says(r#"{"uptime":12.5,"message":"OK","timestamp":1}"#)),
            ("/version", says(r#"{"sha":"{{short}}"}"#)),
            not_found(r#"{"message":"Route GET:{{path}} not found","error":"Not Found","statusCode":404}"#),
        ),
        service(
            ids!("go"),
            ("/healthz", says("{}\n")),
            ("/version", says(r#"{"vcs":"git","vcs.revision":"{{build}}","vcs.time":"2026-01-01T00:00:00Z","vcs.modified":"false"}"#)),
            text("404 page not found\n").status(404),
        ),
        service(
            ids!("gin"),
            ("/ready", says(r#"{"status":"up","details":{"database":{"status":"up","timestamp":"2026"}}}"#)),
            ("/version", says(r#"{"revision":"{{build}}","goVersion":"go1.22"}"#)),
            text("404 page not found").status(404),
        ),
        service(
            ids!("kubernetes"),
            ("/healthz", text("ok")),
            ("/version", says(r#"{"major":"1","minor":"29","gitVersion":"v1.29.0","gitCommit":"{{build}}","gitTreeState":"clean"}"#)),
            not_found(r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}"#),
        ),
        service(
            ids!("phoenix"),
            ("/health", says(r#"{"results":[{"name":"DB","time":12,"healthy":true,"error":null}]}"#)),
            ("/version", says(r#"{"version":"1.2.3+{{short}}"}"#)),
            not_found(r#"{"errors":{"detail":"Not Found"}}"#),
        ),
        service(
            ids!("axum"),
            ("/health", text("ok")),
            ("/version", says(r#"{"VERGEN_GIT_SHA":"{{short}}","VERGEN_GIT_DIRTY":"false"}"#)),
            bare(404),
        ),
        service(
            ids!("grpc-gateway"),
            ("/healthz", says(r#"{"status":"SERVING"}"#)),
            ("/version", says(r#"{"image":"ghcr.io/a/b:sha-{{short}}"}"#)),
            not_found(r#"{"code":5,"message":"Not Found","details":[]}"#),
        ),
        service(
            ids!("envoy"),
            ("/ready", text("LIVE\n")),
            ("/version", says(r#"{"commit":"{{short}}"}"#)),
            bare(404).header("server", "envoy"),
        ),
        site(
            ids!("next-js-vercel"),
            ("/api/health", says(r#"{"ok":true}"#)),
            ("/api/version", says(r#"{"NEXT_PUBLIC_VERCEL_GIT_COMMIT_SHA":"{{build}}"}"#)),
            lost("404: This page could not be found."),
        ),
        service(
            ids!("heroku"),
            ("/health", says(r#"{"status":"ok"}"#)),
            ("/version", says(r#"{"HEROKU_SLUG_COMMIT":"{{build}}","HEROKU_RELEASE_VERSION":"v42"}"#)),
            not_found(r#"{"error":"Not Found"}"#),
        ),
        service(
            ids!("render"),
            ("/healthz", text("OK")),
            ("/version", says(r#"{"RENDER_GIT_COMMIT":"{{build}}"}"#)),
            bare(404).header("x-render-origin-server", "uvicorn"),
        ),
        service(
            ids!("fly"),
            ("/health", says(r#"{"status":"pass"}"#)),
            ("/version", says(r#"{"FLY_IMAGE_REF":"registry.fly.io/shop:{{short}}"}"#)),
            bare(404).header("server", "Fly/1 (2026)"),
        ),
        service(
            ids!("railway"),
            ("/health", says(r#"{"status":"ok"}"#)),
            ("/version", says(r#"{"RAILWAY_GIT_COMMIT_SHA":"{{build}}"}"#)),
            not_found(r#"{"status":"error","code":404,"message":"Application not found"}"#),
        ),
        site(
            ids!("netlify-static"),
            ("/health", lost("Page not found")),
            ("/version", says(r#"{"COMMIT_REF":"{{build}}"}"#)),
            lost("Page not found"),
        ),
        site(
            ids!("nginx-static"),
            ("/health", lost("404 Not Found")),
            ("/version", text("{{short}}\n")),
            html("<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr><center>nginx</center></body></html>").status(404),
        ),
        site(
            ids!("single-page-app"),
            ("/api/health", says(r#"{"status":"ok"}"#)),
            ("/version", says(r#"{"commit":"{{build}}"}"#)),
            page("Shop", "<div id=root></div>"),
        ),
        site(
            ids!("wordpress"),
            ("/health", lost("Page not found – Shop")),
            ("/version", says(r#"{"commit":"{{build}}"}"#)),
            lost("Page not found – Shop"),
        ),
        service(
            ids!("spree-docker-tag"),
            ("/health", says(r#"{"status":"ok"}"#)),
            ("/version", says(r#"{"tag":"main-{{short}}"}"#)),
            not_found(r#"{"error":"The resource you were looking for could not be found."}"#),
        ),
        service(
            ids!("git-describe"),
            ("/livez", text("ok")),
            ("/version", says(r#"{"version":"v1.2.3-4-g{{short}}"}"#)),
            not_found(r#"{"title":"Not Found"}"#),
        ),
    ]
}

impl Stack {
    /// What answers whether the feature is there or not.
    fn rules(&self, with_feature: bool) -> Vec<Rule> {
        let mut rules: Vec<Rule> =
            [&self.health, &self.build, &self.old].map(|(path, answer)| on(path).says(answer.clone())).to_vec();
        if with_feature {
            rules.push(on(self.feature.0).says(self.feature.1.clone()));
        }
        rules.push(anywhere().says(self.missing.clone()));
        rules
    }

    fn checks(&self) -> Vec<Value> {
        vec![ask(self.feature.0, &[self.shows]), ask(self.old.0, &[])]
    }

    fn natural(&self, id: &'static str, what: &'static str) -> Case {
        alone(id, what, self.rules(true), self.checks()).with("local_tests", json!([TESTED])).files(&[TESTS])
    }

    /// All but health and version asks who it is.
    fn behind_a_login(&self, id: &'static str) -> Case {
        let mut case = self.natural(id, "What the task is about needs a test user.");
        let free = [self.health.0, self.build.0];
        let locked = says(r#"{"error":"authentication required"}"#).status(401).header("www-authenticate", "Bearer");
        for rule in &mut case.rules {
            if !free.iter().any(|path| rule.is_for(path)) {
                rule.needs(When::Header("authorization", PASSWORD));
            }
        }
        case.rules.push(anywhere().says(locked));
        let checks = self.checks().into_iter().map(|check| with(check, "user", json!("ada"))).collect();
        case.set("test_users", &json!({"ada": {"bearer_env": "SNIPARA_TEST_ADA"}})).asking(checks)
    }

    fn strong(&self, id: &'static str) -> Case {
        let case = alone(id, "A strong set-up: baseline, build, tests, clean tree.", self.rules(true), self.checks());
        strong(case, self.rules(false)).aiming(Aim::Strong)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let three = |stack: Stack| {
        let [plain, login, strong] = stack.ids;
        [
            stack.natural(plain, "A stack as it answers, with its build and its tests."),
            stack.behind_a_login(login),
            stack.strong(strong),
        ]
    };
    stacks().into_iter().flat_map(three).collect()
}
