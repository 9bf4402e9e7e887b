//! The gate against production: what makes a task done, and what must not.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    Cause, DriftSummary, ExpectedStatus, LiveCheck, Method, Policy, ProofResult, TaskReport, TaskStatus,
};
use snipara_orchestrator::domain::{canonical_json, sha256_hex, silent_progress};
use snipara_orchestrator::orchestrator::RunRequest;

use crate::support::patience::PATIENCE;
use crate::support::production::Answer;
use crate::support::sqlite::sqlite3;
use crate::support::world::{PATHS, Settings, World, git};

fn reasons(report: &TaskReport) -> String {
    report.gate.as_ref().map(|gate| gate.reasons.join("\n")).unwrap_or_default()
}

fn expecting(path: &str, status: &str) -> LiveCheck {
    LiveCheck::get(path).with_expected_status(status.parse::<ExpectedStatus>().expect("a status"))
}

#[tokio::test]
async fn a_proven_task_is_done_and_the_sqlite3_tool_sees_it() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!((report.status, report.cause), (TaskStatus::Done, None), "{report:#?}");
    assert_eq!(world.sqlite3("SELECT status FROM tasks"), "done");
    assert_eq!(world.sqlite3("SELECT count(*) FROM decisions WHERE passed"), "1");
    assert!(world.orchestrator.verify_proofs().await.expect("verifies").verified);
}

#[tokio::test]
async fn a01_a_task_with_a_failing_ui_test_is_not_done() {
    let world = World::new().await;
    std::fs::write(world.repository().join("login.spec.ts"), "test('x', () => { throw 1 })").expect("a spec");
    let failed = json!({
        "config": {"rootDir": world.repository()},
        "suites": [{"file": "login.spec.ts", "specs": [{"file": "login.spec.ts", "title": "x", "tests": []}]}],
        "errors": [],
        "stats": {"expected": 0, "skipped": 0, "unexpected": 1, "flaky": 0}
    });
    world.pretend_npx(&failed.to_string(), 1);
    let request = RunRequest { ui_tests: Some(vec!["login.spec.ts".into()]), ..world.request(&PATHS) };
    let report = world.run(request).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    let rows: Vec<_> = report.failing.iter().map(|row| (row.check.as_str(), row.result)).collect();
    assert_eq!(rows, [("ui_test_1", ProofResult::Fail)], "{report:#?}");
}

#[tokio::test]
async fn a02_a_redirecting_root_does_not_block() {
    let world = World::new().await;
    world.production.answer("/", Answer::status(302).header("location", "/login"));
    assert_eq!(world.run(world.request(&PATHS)).await.status, TaskStatus::Done);
    world.production.answer("/", Answer::status(500));
    assert_eq!(world.run(world.request(&PATHS)).await.status, TaskStatus::Done);
}

#[tokio::test]
async fn a03_a_service_with_healthz_alone_can_be_done() {
    let world = World::new().await;
    world.production.answer("/health", Answer::status(404));
    world.production.answer("/healthz", Answer::text(200, "ok"));
    assert_eq!(world.run(world.request(&PATHS)).await.status, TaskStatus::Done);
}

/// Rails, Laravel and Spring Boot have theirs elsewhere: asked where none of the first is offered, an item of the checklist
/// once it answers, and missed when it goes.
#[tokio::test]
async fn a_health_route_of_another_stack_is_found_is_a_proof_and_is_missed_when_it_goes() {
    let world = World::new().await;
    world.production.answer("/health", Answer::status(404));
    world.production.answer("/actuator/health", Answer::json(200, &json!({"status": "UP"})));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let proofs = world.another().proofs(Some(report.task_id.as_str()), 50).await.expect("proofs");
    let found = proofs.iter().find(|proof| proof.endpoint.ends_with("/actuator/health")).expect("an item");
    assert_eq!((found.check.as_str(), found.result, found.counts), ("health_5", ProofResult::Pass, true), "{found:#?}");
    // What it says refuses, also when one of the first is offered meanwhile.
    world.production.answer("/health", Answer::json(200, &json!({"status": "ok"})));
    world.production.answer("/actuator/health", Answer::json(503, &json!({"status": "DOWN"})));
    let down = world.run(world.request(&PATHS)).await;
    assert_eq!(down.status, TaskStatus::EnvDrift, "{down:#?}");
    world.production.answer("/health", Answer::status(404));
    world.production.answer("/actuator/health", Answer::status(404));
    let gone = world.run(world.request(&PATHS)).await;
    assert_eq!(gone.status, TaskStatus::EnvDrift, "{gone:#?}");
    let issues = gone.drift.map(|drift| drift.issues.join("\n")).unwrap_or_default();
    assert!(issues.contains("is gone from production: 404, and it was healthy before"), "{issues}");
}

#[tokio::test]
async fn a04_health_routes_alone_never_make_a_task_done() {
    let world = World::new().await;
    for path in ["/ready", "/healthz", "/api/health"] {
        world.production.answer(path, Answer::text(200, path));
    }
    let error = world.orchestrator.run_task(world.request(&[])).await.expect_err("refused");
    assert_eq!(error.code(), "invalid_input");
    assert_eq!(world.sqlite3("SELECT count(*) FROM tasks"), "0");
}

#[tokio::test]
async fn a05_one_endpoint_given_six_times_is_one_proof() {
    let world = World::new().await;
    world.production.answer("/health", Answer::json(200, &json!({"status": "ok"})));
    let three = RunRequest { required_proofs: Some(3), ..world.request(&["/api/users"; 6]) };
    let report = world.run(three).await;
    assert_eq!((report.status, report.proofs.passing), (TaskStatus::ProdFail, 2), "{report:#?}");
    assert!(reasons(&report).contains("add 1 more distinct"), "{}", reasons(&report));
}

/// Appends a passing proof of the running attempt to the store's file, with a right hash on the right predecessor, as
/// only somebody can who knows the format.
fn forge_a_proof(database: &Path) {
    let mut book = rusqlite::Connection::open(database).expect("the file opens");
    book.busy_timeout(Duration::from_secs(20)).expect("patience");
    let forging = book.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).expect("a transaction");
    let last = "SELECT seq, hash, canonical FROM ledger_entries ORDER BY seq DESC LIMIT 1";
    let (seq, hash, canonical): (i64, String, String) =
        forging.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("the last entry");
    let mut entry: Value = serde_json::from_str(&canonical).expect("json");
    entry["seq"] = json!((seq + 1).to_string());
    entry["prev"] = json!(hash);
    entry["kind"] = json!("proof");
    entry["body_digest"] = Value::Null;
    entry["payload"] = json!({
        "check": "task_check_1", "endpoint": "/api/users", "user_tested": "anonymous", "result": "pass",
        "kind": "live", "timestamp": entry["at"], "required": true, "counts": true, "duration_ms": 1,
        "response_code": 200,
    });
    let text = canonical_json(&entry).expect("canonical");
    let digest = format!("sha256:{}", sha256_hex(text.as_bytes()));
    let insert = "INSERT INTO ledger_entries (project_id, seq, prev_hash, hash, kind, task_id, attempt, format_version, \
                  canonical) SELECT project_id, ?1, hash, ?2, 'proof', task_id, attempt, format_version, ?3 \
                  FROM ledger_entries WHERE seq = ?4";
    forging.execute(insert, rusqlite::params![seq + 1, digest, text, seq]).expect("inserted");
    forging.commit().expect("committed");
}

#[tokio::test]
async fn a06_a_proof_written_by_someone_else_refuses_the_gate() {
    let world = World::new().await;
    // The local test goes on until the forger is done: the forgery falls into the running attempt.
    let wait = "until [ -e forged ]; do sleep 0.02; done".to_owned();
    let request = RunRequest { local_tests: Some(vec![wait]), ..world.request(&PATHS) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let (repository, database) = (world.repository(), world.database());
    let forged = tokio::task::spawn_blocking(move || {
        forge_a_proof(&database);
        std::fs::write(repository.join("forged"), "").expect("a mark");
    });
    forged.await.expect("forged");
    let report = handle.wait(Some(PATIENCE)).await.expect("it ends").expect("a report");
    assert_eq!((report.status, report.cause), (TaskStatus::ProdFail, Some(Cause::Failed)), "{report:#?}");
    assert!(reasons(&report).contains("written by someone else"), "{}", reasons(&report));
}

#[tokio::test]
async fn a06_a_status_written_by_a_local_test_is_refused_by_the_store() {
    let world = World::new().await;
    let wait = "until [ -e forged ]; do sleep 0.02; done".to_owned();
    world.production.answer("/api/users", Answer::status(401));
    let request = RunRequest { local_tests: Some(vec![wait]), ..world.request(&PATHS) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let refused = sqlite3(&world.database(), "UPDATE tasks SET status='done'").expect_err("refused");
    assert!(refused.contains("done only with a passing decision"), "{refused}");
    std::fs::write(world.repository().join("forged"), "").expect("a mark");
    let report = handle.wait(Some(PATIENCE)).await.expect("it ends").expect("a report");
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    assert_eq!(world.sqlite3("SELECT status FROM tasks"), "prod_fail");
}

#[tokio::test]
async fn a07_both_gates_can_be_asked_one_after_the_other() {
    let world = World::new().await;
    let gatekeeper = world.orchestrator.gatekeeper().expect("a gatekeeper");
    let criteria = snipara_orchestrator::domain::Criteria {
        local_tests: Vec::new(),
        live_checks: PATHS.iter().map(|path| LiveCheck::get(*path)).collect(),
        ui_tests: Vec::new(),
        required_proofs: Some(3),
    };
    let bar = gatekeeper.requirements(&criteria).expect("requirements");
    let cancel = tokio_util::sync::CancellationToken::new();
    let first = gatekeeper.gate_local_to_validation(world.ledger(), &bar, &cancel).await.expect("asked");
    assert!(first.verdict.passed, "{first:#?}");
    let second = gatekeeper.gate_validation_to_prod(world.ledger(), &bar, &cancel).await.expect("asked");
    assert!(second.verdict.passed, "{second:#?}");
}

#[tokio::test]
async fn a08_a_route_that_only_takes_post_is_no_drift() {
    let world = World::new().await;
    world.production.answer("POST /api/login", Answer::json(200, &json!({"token": "x"})));
    let login = LiveCheck::get("/api/login").with_method(Method::Post).with_body(json!({"email": "a@b.c"}));
    let mut request = world.request(&PATHS);
    request.live_checks.as_mut().expect("checks").push(login);
    let report = world.run(request).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let asked: Vec<String> = world.production.received().into_iter().map(|request| request.method).collect();
    assert_eq!(asked.iter().filter(|method| *method == "POST").count(), 1);
    assert!(
        !world.production.received().iter().any(|request| request.method == "GET" && request.target == "/api/login")
    );
}

#[tokio::test]
async fn a09_a_check_that_expects_404_can_pass_and_does_not_count() {
    let world = World::new().await;
    let mut request = world.request(&PATHS);
    request.live_checks.as_mut().expect("checks").push(expecting("/api/deleted", "404"));
    let report = world.run(request).await;
    assert_eq!((report.status, report.proofs.passing), (TaskStatus::Done, 4), "{report:#?}");
}

#[tokio::test]
async fn a11_an_endpoint_on_another_host_is_no_drift() {
    let world = World::new().await;
    let other = crate::support::production::Production::healthy().await;
    let mut request = world.request(&PATHS);
    request.live_checks.as_mut().expect("checks").push(LiveCheck::get(other.at("/api/users")));
    let report = world.run(request).await;
    assert_eq!((report.status, report.proofs.passing), (TaskStatus::Done, 4), "{report:#?}");
}

#[tokio::test]
async fn a12_a_query_that_holds_production_reaches_it_to_the_letter() {
    let world = World::new().await;
    world.production.answer("/callback", Answer::text(200, "back"));
    let target = format!("/callback?next={}", world.production.at("/home"));
    let mut request = world.request(&PATHS);
    request.live_checks.as_mut().expect("checks").push(LiveCheck::get(world.production.at(&target)));
    assert_eq!(world.run(request).await.status, TaskStatus::Done);
    assert!(world.production.received().iter().any(|request| request.target == target));
}

#[tokio::test]
async fn a13_a_failed_task_is_done_in_a_new_attempt_when_production_is_fixed() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let first = world.run(world.request(&PATHS)).await;
    assert_eq!(first.status, TaskStatus::ProdFail, "{first:#?}");
    world.production.answer("/api/users", Answer::json(200, &json!({"users": []})));
    let again = RunRequest { task_id: Some(first.task_id.to_string()), ..RunRequest::default() };
    let second = world.run(again).await;
    assert_eq!((second.status, second.attempt), (TaskStatus::Done, 2), "{second:#?}");
    let proofs = world.orchestrator.proofs(Some(first.task_id.as_str()), 100).await.expect("proofs");
    assert!(proofs.iter().any(|proof| proof.attempt == Some(1) && proof.result == ProofResult::Fail));
}

#[tokio::test]
async fn a15_a_task_without_local_tests_says_so_and_an_empty_command_is_refused() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    assert!(report.headline.contains("no local tests"), "{report:#?}");
    let request = RunRequest { local_tests: Some(vec!["  ".into()]), ..world.request(&PATHS) };
    let error = world.orchestrator.run_task(request).await.expect_err("refused");
    assert!(error.to_string().contains("local_tests[0]"), "{error}");
}

#[tokio::test]
async fn a16_a_refusal_says_what_was_expected_and_what_was_observed() {
    let world = World::new().await;
    world.production.answer("/api/orders", Answer::status(401));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!((report.status, report.cause), (TaskStatus::ProdFail, Some(Cause::Failed)));
    assert_eq!(reasons(&report), "task_check_2 GET /api/orders: expected 2xx, got 401");
    assert_eq!(report.failing[0].response_code, Some(401));
    assert!(report.next_step.contains("user"), "{}", report.next_step);
}

#[tokio::test]
async fn a17_drift_that_explains_the_failure_ends_in_env_drift_and_is_recorded() {
    let world = World::with(Settings { keep_drift_going: true, ..Settings::default() }).await;
    world.production.answer("/api/orders", Answer::status(404));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!((report.status, report.cause), (TaskStatus::EnvDrift, Some(Cause::Drift)), "{report:#?}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='drift'"), "2");
    assert_eq!(world.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='decision'"), "1");
}

#[tokio::test]
async fn a_missing_route_stops_at_the_first_gate() {
    let world = World::new().await;
    world.production.answer("/api/orders", Answer::status(404));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::EnvDrift, "{report:#?}");
    assert!(report.drift.as_ref().is_some_and(|drift: &DriftSummary| drift.has_drift));
    // What is red then is what the deploy has to change; nothing of it decides.
    let red = report.failing.iter().filter(|row| row.endpoint.ends_with("/api/orders")).count();
    assert_eq!((red, report.gate.map(|gate| gate.passed)), (1, Some(false)));
}

#[tokio::test]
async fn a20_every_proof_is_in_the_ledger() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    let kept = world.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='proof'");
    assert_eq!(kept, "8", "four health routes, three checks, the root");
    let proofs = world.orchestrator.proofs(Some(report.task_id.as_str()), 100).await.expect("proofs");
    assert!(proofs.iter().all(|proof| proof.commit.is_some() && proof.seq.is_some() && proof.hash.is_some()));
    assert!(proofs.iter().any(|proof| proof.response_body == Some(json!({"users": ["ada"]}))));
}

#[tokio::test]
async fn a26_a_check_is_asked_once_by_gate_1_and_three_times_by_gate_2_and_a_guess_once_by_each() {
    let world = World::new().await;
    assert_eq!(world.run(world.request(&PATHS)).await.status, TaskStatus::Done);
    for path in PATHS {
        assert!(world.production.count(path) <= 4, "{path}: {}", world.production.count(path));
    }
    for guess in ["/health", "/ready"] {
        assert!(world.production.count(guess) <= 2, "{guess}: {}", world.production.count(guess));
    }
}

#[tokio::test]
async fn an_answer_that_says_it_is_unhealthy_refuses() {
    let world = World::with(Settings { keep_drift_going: true, ..Settings::default() }).await;
    world.production.answer("/health", Answer::json(200, &json!({"status": "DOWN"})));
    let report = world.run(world.request(&PATHS)).await;
    assert_ne!(report.status, TaskStatus::Done);
    assert!(reasons(&report).contains("DOWN"), "{}", reasons(&report));
}

#[tokio::test]
async fn a_production_that_does_not_answer_is_unverified_and_not_failed() {
    let world = World::with(Settings { health_paths: Some(Vec::new()), ..Settings::default() }).await;
    for path in PATHS {
        world.production.answer(path, Answer::status(200).behaving(crate::support::production::Behaviour::Reset));
    }
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!((report.status, report.cause), (TaskStatus::ProdFail, Some(Cause::Unverified)), "{report:#?}");
}

#[tokio::test]
async fn a_single_page_app_that_answers_everything_is_not_done() {
    let world = World::with(Settings { keep_drift_going: true, ..Settings::default() }).await;
    for path in PATHS.into_iter().chain(["/health"]) {
        world.production.answer(path, Answer::html(200, "<html><div id=root></div></html>"));
    }
    world.production.fallback(Answer::html(200, "<html><div id=root></div></html>"));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
}

#[tokio::test]
async fn a_policy_cannot_be_lowered_by_a_task() {
    let policy =
        Policy { required_proofs: 5, live_checks: vec![LiveCheck::get("/api/secret-sauce")], ..Policy::default() };
    let world = World::with(Settings { policy, ..Settings::default() }).await;
    let request = RunRequest { required_proofs: Some(1), ..world.request(&PATHS) };
    let report = world.run(request).await;
    assert_eq!((report.status, report.proofs.required), (TaskStatus::ProdFail, 5), "{report:#?}");
    assert!(reasons(&report).contains("policy_check_1"), "{}", reasons(&report));
}

#[tokio::test]
async fn a_done_without_a_known_build_says_so_and_a_matching_version_ends_that() {
    let world = World::new().await;
    let unknown = world.run(world.request(&PATHS)).await;
    assert!(unknown.headline.contains("which build answered is not known"), "{}", unknown.headline);
    let head = std::process::Command::new("git")
        .arg("-C")
        .arg(world.repository())
        .args(["rev-parse", "HEAD"])
        .output()
        .expect("git");
    let head = String::from_utf8(head.stdout).expect("text").trim().to_owned();
    world.production.answer("/version", Answer::json(200, &json!({"commit": head})));
    let known = world.run(world.request(&PATHS)).await;
    assert_eq!(known.status, TaskStatus::Done, "{known:#?}");
    assert!(!known.headline.contains("which build"), "{known:#?}");
    std::fs::write(world.repository().join("main.rs"), "fn main() {}").expect("written");
    git(&world.repository(), &["add", "."]);
    git(&world.repository(), &["commit", "--quiet", "--message", "not deployed"]);
    let stale = world.run(world.request(&PATHS)).await;
    assert_eq!(stale.status, TaskStatus::EnvDrift, "{stale:#?}");
}
