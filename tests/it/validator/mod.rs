//! What is observed of production, and what is kept of it.

mod settling;
mod ui;

use std::sync::Mutex;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    Actor, ChecklistTarget, Convergence, Credential, ExpectedStatus, HealthAnswer, ItemSource, LiveCheck, Method,
    Outcome, ProofResult, REDACTED, SecretText, TestUser, sha256_hex,
};
use snipara_orchestrator::expect::{PlannedItem, PreparedCheck};
use snipara_orchestrator::validator::CheckRun;
use tokio_util::sync::CancellationToken;

use crate::support::patience::{PATIENCE, until};
use crate::support::production::{Answer, Production};
use crate::support::validator::{Bench, NOW};

async fn run(bench: &Bench, check: &LiveCheck) -> CheckRun {
    bench.validator().run_live_check(&resolved(check), 0, &CancellationToken::new()).await
}

fn resolved(check: &LiveCheck) -> PreparedCheck {
    PreparedCheck::new(check.resolved(None).expect("an absolute URL")).expect("expectations")
}

fn get(address: String) -> PreparedCheck {
    resolved(&LiveCheck::get(address))
}

fn item(name: String, target: ChecklistTarget<PreparedCheck>) -> PlannedItem {
    PlannedItem { name, source: ItemSource::Task, required: true, counts: true, not_counted: None, target }
}

#[tokio::test]
async fn a_passing_check_keeps_what_was_observed() {
    let production = Production::healthy().await;
    let bench = Bench::new(Actor::Caller, &production.url());
    let seen = run(&bench, &LiveCheck::get(production.at("/api/users"))).await;
    let body = json!({"users": ["ada"]});
    assert_eq!(seen.outcome, Outcome::Passed);
    assert_eq!((seen.response_code, seen.method.as_deref()), (Some(200), Some("GET")));
    assert_eq!(seen.response_digest, Some(sha256_hex(body.to_string().as_bytes())));
    assert_eq!(seen.response_bytes, Some(body.to_string().len() as u64));
    assert_eq!((seen.response_body, seen.endpoint), (Some(body), production.at("/api/users")));
    assert_eq!((seen.user_tested.as_str(), seen.html, seen.health), ("anonymous", false, None));
}

#[tokio::test]
async fn another_status_is_a_failure_that_says_both() {
    let production = Production::start().await;
    production.answer("/api/session", Answer::json(401, &json!({"error": "login"})));
    let bench = Bench::new(Actor::Caller, &production.url());
    let seen = run(&bench, &LiveCheck::get(production.at("/api/session"))).await;
    assert_eq!(seen.outcome, Outcome::failed("2xx", "401"));
    let expecting = ExpectedStatus::from_json(&json!([401, 403])).expect("a list");
    let seen = run(&bench, &LiveCheck::get(production.at("/api/session")).with_expected_status(expecting)).await;
    assert_eq!(seen.outcome, Outcome::Passed);
}

#[tokio::test]
async fn a22_any_json_kind_with_the_expected_status_passes() {
    let production = Production::start().await;
    let bench = Bench::new(Actor::Caller, &production.url());
    for body in [json!([1, 2, 3]), json!("text"), json!(42), json!(null), json!(false), json!([])] {
        production.answer("/any", Answer::json(200, &body));
        let seen = run(&bench, &LiveCheck::get(production.at("/any"))).await;
        assert_eq!((seen.outcome, seen.response_body), (Outcome::Passed, Some(body)));
    }
    production.answer("/any", Answer::status(204));
    let seen =
        run(&bench, &LiveCheck::get(production.at("/any")).with_expected_status("2xx".parse().expect("a class"))).await;
    assert_eq!((seen.outcome, seen.response_body, seen.response_bytes), (Outcome::Passed, None, Some(0)));
}

#[tokio::test]
async fn a21_a_user_is_named_only_when_its_credentials_were_sent() {
    let production = Production::start().await;
    production.answer("/me", Answer::json(200, &json!({"name": "Ada"})));
    let other = Production::healthy().await;
    let mut bench = Bench::new(Actor::Person, &production.url());
    let user = |name: &str, credential| TestUser::new(name, credential);
    bench.users = vec![
        user("ada@example.test", Credential::Bearer(SecretText::new("t0ken-of-ada"))),
        user("lost@example.test", Credential::Missing { variable: "SNIPARA_TEST_LOST".to_owned() }),
    ];
    let as_user = |address: String, user: &str| LiveCheck { user: Some(user.to_owned()), ..LiveCheck::get(address) };

    let seen = run(&bench, &as_user(production.at("/me"), "ada@example.test")).await;
    assert_eq!((seen.outcome, seen.user_tested.as_str()), (Outcome::Passed, "ada@example.test"));
    assert_eq!(production.received()[0].header("authorization"), Some("Bearer t0ken-of-ada"));

    for (check, fix) in [
        (as_user(production.at("/me"), "nobody"), "test_users"),
        (as_user(production.at("/me"), "lost@example.test"), "SNIPARA_TEST_LOST"),
        (as_user(other.at("/health"), "ada@example.test"), "production"),
        (as_user(production.at("/me"), "ada@example.test").with_method(Method::Post), "POST"),
    ] {
        let seen = run(&bench, &check).await;
        assert!(matches!(&seen.outcome, Outcome::Unverified { fix: Some(said), .. } if said.contains(fix)), "{seen:?}");
        assert_eq!(seen.user_tested, "anonymous");
    }
    assert_eq!((production.received().len(), other.received().len()), (1, 0));

    let anonymous = run(&bench, &LiveCheck::get(production.at("/me"))).await;
    assert_eq!(anonymous.user_tested, "anonymous");
    assert_eq!(production.received()[1].header("authorization"), None);
}

#[tokio::test]
async fn c02_a_long_body_is_digested_whole_and_kept_short() {
    let production = Production::start().await;
    let body = "line of text\n".repeat(20_000);
    production.answer("/long", Answer::text(200, &body));
    let bench = Bench::new(Actor::Caller, &production.url());
    let seen = run(&bench, &LiveCheck::get(production.at("/long"))).await;
    assert_eq!(
        (seen.response_bytes, seen.response_digest),
        (Some(body.len() as u64), Some(sha256_hex(body.as_bytes())))
    );
    assert!(seen.response_body.expect("a body").to_string().len() <= 4096);
}

#[tokio::test]
async fn c04_a_redirect_is_judged_as_the_answer_unless_it_is_followed() {
    let production = Production::healthy().await;
    production.answer("/old", Answer::status(301).header("location", "/api/users"));
    let bench = Bench::new(Actor::Caller, &production.url());
    let check = LiveCheck::get(production.at("/old"));
    assert_eq!(run(&bench, &check).await.outcome, Outcome::failed("2xx", "301, which leads to /api/users"));
    let accepting = check.clone().with_expected_status("3xx".parse().expect("a class"));
    assert_eq!(run(&bench, &accepting).await.outcome, Outcome::Passed);
    let following = LiveCheck { follow_redirects: true, ..check };
    assert_eq!(run(&bench, &following).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn c05_no_secret_is_kept_of_a_body_an_url_or_an_error() {
    let production = Production::start().await;
    let secret = "s3cret-value-of-ours";
    let leaking = json!({"echo": secret, "token": "abc123", "list": [format!("Bearer {secret}")], "n": 1});
    production.answer("/leak", Answer::json(200, &leaking));
    let mut bench = Bench::new(Actor::Person, &production.url());
    bench.secrets = vec![SecretText::new(secret)];
    let seen = run(&bench, &LiveCheck::get(production.at(&format!("/leak?api_key=k-123456&page=2&q={secret}")))).await;
    assert_eq!(seen.outcome, Outcome::Passed);
    assert_eq!(seen.response_body.as_ref().map(|body| &body["token"]), Some(&json!(REDACTED)));
    assert!(seen.endpoint.contains("page=2"), "{}", seen.endpoint);
    let refused = run(&bench, &LiveCheck::get(format!("http://{secret}.invalid/"))).await;
    for kept in [format!("{seen:?}"), format!("{refused:?}")] {
        assert!(!kept.contains(secret) && !kept.contains("k-123456") && !kept.contains("abc123"), "{kept}");
    }
    // The digest is of what came, not of what is kept.
    assert_eq!(seen.response_digest, Some(sha256_hex(leaking.to_string().as_bytes())));
}

#[tokio::test]
async fn c07_a_thousand_checks_share_a_few_connections_and_answer_in_order() {
    let production = Production::start().await;
    production.fallback(Answer::json(200, &json!({"ok": true})));
    let mut bench = Bench::new(Actor::Caller, &production.url());
    bench.max_concurrent = 8;
    bench.http.max_concurrent = 8;
    let items: Vec<PlannedItem> = (0..1000)
        .map(|index| {
            item(format!("task_check_{index}"), ChecklistTarget::Live(get(production.at(&format!("/{index}")))))
        })
        .collect();
    let finished = Mutex::new(Vec::new());
    let runs = bench
        .validator()
        .run_all(&items, Convergence::default(), &CancellationToken::new(), &|index, run| {
            finished.lock().expect("unpoisoned").push((index, run.endpoint.clone()));
        })
        .await;
    assert!(runs.iter().zip(&items).all(|(run, item)| run.endpoint == item.endpoint() && run.outcome.is_passed()));
    let mut finished = finished.into_inner().expect("unpoisoned");
    finished.sort_unstable();
    assert!(
        finished.iter().enumerate().all(|(at, (index, endpoint))| at == *index && endpoint == items[at].endpoint())
    );
    // Each is asked three times, and production twice for what it answers everywhere.
    assert_eq!((finished.len(), production.received().len()), (1000, 3002));
    // Eight asks at once, of which some keep a connection while another closes; more checks open no more.
    assert!(production.most_open() <= 32, "{} connections", production.most_open());
}

#[tokio::test]
async fn c08_what_the_policy_forbids_is_unverified_with_the_setting_and_not_tried_again() {
    let production = Production::start().await;
    let other = Production::healthy().await;
    let bench = Bench::new(Actor::Caller, &production.url());
    let seen = bench.validator().run_live_check(&get(other.at("/health")), 600_000, &CancellationToken::new()).await;
    let Outcome::Unverified { why, fix: Some(fix) } = &seen.outcome else { panic!("{seen:?}") };
    assert!(why.starts_with("blocked by policy") && fix.contains("--allow-host"), "{why}: {fix}");
    assert_eq!((seen.attempts.len(), other.received().len(), seen.response_code), (1, 0, None));
}

#[tokio::test]
async fn c09_bodies_of_every_kind_are_sent() {
    let production = Production::start().await;
    production.fallback(Answer::text(200, "ok"));
    let bench = Bench::new(Actor::Caller, &production.url());
    for (body, sent, media_type) in [
        (json!({}), "{}", "application/json"),
        (json!([]), "[]", "application/json"),
        (json!(false), "false", "application/json"),
        (json!("a=b"), "a=b", "text/plain; charset=utf-8"),
    ] {
        let check = LiveCheck::get(production.at("/post")).with_method(Method::Post).with_body(body);
        assert_eq!(run(&bench, &check).await.outcome, Outcome::Passed);
        let received = production.received().pop().expect("a request");
        assert_eq!((&received.body[..], received.header("content-type")), (sent.as_bytes(), Some(media_type)));
    }
    let mut typed = LiveCheck::get(production.at("/post")).with_method(Method::Post).with_body(json!("<a/>"));
    typed.headers.insert("content-type".to_owned(), "application/xml".to_owned());
    run(&bench, &typed).await;
    assert_eq!(production.received().pop().expect("a request").header("content-type"), Some("application/xml"));
}

#[tokio::test]
async fn c10_every_time_carries_its_zone() {
    let production = Production::healthy().await;
    let bench = Bench::new(Actor::Caller, &production.url());
    let seen = run(&bench, &LiveCheck::get(production.at("/health"))).await;
    assert_eq!((seen.finished_at, seen.attempts[0].at), (NOW, NOW));
    let written: Value = serde_json::to_value(&seen.attempts[0]).expect("json");
    assert_eq!(written["at"], "2026-11-22T18:00:00.000Z");
}

#[tokio::test]
async fn unverified_is_what_gave_no_answer_and_its_cause_is_kept() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let bench = Bench::new(Actor::Caller, &format!("http://{address}"));
    let seen = run(&bench, &LiveCheck::get(format!("http://{address}/x"))).await;
    let Outcome::Unverified { why, fix: Some(_) } = &seen.outcome else { panic!("{seen:?}") };
    assert_eq!(*why, format!("connection refused by 127.0.0.1:{}", address.port()));
    assert_eq!(
        (seen.attempts[0].result, seen.response_body, seen.response_digest),
        (ProofResult::Unverified, None, None)
    );
}

#[tokio::test]
async fn health_routes_are_judged_by_what_they_say() {
    let production = Production::start().await;
    production.answer("/health", Answer::json(200, &json!({"status": "DOWN"})));
    production.answer("/healthz", Answer::json(200, &json!({"status": "ok"})));
    production.answer("/app", Answer::html(200, "<html></html>"));
    let bench = Bench::new(Actor::Caller, &production.url());
    let health = |path: &str, configured| {
        item(path.to_owned(), ChecklistTarget::Health { check: get(production.at(path)), configured })
    };
    let items = [
        health("/health", false),
        health("/healthz", false),
        health("/ready", false),
        health("/gone", true),
        health("/app", true),
    ];
    let runs = bench.validator().run_all(&items, Convergence::default(), &CancellationToken::new(), &|_, _| {}).await;
    let unhealthy = "200 that says status: DOWN";
    assert_eq!(runs[0].outcome, Outcome::failed("a healthy answer", unhealthy));
    assert_eq!(runs[0].health, Some(HealthAnswer::Unhealthy(unhealthy.to_owned())));
    assert_eq!((&runs[1].outcome, &runs[1].health), (&Outcome::Passed, &Some(HealthAnswer::Healthy)));
    assert_eq!(
        (&runs[2].outcome, &runs[2].health),
        (&Outcome::unverified("not offered", None), &Some(HealthAnswer::Absent))
    );
    assert_eq!(
        (&runs[3].outcome, &runs[3].health),
        (&Outcome::failed("a healthy answer", "404"), &Some(HealthAnswer::Absent))
    );
    // A page is the answer of a route that a person named.
    assert_eq!((&runs[4].outcome, &runs[4].health), (&Outcome::Passed, &Some(HealthAnswer::Healthy)));
    assert!(runs[4].html && !runs[1].html);
}

/// Found by a stranger: with time to settle, every run waited for all of it. Bounded by the patience of the test, which
/// is shorter than the time to settle.
#[tokio::test]
async fn what_cannot_change_the_verdict_is_not_waited_for() {
    let production = Production::healthy().await;
    let bench = Bench::new(Actor::Caller, &production.url());
    let health = |path: &str| {
        item(path.to_owned(), ChecklistTarget::Health { check: get(production.at(path)), configured: false })
    };
    let root = item("root_path".to_owned(), ChecklistTarget::Live(get(production.at("/"))));
    let items = [health("/health"), health("/ready"), health("/healthz"), PlannedItem { required: false, ..root }];
    let (validator, cancel) = (bench.validator(), CancellationToken::new());
    let running = validator.run_all(&items, Convergence::settling(3_600_000), &cancel, &|_, _| {});
    let runs = tokio::time::timeout(PATIENCE, running).await.expect("an end long before the hour is over");
    assert_eq!(runs[0].outcome, Outcome::Passed);
    assert_eq!(runs[1].health, Some(HealthAnswer::Absent));
    assert_eq!(runs[3].attempts.len(), 1, "nobody waits for what is optional: {:?}", runs[3]);
}

#[tokio::test]
async fn a_health_route_that_says_it_is_unhealthy_is_waited_for_beside_a_healthy_one() {
    let production = Production::healthy().await;
    production.answer("/ready", Answer::json(503, &json!({"status": "starting"})));
    let bench = Bench::new(Actor::Caller, &production.url());
    let health = |path: &str| {
        item(path.to_owned(), ChecklistTarget::Health { check: get(production.at(path)), configured: false })
    };
    let items = [health("/health"), health("/ready")];
    let (validator, cancel) = (bench.validator(), CancellationToken::new());
    let running = validator.run_all(&items, Convergence::settling(3_600_000), &cancel, &|_, _| {});
    let recovering = async {
        let asked = || production.received().iter().filter(|request| request.target == "/ready").count();
        until("it was asked twice", || asked() >= 2).await;
        production.answer("/ready", Answer::json(200, &json!({"status": "ok"})));
    };
    let both = futures_util::future::join(running, recovering);
    let (runs, ()) = tokio::time::timeout(PATIENCE, both).await.expect("an end long before the hour is over");
    assert!(runs.iter().all(|run| run.outcome.is_passed()), "{runs:?}");
}
