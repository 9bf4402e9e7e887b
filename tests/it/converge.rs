//! How often, and when, production is asked until its answers agree: through a whole task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    Actor, Cause, ConvergeSettings, LiveCheck, Method, Outcome, ProgressEvent, Proof, TaskReport, TaskStatus,
};
use snipara_orchestrator::expect::PreparedCheck;
use snipara_orchestrator::ledger::Fact;
use snipara_orchestrator::orchestrator::RunRequest;
use snipara_orchestrator::outbound::ResolveOverride;
use snipara_orchestrator::validator::CheckRun;
use tokio_util::sync::CancellationToken;

use crate::support::patience::{PATIENCE, until};
use crate::support::production::{Answer, Production};
use crate::support::validator::Bench;
use crate::support::world::{PATHS, Settings, World};

fn converge(value: Value) -> ConvergeSettings {
    serde_json::from_value(value).expect("settings")
}

/// A world with next to no pauses between rounds; a request cannot lower them.
async fn hasty() -> World {
    World::with(Settings { converge: converge(json!({"interval_ms": 1})), ..Settings::default() }).await
}

fn orders(count: usize) -> Answer {
    Answer::json(200, &json!({"orders": vec![1; count]}))
}

/// One check of the orders that must be two, and time to settle.
fn settling(world: &World) -> RunRequest {
    let check = LiveCheck { expect: vec!["jsonpath $.orders count == 2".into()], ..LiveCheck::get("/api/orders") };
    RunRequest { live_checks: Some(vec![check]), settle_seconds: Some(600), ..world.request(&[]) }
}

fn reasons(report: &TaskReport) -> String {
    report.gate.as_ref().map(|gate| gate.reasons.join("\n")).unwrap_or_default()
}

async fn proof(world: &World, report: &TaskReport, check: &str) -> Proof {
    let proofs = world.another().proofs(Some(report.task_id.as_str()), 100).await.expect("proofs");
    proofs.into_iter().find(|proof| proof.check == check).expect("its proof")
}

/// Found by a stranger: a healthy production without a health route held each run for the whole time, twice.
#[tokio::test]
async fn a_run_whose_checks_pass_waits_for_no_guess() {
    let world = World::new().await;
    world.production.answer("/health", Answer::status(404));
    let request = RunRequest { settle_seconds: Some(600), ..world.request(&PATHS) };
    let report = tokio::time::timeout(PATIENCE, world.run(request)).await.expect("it waits for nothing");
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
}

#[tokio::test]
async fn a_caller_raises_how_many_answers_agree_and_never_lowers_it() {
    for (successes, asked, is_told) in [(5, 5, false), (1, 3, true)] {
        let world = World::new().await;
        let settings = converge(json!({"consecutive_successes": successes}));
        let report = world.run(RunRequest { converge: Some(settings), ..world.request(&PATHS) }).await;
        assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
        assert_eq!(PATHS.map(|path| world.production.count(path)), [asked; 3]);
        let told = report.warnings.iter().any(|line| line.contains("consecutive_successes stays 3, 1 was asked"));
        assert_eq!(told, is_told, "{:?}", report.warnings);
    }
}

#[tokio::test]
async fn what_was_asked_is_recorded_with_the_start_of_the_attempt() {
    let world = World::with(Settings {
        converge: converge(json!({"interval_ms": 200, "failure_limit": 7})),
        ..Settings::default()
    })
    .await;
    let asked = converge(json!({"consecutive_successes": 4, "failure_limit": 9}));
    let report = world.run(RunRequest { converge: Some(asked), ..world.request(&PATHS) }).await;
    let entries = world.ledger().task_entries(&report.task_id, Some(1)).await.expect("entries");
    let recorded = entries.iter().find_map(|entry| match &entry.fact {
        Fact::RunStarted(started) => started.conditions.converge,
        _ => None,
    });
    let holds = json!({"initial_delay_s": 0, "interval_ms": 200, "consecutive_successes": 4, "failure_limit": 7});
    assert_eq!(recorded, Some(converge(holds)));
}

#[tokio::test]
async fn a_check_that_fails_is_asked_again_until_it_passed_three_times_in_a_row() {
    let world = hasty().await;
    world.production.answers("/api/orders", vec![orders(1), orders(1), orders(2)]);
    let report = world.run(settling(&world)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    // Two that failed, then three in a row.
    assert_eq!(world.production.count("/api/orders"), 5);
}

#[tokio::test]
async fn a_row_that_was_broken_is_twice_as_long_the_next_time() {
    let world = hasty().await;
    world.production.answers("/api/orders", vec![orders(2), orders(1), orders(2)]);
    let report = world.run(settling(&world)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    assert_eq!(world.production.count("/api/orders"), 3 + 6);
}

#[tokio::test]
async fn after_its_limit_of_failures_a_check_is_not_asked_again() {
    let world = hasty().await;
    world.production.answer("/api/orders", orders(1));
    let limited = converge(json!({"failure_limit": 2}));
    let report = world.run(RunRequest { converge: Some(limited), ..settling(&world) }).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    // Two rounds, and what fails twice in a row is not asked a third time.
    assert_eq!(proof(&world, &report, "task_check_1").await.attempts.len(), 4);
}

#[tokio::test]
async fn production_is_left_alone_before_the_first_ask_and_the_wait_can_be_cancelled() {
    let world = World::new().await;
    let delayed = converge(json!({"initial_delay_s": 600}));
    let request = RunRequest { converge: Some(delayed), ..world.request(&PATHS) };
    let validating = Arc::new(AtomicBool::new(false));
    let seen = validating.clone();
    let sink = Arc::new(move |event: ProgressEvent| {
        if matches!(event, ProgressEvent::StatusChanged { status: TaskStatus::Validating }) {
            seen.store(true, Ordering::Release);
        }
    });
    let run = world.orchestrator.start_task(request, sink).await.expect("started");
    until("gate 1 has passed", || validating.load(Ordering::Acquire)).await;
    assert!(run.wait(Some(Duration::from_millis(300))).await.is_none(), "it waits");
    run.cancel();
    let report = run.wait(Some(PATIENCE)).await.expect("it ends").expect("a report");
    assert_eq!((report.status, report.cause), (TaskStatus::ProdFail, Some(Cause::Cancelled)), "{report:#?}");
    assert_eq!(PATHS.map(|path| world.production.count(path)), [1; 3], "gate 1 alone has asked");
}

#[tokio::test]
async fn gate_1_has_asked_the_first_of_three_times_and_each_health_route_once() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    assert_eq!(PATHS.map(|path| world.production.count(path)), [3; 3]);
    assert_eq!(["/health", "/healthz", "/ready"].map(|path| world.production.count(path)), [1; 3]);
    assert_eq!(proof(&world, &report, "task_check_1").await.attempts.len(), 3);
}

#[tokio::test]
async fn numbers_out_of_their_bounds_are_bad_input() {
    let world = World::new().await;
    for (settings, field) in [
        (json!({"initial_delay_s": 601}), "converge.initial_delay_s"),
        (json!({"interval_ms": 1}), "converge.interval_ms"),
        (json!({"consecutive_successes": 0}), "converge.consecutive_successes"),
    ] {
        let request = RunRequest { converge: Some(converge(settings)), ..world.request(&PATHS) };
        let error = world.orchestrator.run_task(request).await.expect_err("refused");
        assert!(error.code() == "invalid_input" && error.to_string().contains(field), "{error}");
    }
    assert_eq!(world.production.received(), []);
}

/// Three new orders, each with a page of its own.
fn offers_orders(world: &World, method: &str) {
    let created = |id: u32| Answer::json(200, &json!({"order": {"id": id}}));
    world.production.answers(&format!("{method} /api/new"), vec![created(71), created(72), created(73)]);
    for id in [71, 72, 73] {
        world.production.answer(&format!("/api/orders/{id}"), Answer::json(200, &json!({"id": id, "total": 5})));
    }
}

fn chained(world: &World, method: Method) -> RunRequest {
    let capture = vec!["id: jsonpath $.order.id".to_owned()];
    let new = LiveCheck { capture, ..LiveCheck::get("/api/new").with_method(method) };
    let checks = vec![new, LiveCheck::get("/api/orders/{{id}}"), LiveCheck::get("/api/users")];
    RunRequest { live_checks: Some(checks), ..world.request(&[]) }
}

#[tokio::test]
async fn checks_that_hand_on_what_they_captured_are_repeated_as_one() {
    let world = World::new().await;
    offers_orders(&world, "GET");
    let report = world.run(chained(&world, Method::Get)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let asked = ["/api/new", "/api/orders/71", "/api/orders/72", "/api/orders/73"];
    assert_eq!(asked.map(|path| world.production.count(path)), [3, 1, 1, 1]);
}

#[tokio::test]
async fn a_chain_that_breaks_in_its_second_round_is_flaky() {
    let world = World::new().await;
    offers_orders(&world, "GET");
    world.production.answer("/api/orders/72", Answer::status(500));
    let report = world.run(chained(&world, Method::Get)).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    let reasons = reasons(&report);
    assert!(reasons.contains("task_check_2") && reasons.contains("flaky: 2 of 3"), "{reasons}");
}

#[tokio::test]
async fn a_chain_that_changes_something_is_not_repeated_as_one() {
    let world = World::new().await;
    offers_orders(&world, "POST");
    let report = world.run(chained(&world, Method::Post)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    assert_eq!(["/api/new", "/api/orders/71"].map(|path| world.production.count(path)), [1, 3]);
}

/// Asks `http://shop.test/orders`, whose name has the addresses of these productions.
async fn asked_of(productions: &[&Production], check: LiveCheck) -> CheckRun {
    let mut bench = Bench::new(Actor::Person, "http://shop.test");
    bench.http.resolve = productions
        .iter()
        .map(|production| ResolveOverride { host: "shop.test".into(), port: 80, address: production.address() })
        .collect();
    let check = PreparedCheck::new(check.resolved(None).expect("an absolute URL")).expect("expectations");
    bench.validator().run_live_check(&check, 0, &CancellationToken::new()).await
}

fn naming(addresses: &[&str]) -> LiveCheck {
    let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
    LiveCheck { addresses, ..LiveCheck::get("http://shop.test/api/orders") }
}

#[tokio::test]
async fn addresses_that_a_check_names_are_asked_beside_the_others_and_must_agree() {
    let (one, other) = (Production::healthy().await, Production::healthy_at("127.0.0.2:0").await);
    let seen = asked_of(&[&one, &other], naming(&["127.0.0.2"])).await;
    assert_eq!(seen.outcome, Outcome::Passed, "{seen:#?}");
    assert_eq!((one.count("/api/orders"), other.count("/api/orders")), (1, 1));
    other.answer("/api/orders", Answer::status(404));
    let seen = asked_of(&[&one, &other], naming(&["127.0.0.2"])).await;
    assert!(seen.outcome.reason().expect("a reason").contains("flaky: 1 of 2"), "{seen:#?}");
}

#[tokio::test]
async fn an_address_that_is_not_its_names_own_is_unverified_and_nothing_is_asked() {
    let production = Production::healthy().await;
    let seen = asked_of(&[&production], naming(&["127.0.0.9"])).await;
    let Outcome::Unverified { why, fix: Some(_) } = seen.outcome else { panic!("{seen:#?}") };
    assert!(why.contains("127.0.0.9") && why.contains("shop.test resolves to 127.0.0.1"), "{why}");
    assert_eq!(production.received(), []);
}

#[tokio::test]
async fn addresses_of_a_check_that_is_asked_once_are_bad_input() {
    let world = World::new().await;
    for check in [
        LiveCheck { once: true, ..naming(&["127.0.0.1"]) },
        naming(&["127.0.0.1"]).with_method(Method::Post),
        naming(&["127.0.0.1"; 17]),
    ] {
        let request = RunRequest { live_checks: Some(vec![check]), ..world.request(&[]) };
        let error = world.orchestrator.run_task(request).await.expect_err("refused");
        assert!(error.to_string().contains("live_checks[0].addresses"), "{error}");
    }
}
