//! Drift: what differs between a repository and a fake production on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

mod assets;
mod health;
mod routes;
mod schema;
mod version;

use std::path::Path;
use std::sync::Arc;

use snipara_orchestrator::domain::{
    Actor, Convergence, DriftAnswer, DriftCheck, DriftKind, DriftReport, FixedClock, LiveCheck, Production, Redactor,
    Timestamp,
};
use snipara_orchestrator::drift::{DriftDeps, DriftDetector, DriftRequest, RouteProbe};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use tokio_util::sync::CancellationToken;

use crate::support::patience::until;
use crate::support::{http, production};

/// A minute to settle, with next to no pauses.
fn settling() -> Convergence {
    Convergence { interval_ms: 1, ..Convergence::settling(60_000) }
}

const NOON: i64 = 1_764_000_000_000_000;

/// Parts for a person, with `address` as production and `/nowhere` as repository.
fn parts(address: Option<&str>) -> DriftDeps {
    DriftDeps {
        http: http::client(Actor::Person, address),
        executor: executor(Path::new("/nowhere"), "/usr/bin:/bin"),
        production: address.map(|address| Production::new(http::url(address)).expect("an origin")),
        users: Vec::new(),
        redactor: Redactor::default(),
        clock: Arc::new(FixedClock::new(Timestamp::from_micros(NOON))),
        database_url_set: true,
        request_timeout_ms: 10_000,
        schema_timeout_ms: 20_000,
        max_concurrent: 8,
    }
}

fn executor(repository: &Path, search_path: &str) -> Executor {
    Executor::with_settings(ExecutorSettings {
        repository: repository.to_owned(),
        search_path: search_path.into(),
        hidden_variables: Vec::new(),
        redactor: Redactor::default(),
        supervisor: None,
        policy: CommandPolicy::Unrestricted,
    })
}

fn probe(url: &str) -> RouteProbe {
    asking(LiveCheck::get(url))
}

fn asking(check: LiveCheck) -> RouteProbe {
    let subject = check.url.clone();
    let check = check.resolved(None).expect("an absolute URL");
    RouteProbe { check, subject, expected: None, explicit: true }
}

fn routes(urls: &[String]) -> DriftRequest {
    DriftRequest { routes: urls.iter().map(|url| probe(url)).collect(), ..DriftRequest::default() }
}

fn health() -> DriftRequest {
    DriftRequest { kinds: [DriftKind::Health].into(), ..DriftRequest::default() }
}

async fn check(parts: DriftDeps, request: &DriftRequest) -> DriftReport {
    DriftDetector::with_deps(parts).check(request, &CancellationToken::new()).await
}

fn only(report: &DriftReport) -> &DriftCheck {
    assert_eq!(report.checks.len(), 1, "{report:?}");
    &report.checks[0]
}

fn issue(check: &DriftCheck) -> &str {
    match &check.answer {
        DriftAnswer::Found { issue, .. } => issue,
        other => panic!("no finding: {other:?}"),
    }
}

/// Returns reason and fix.
fn unverified(check: &DriftCheck) -> (&str, &str) {
    match &check.answer {
        DriftAnswer::Unverified { why, fix } => (why, fix),
        other => panic!("not unverified: {other:?}"),
    }
}

#[tokio::test]
async fn d02_nothing_to_check_is_no_check() {
    let report = check(parts(None), &DriftRequest::default()).await;
    assert!(report.checks.is_empty() && !report.has_drift() && !report.checked_anything());
    assert_eq!(report.checked_at, Timestamp::from_micros(NOON));
}

#[tokio::test]
async fn d02_without_an_answer_nothing_was_checked() {
    let request = DriftRequest { kinds: [DriftKind::Health, DriftKind::Version].into(), ..DriftRequest::default() };
    let report = check(parts(Some("http://127.0.0.1:1")), &request).await;
    assert!(!report.has_drift() && !report.checked_anything(), "{report:?}");
    assert_eq!(report.unverified().len(), 2);
}

#[tokio::test]
async fn without_production_health_and_version_are_unverified_and_say_what_to_set() {
    let request = DriftRequest { kinds: [DriftKind::Health, DriftKind::Version].into(), ..DriftRequest::default() };
    let report = check(parts(None), &request).await;
    for check in &report.checks {
        assert_eq!(unverified(check).0, "production's address is not known");
        assert!(unverified(check).1.starts_with("set prod_url"));
    }
    assert_eq!(report.checks.len(), 2);
}

#[tokio::test]
async fn cancelling_ends_a_check_that_waits_for_an_answer() {
    let fake = production::Production::start().await;
    fake.fallback(production::Answer::status(200).behaving(production::Behaviour::Hang));
    let parts = DriftDeps { max_concurrent: 2, ..parts(Some(&fake.url())) };
    let detector = DriftDetector::with_deps(parts);
    let request = DriftRequest {
        kinds: [DriftKind::Health, DriftKind::Version].into(),
        converge: Convergence::settling(3_600_000),
        ..routes(&[fake.at("/a"), fake.at("/b"), fake.at("/c")])
    };
    let cancel = CancellationToken::new();
    let cancelling = async {
        until("the request arrives", || !fake.received().is_empty()).await;
        cancel.cancel();
    };
    let (report, ()) = tokio::join!(detector.check(&request, &cancel), cancelling);
    assert_eq!(report.checks.len(), 5);
    for check in &report.checks {
        assert_eq!(unverified(check).0, "cancelled");
    }
}
