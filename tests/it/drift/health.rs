//! Whether production says that it is healthy.

use serde_json::json;
use snipara_orchestrator::domain::{DriftAnswer, Production as Configured};
use snipara_orchestrator::drift::{DriftDeps, DriftRequest};

use super::{check, health, issue, only, parts, settling, unverified};
use crate::support::http;
use crate::support::production::{Answer, Behaviour, Production};

fn with_paths(fake: &Production, paths: &[&str]) -> DriftDeps {
    let mut configured = Configured::new(http::url(&fake.url())).expect("an origin");
    configured.health_paths = Some(paths.iter().map(|path| (*path).to_owned()).collect());
    DriftDeps { production: Some(configured), ..parts(Some(&fake.url())) }
}

#[tokio::test]
async fn a03_one_of_the_well_known_routes_is_enough() {
    let fake = Production::start().await;
    fake.answer("/healthz", Answer::text(200, "ok"));
    let report = check(parts(Some(&fake.url())), &health()).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(fake.received().len(), 4);
}

#[tokio::test]
async fn a_200_that_says_it_is_down_is_a_finding() {
    let fake = Production::start().await;
    fake.answer("/health", Answer::json(200, &json!({"status": "DOWN"})));
    fake.answer("/ready", Answer::text(200, "ok"));
    let report = check(parts(Some(&fake.url())), &health()).await;
    assert!(issue(only(&report)).contains("status: DOWN"));
    assert_eq!(only(&report).url.as_deref(), Some(fake.at("/health").as_str()));
}

#[tokio::test]
async fn a_single_page_app_that_answers_everything_is_not_healthy() {
    let fake = Production::start().await;
    fake.fallback(Answer::html(200, "<html>app</html>"));
    let report = check(parts(Some(&fake.url())), &health()).await;
    let (why, fix) = unverified(only(&report));
    assert!(why.contains("/health answers 200 with an HTML page") && fix.contains("health_paths"), "{why} {fix}");
}

#[tokio::test]
async fn a_production_without_a_health_route_has_no_drift() {
    let fake = Production::start().await;
    let report = check(parts(Some(&fake.url())), &health()).await;
    let asked = "/health, /ready, /healthz, /api/health, /up, /actuator/health, /readyz, /q/health";
    assert_eq!(report.not_applicable(), [format!("health: production offers no health route (asked: {asked})")]);
    let report = check(with_paths(&fake, &[]), &health()).await;
    assert_eq!(report.not_applicable(), ["health: waived by health_paths: []"]);
}

#[tokio::test]
async fn a_configured_route_that_is_absent_is_a_finding() {
    let fake = Production::start().await;
    fake.answer("/live", Answer::text(200, "ok"));
    let report = check(with_paths(&fake, &["/live", "status"]), &health()).await;
    assert_eq!(issue(only(&report)), "health status is missing in production: 404");
    assert_eq!(fake.count("/status"), 1);
}

#[tokio::test]
async fn d07_one_unresponsive_host_costs_one_time_out() {
    let fake = Production::start().await;
    fake.fallback(Answer::status(200).behaving(Behaviour::Hang));
    let parts = DriftDeps { request_timeout_ms: 1_500, ..parts(Some(&fake.url())) };
    let request = health();
    let report = check(parts, &request).await;
    assert!(unverified(only(&report)).0.contains("no answer within 1500 ms"), "{report:?}");
    // All four were open at the same time, so that their time-outs ran together.
    assert_eq!((fake.received().len(), fake.most_open()), (4, 4));
}

#[tokio::test]
async fn c11_health_is_looked_at_again_while_settling() {
    let fake = Production::start().await;
    fake.answers("/health", vec![Answer::status(503), Answer::text(200, "ok")]);
    let report = check(parts(Some(&fake.url())), &DriftRequest { converge: settling(), ..health() }).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(fake.count("/health"), 2);
}
