//! Whether production has the routes.

use snipara_orchestrator::domain::{Credential, DriftAnswer, LiveCheck, Method, Redactor, SecretText, TestUser};
use snipara_orchestrator::drift::{DriftDeps, DriftRequest};

use super::{asking, check, issue, only, parts, probe, routes, settling, unverified};
use crate::support::production::{Answer, Behaviour, Production};

#[tokio::test]
async fn missing_broken_and_silent_routes_are_told_apart() {
    let fake = Production::healthy().await;
    fake.answer("/broken", Answer::text(503, "boom"));
    let asked = [fake.at("/api/users"), fake.at("/gone"), fake.at("/broken"), "http://127.0.0.1:1/x".to_owned()];
    let report = check(parts(Some(&fake.url())), &routes(&asked)).await;
    assert_eq!(report.checks[0].answer, DriftAnswer::Clean);
    assert!(issue(&report.checks[1]).ends_with("is missing in production: 404"));
    assert!(issue(&report.checks[2]).ends_with("is broken in production: 503 (server error)"));
    assert_eq!(unverified(&report.checks[3]).0, "connection refused by 127.0.0.1:1");
    let codes: Vec<_> = report.checks.iter().map(|check| check.response_code).collect();
    assert_eq!(codes, [Some(200), Some(404), Some(503), None]);
    assert_eq!(report.checks[1].url.as_deref(), Some(fake.at("/gone").as_str()));
}

#[tokio::test]
async fn d09_the_cause_of_a_silence_is_kept() {
    let fake = Production::start().await;
    fake.answer("/reset", Answer::status(200).behaving(Behaviour::Reset));
    fake.answer("/hang", Answer::status(200).behaving(Behaviour::Hang));
    fake.answer("/noise", Answer::status(200).behaving(Behaviour::Raw(b"nonsense\r\n\r\n".to_vec())));
    let asked = [fake.at("/reset"), fake.at("/hang"), fake.at("/noise"), "http://nowhere.invalid/x".to_owned()];
    let report = check(DriftDeps { request_timeout_ms: 300, ..parts(Some(&fake.url())) }, &routes(&asked)).await;
    let whys: Vec<&str> = report.checks.iter().map(|check| unverified(check).0).collect();
    assert!(whys[0].starts_with("connection reset"), "{whys:?}");
    assert_eq!(whys[1], "no answer within 300 ms");
    assert!(whys[2].starts_with("not a valid HTTP answer"), "{whys:?}");
    assert!(whys[3].starts_with("nowhere.invalid does not resolve"), "{whys:?}");
    assert!(report.checks.iter().all(|check| !unverified(check).1.is_empty()));
}

#[tokio::test]
async fn a08_a_route_that_is_only_posted_to_is_never_asked() {
    let fake = Production::start().await;
    fake.answer("POST /api/auth/login", Answer::status(200));
    let login = asking(LiveCheck::get(fake.at("/api/auth/login")).with_method(Method::Post));
    let request = DriftRequest { routes: vec![login], ..DriftRequest::default() };
    let report = check(parts(Some(&fake.url())), &request).await;
    assert!(matches!(&only(&report).answer, DriftAnswer::NotApplicable { why } if why.starts_with("POST")));
    assert_eq!(fake.received(), []);
}

#[tokio::test]
async fn a09_a_status_that_a_task_expects_is_no_drift() {
    let fake = Production::start().await;
    fake.answer("/maintenance", Answer::text(503, "closed"));
    let mut gone = probe(&fake.at("/removed"));
    gone.expected = Some("404".parse().expect("a status"));
    let mut closed = probe(&fake.at("/maintenance"));
    closed.expected = Some("5xx".parse().expect("a class"));
    let request = DriftRequest { routes: vec![gone, closed], ..DriftRequest::default() };
    let report = check(parts(Some(&fake.url())), &request).await;
    assert!(!report.has_drift() && report.checked().len() == 2, "{report:?}");
    assert_eq!(report.checks[0].response_code, Some(404));
}

#[tokio::test]
async fn a10_the_checks_headers_and_its_users_credentials_are_sent() {
    let fake = Production::healthy().await;
    let mut asked = LiveCheck { user: Some("ada".to_owned()), ..LiveCheck::get(fake.at("/api/users")) };
    asked.headers.insert("X-Tenant".to_owned(), "acme".to_owned());
    let ada = TestUser::new("ada", Credential::Bearer(SecretText::new("token-of-ada-1815")));
    let request = DriftRequest { routes: vec![asking(asked)], ..DriftRequest::default() };
    let report = check(DriftDeps { users: vec![ada], ..parts(Some(&fake.url())) }, &request).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    let received = fake.received();
    assert_eq!(received[0].header("x-tenant"), Some("acme"));
    assert_eq!(received[0].header("authorization"), Some("Bearer token-of-ada-1815"));
}

#[tokio::test]
async fn a10_credentials_that_cannot_be_sent_leave_the_route_unverified() {
    let (fake, elsewhere) = (Production::healthy().await, Production::healthy().await);
    let ada = TestUser::new("ada", Credential::Bearer(SecretText::new("token-of-ada-1815")));
    let asked = LiveCheck { user: Some("ada".to_owned()), ..LiveCheck::get(elsewhere.at("/api/users")) };
    let request = DriftRequest { routes: vec![asking(asked)], ..DriftRequest::default() };
    let report = check(DriftDeps { users: vec![ada], ..parts(Some(&fake.url())) }, &request).await;
    assert!(unverified(only(&report)).0.contains("only to production"));
    assert!(only(&report).explicit);
    assert_eq!(elsewhere.received(), []);
}

#[tokio::test]
async fn a11_a_route_on_another_host_is_asked_there() {
    let (fake, elsewhere) = (Production::start().await, Production::healthy().await);
    let report = check(parts(Some(&fake.url())), &routes(&[elsewhere.at("/api/users")])).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!((fake.received().len(), elsewhere.count("/api/users")), (0, 1));
}

#[tokio::test]
async fn a12_a_query_reaches_production_to_the_letter() {
    let fake = Production::start().await;
    fake.answer("/cb", Answer::status(200));
    let target = format!("/cb?next={}/home&b=%20c", fake.url());
    let report = check(parts(Some(&fake.url())), &routes(&[fake.at(&target)])).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(fake.received()[0].target, target);
}

#[tokio::test]
async fn c04_a_redirect_is_not_followed_and_one_to_itself_is_a_finding() {
    let fake = Production::start().await;
    fake.answer("/old", Answer::status(302).header("location", "/new"));
    fake.answer("/loop", Answer::status(302).header("location", "/loop"));
    fake.answer("/busy", Answer::status(429));
    fake.answer("/private", Answer::status(403));
    let asked = ["/old", "/loop", "/busy", "/private"].map(|path| fake.at(path));
    let report = check(parts(Some(&fake.url())), &routes(&asked)).await;
    assert_eq!(report.checks[0].answer, DriftAnswer::Clean);
    assert!(issue(&report.checks[1]).contains("redirects to itself"));
    assert!(unverified(&report.checks[2]).0.starts_with("429"));
    assert_eq!(report.checks[3].answer, DriftAnswer::Clean);
    assert_eq!((fake.count("/new"), fake.count("/loop")), (0, 1));
}

#[tokio::test]
async fn a_server_that_does_not_know_head_is_asked_with_get() {
    let fake = Production::start().await;
    fake.answer("HEAD /a", Answer::status(501));
    fake.answer("GET /a", Answer::status(200));
    fake.answer("HEAD /b", Answer::status(405));
    let head = |path: &str| asking(LiveCheck::get(fake.at(path)).with_method(Method::Head));
    let request = DriftRequest { routes: vec![head("/a"), head("/b")], ..DriftRequest::default() };
    let report = check(parts(Some(&fake.url())), &request).await;
    assert_eq!(report.checks[0].answer, DriftAnswer::Clean);
    assert!(issue(&report.checks[1]).ends_with("404"));
}

#[tokio::test]
async fn c11_a_route_that_comes_up_while_settling_is_no_drift() {
    let fake = Production::start().await;
    fake.answers("/late", vec![Answer::status(503), Answer::status(404), Answer::status(200)]);
    let request = DriftRequest { converge: settling(), ..routes(&[fake.at("/late")]) };
    let report = check(parts(Some(&fake.url())), &request).await;
    assert_eq!(only(&report).answer, DriftAnswer::Clean);
    assert_eq!(fake.count("/late"), 3);
}

#[tokio::test]
async fn without_settling_time_a_route_is_asked_once() {
    let fake = Production::start().await;
    fake.answers("/late", vec![Answer::status(503), Answer::status(200)]);
    let report = check(parts(Some(&fake.url())), &routes(&[fake.at("/late")])).await;
    assert!(report.has_drift());
    assert_eq!(fake.count("/late"), 1);
}

#[tokio::test]
async fn at_most_max_concurrent_routes_are_asked_at_once() {
    let fake = Production::start().await;
    fake.fallback(Answer::status(200).behaving(Behaviour::Hang));
    let asked: Vec<String> = (0..6).map(|number| fake.at(&format!("/{number}"))).collect();
    let parts = DriftDeps { max_concurrent: 2, request_timeout_ms: 200, ..parts(Some(&fake.url())) };
    let report = check(parts, &routes(&asked)).await;
    assert_eq!((report.unverified().len(), fake.received().len()), (6, 6));
    // A connection that was given up may still be open on the fake's side when the next begins.
    assert!(fake.most_open() <= 4, "{}", fake.most_open());
}

#[tokio::test]
async fn secrets_of_a_route_are_not_kept() {
    let fake = Production::start().await;
    let parts = DriftDeps { redactor: Redactor::new([SecretText::new("hunter2-hunter2")]), ..parts(Some(&fake.url())) };
    let report = check(parts, &routes(&[fake.at("/x/hunter2-hunter2?token=abc123def456")])).await;
    let kept = serde_json::to_string(&report).expect("JSON");
    assert!(report.has_drift() && !kept.contains("hunter2") && !kept.contains("abc123def456"), "{kept}");
    assert!(fake.received()[0].target.contains("hunter2-hunter2?token=abc123def456"));
}
