//! Runs: attempts, leases, interruption, several processes on one project.

use std::time::Duration;

use snipara_orchestrator::domain::{Cause, LiveCheck, Policy, ProcessIdentity, TaskStatus, Timestamp, silent_progress};
use snipara_orchestrator::executor::{CommandPolicy, Liveness, liveness};
use snipara_orchestrator::orchestrator::RunRequest;

use crate::support::patience::{PATIENCE, until};
use crate::support::processes::{identity, signal};
use crate::support::production::{Answer, Behaviour};
use crate::support::world::{PATHS, Settings, World};

fn again(task_id: &str) -> RunRequest {
    RunRequest { task_id: Some(task_id.into()), ..RunRequest::default() }
}

#[tokio::test]
async fn b12_the_first_failing_local_test_stops_the_phase_unless_asked_to_go_on() {
    let world = World::new().await;
    let tests = Some(vec!["false".to_owned(), "touch ran-anyway".to_owned()]);
    let report = world.run(RunRequest { local_tests: tests.clone(), ..world.request(&PATHS) }).await;
    assert_eq!((report.status, report.cause), (TaskStatus::LocalFail, Some(Cause::Failed)), "{report:#?}");
    assert!(!world.repository().join("ran-anyway").exists());
    let going = RunRequest { local_tests: tests, keep_going: true, ..world.request(&PATHS) };
    assert_eq!(world.run(going).await.status, TaskStatus::LocalFail);
    assert!(world.repository().join("ran-anyway").exists());
    assert_eq!(world.production.received().len(), 0, "production is not asked after a failed local test");
}

#[tokio::test]
async fn a_report_of_a_failed_test_holds_the_end_of_both_streams() {
    let world = World::new().await;
    let command = "echo on-stdout; echo on-stderr >&2; exit 3".to_owned();
    let report = world.run(RunRequest { local_tests: Some(vec![command]), ..world.request(&PATHS) }).await;
    let message = report.failing[0].error_message.clone().unwrap_or_default();
    assert!(
        message.contains("exit code 3") && message.contains("on-stdout") && message.contains("on-stderr"),
        "{message}"
    );
}

#[tokio::test]
async fn b09_a_secret_that_a_failing_test_prints_is_in_no_report_and_in_no_file() {
    let world = World::new().await;
    let command = "echo DATABASE_PASSWORD=hunter2-in-the-output; echo 'Bearer abc123def456ghi' >&2; exit 1".to_owned();
    let report = world.run(RunRequest { local_tests: Some(vec![command]), ..world.request(&PATHS) }).await;
    assert_eq!(report.status, TaskStatus::LocalFail);
    let told = format!(
        "{report:?}{}",
        world.sqlite3("SELECT canonical FROM ledger_entries; SELECT coalesce(body, '') FROM ledger_bodies")
    );
    assert!(told.contains("DATABASE_PASSWORD"), "{told}");
    for secret in ["hunter2-in-the-output", "abc123def456ghi"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn c05_what_a_check_sends_is_in_no_entry_no_receipt_and_no_listing() {
    let world = World::new().await;
    world.production.answer("POST /api/login", Answer::text(200, "welcome"));
    let mut login = LiveCheck::get("/api/login?key=hunter2-url")
        .with_method(snipara_orchestrator::domain::Method::Post)
        .with_body(serde_json::json!({"password": "hunter2-body"}));
    login.headers.insert("Authorization".into(), "Basic hunter2-header".into());
    let mut request = world.request(&PATHS);
    request.live_checks.as_mut().expect("checks").push(login);
    let report = world.run(request).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let id = report.task_id.as_str();
    let receipt = world.orchestrator.export_receipt(id, None).await.expect("a receipt");
    let task = world.orchestrator.task(id).await.expect("a task");
    let again = RunRequest { task_id: Some(id.into()), ..RunRequest::default() };
    let checklist = world.orchestrator.cutover_checklist(again).await.expect("a checklist");
    let kept = world.sqlite3("SELECT canonical FROM ledger_entries; SELECT coalesce(body, '') FROM ledger_bodies");
    for told in [receipt.to_string(), format!("{task:?}"), format!("{checklist:?}"), kept] {
        assert!(told.contains("/api/login") && !told.contains("hunter2"), "{told}");
    }
    assert!(
        world
            .production
            .received()
            .iter()
            .any(|request| request.header("authorization") == Some("Basic hunter2-header"))
    );
}

#[tokio::test]
async fn a23_one_bad_task_does_not_take_the_others_with_it() {
    let world = World::new().await;
    let results = world
        .orchestrator
        .run_all(vec![
            world.request(&PATHS),
            world.request(&[]),
            world.request(&["/api/nothing"]),
            world.request(&PATHS),
        ])
        .await;
    let statuses: Vec<_> = results.iter().map(|result| result.as_ref().ok().map(|report| report.status)).collect();
    assert_eq!(
        statuses,
        [Some(TaskStatus::Done), None, Some(TaskStatus::EnvDrift), Some(TaskStatus::Done)],
        "{results:#?}"
    );
}

// On threads: the run may hold the store's lock just when the test's SQL from outside blocks its thread.
#[tokio::test(flavor = "multi_thread")]
async fn a24_a_run_whose_lease_ran_out_is_recorded_as_interrupted_and_can_run_again() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(200).behaving(Behaviour::Hang));
    let slow = vec![LiveCheck { timeout_ms: 60_000, ..LiveCheck::get("/api/users") }];
    let request = RunRequest { live_checks: Some(slow), required_proofs: Some(1), ..world.request(&[]) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let id = handle.task_id().to_string();
    // Another process cannot tell a dead lease from a live one but by its time: let it have run out long ago. The run
    // renews it once a second, so on a slow machine one try may be in vain.
    let other = world.another();
    let mut report = other.task_status(&id, Duration::ZERO).await.expect("a report");
    for _ in 0..50 {
        if report.cause == Some(Cause::Interrupted) {
            break;
        }
        world.sqlite3(&format!("UPDATE runs SET lease_expires_at = {}", Timestamp::from_micros(1).as_micros()));
        report = other.task_status(&id, Duration::ZERO).await.expect("a report");
    }
    assert_eq!(report.cause, Some(Cause::Interrupted), "{report:#?}");
    assert!(matches!(report.status, TaskStatus::ProdFail | TaskStatus::LocalFail), "{report:#?}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM ledger_entries WHERE kind='run_interrupted'"), "1");
    // The old run, should it still live, can no longer write a word.
    handle.cancel();
    let old = handle.wait(Some(PATIENCE)).await.expect("it ends");
    assert!(old.is_err(), "{old:#?}");
    world.production.answer("/api/users", Answer::text(200, "ada"));
    let second = other.run_task(again(&id)).await.expect("carried through");
    assert_eq!((second.status, second.attempt), (TaskStatus::Done, 2), "{second:#?}");
    assert!(other.verify_proofs().await.expect("verifies").verified);
}

// On threads: as above.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_keeps_its_task_no_longer_than_its_lease_and_writes_nothing_afterwards() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(200).behaving(Behaviour::Hang));
    let slow = vec![LiveCheck { timeout_ms: 60_000, ..LiveCheck::get("/api/users") }];
    let request = RunRequest { live_checks: Some(slow), required_proofs: Some(1), ..world.request(&[]) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let id = handle.task_id().to_string();
    // The run's own process cannot be stopped here, as it is the test's: another one stands for it.
    let mut holder = std::process::Command::new("sleep").arg("600").spawn().expect("sleep");
    let ProcessIdentity { process_id, start_ticks, .. } = identity(holder.id());
    world.sqlite3(&format!("UPDATE runs SET process_id = {process_id}, start_ticks = {start_ticks}"));
    let other = world.another();
    let expired = format!("UPDATE runs SET lease_expires_at = {}", Timestamp::from_micros(1).as_micros());
    world.sqlite3(&expired);
    let report = other.task_status(&id, Duration::ZERO).await.expect("a report");
    assert_eq!(report.cause, None, "a process that runs wins over its lease: {report:#?}");

    signal(process_id, "-STOP");
    until("it is stopped", || liveness(&identity(process_id)) != Liveness::Lives).await;
    let mut report = other.task_status(&id, Duration::ZERO).await.expect("a report");
    for _ in 0..50 {
        if report.cause == Some(Cause::Interrupted) {
            break;
        }
        // The run renews it once a second.
        world.sqlite3(&expired);
        report = other.task_status(&id, Duration::ZERO).await.expect("a report");
    }
    assert_eq!(report.cause, Some(Cause::Interrupted), "{report:#?}");
    world.production.answer("/api/users", Answer::text(200, "ada"));
    let second = other.run_task(again(&id)).await.expect("carried through");
    assert_eq!((second.status, second.attempt), (TaskStatus::Done, 2), "{second:#?}");

    signal(process_id, "-CONT");
    let before = world.sqlite3("SELECT count(*) FROM ledger_entries");
    handle.cancel();
    let old = handle.wait(Some(PATIENCE)).await.expect("it ends");
    assert!(old.is_err(), "{old:#?}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM ledger_entries"), before);
    assert!(other.verify_proofs().await.expect("verifies").verified);
    holder.kill().expect("killed");
    holder.wait().expect("reaped");
}

#[tokio::test]
async fn the_second_caller_of_a_running_task_is_told_who_runs_it() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(200).behaving(Behaviour::Hang));
    let handle = world.orchestrator.start_task(world.request(&PATHS), silent_progress()).await.expect("started");
    let id = handle.task_id().to_string();
    let error = world.another().run_task(again(&id)).await.expect_err("refused");
    assert_eq!(error.code(), "task_is_running");
    assert!(error.to_string().contains("test (process"), "{error}");
    handle.cancel();
    let report = handle.wait(Some(PATIENCE)).await.expect("it ends").expect("a report");
    assert_eq!(report.cause, Some(Cause::Cancelled), "{report:#?}");
}

#[tokio::test]
async fn another_process_can_stop_a_run_and_wait_for_its_end() {
    let world = World::new().await;
    let request = RunRequest { local_tests: Some(vec!["sleep 300".into()]), ..world.request(&PATHS) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let report = world.another().cancel_task(handle.task_id().as_str()).await.expect("stopped");
    assert_eq!((report.status, report.cause), (TaskStatus::LocalFail, Some(Cause::Cancelled)), "{report:#?}");
    let error = world.another().cancel_task(handle.task_id().as_str()).await.expect_err("refused");
    assert_eq!(error.code(), "not_running");
}

#[tokio::test]
async fn a_lowered_bar_is_a_new_task() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let first = world.run(world.request(&PATHS)).await;
    let lowered = RunRequest {
        live_checks: Some(vec![LiveCheck::get("/api/orders")]),
        required_proofs: Some(1),
        ..again(first.task_id.as_str())
    };
    let error = world.orchestrator.run_task(lowered).await.expect_err("refused");
    assert_eq!(error.code(), "changed_criteria");
    assert_eq!(world.sqlite3("SELECT attempt FROM tasks"), "1");
}

#[tokio::test]
async fn a_done_task_is_not_run_again() {
    let world = World::new().await;
    let done = world.run(world.request(&PATHS)).await;
    let error = world.orchestrator.run_task(again(done.task_id.as_str())).await.expect_err("refused");
    assert_eq!(error.code(), "not_runnable");
}

#[tokio::test]
async fn a_status_that_was_edited_in_the_file_is_not_believed() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let failed = world.run(world.request(&PATHS)).await;
    let triggers = world.sqlite3("SELECT name FROM sqlite_master WHERE type='trigger'");
    for trigger in triggers.lines() {
        world.sqlite3(&format!("DROP TRIGGER {trigger}"));
    }
    world.sqlite3("UPDATE tasks SET status='done', cause=NULL");
    let id = failed.task_id.as_str();
    for attempt in [1, 0] {
        // An attempt that never was has no entries that could contradict.
        world.sqlite3(&format!("UPDATE tasks SET attempt={attempt}"));
        let asked = world.orchestrator.task_status(id, Duration::ZERO).await.expect_err("not believed");
        let shown = world.orchestrator.task(id).await.expect_err("not believed");
        let listed = world.orchestrator.tasks(10).await.expect_err("not believed");
        for error in [asked, shown, listed] {
            assert_eq!(error.code(), "ledger_disagrees", "attempt {attempt}: {error}");
        }
    }
    assert!(!world.orchestrator.verify_proofs().await.expect("reads").verified);
}

#[tokio::test]
async fn a_title_that_was_cleaned_is_still_the_title_of_its_task() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let title = Some("Deploy\u{1b}[31m  the\nlogin".to_owned());
    let first = world.run(RunRequest { title: title.clone(), ..world.request(&PATHS) }).await;
    let second = world.run(RunRequest { title, ..again(first.task_id.as_str()) }).await;
    assert_eq!((second.attempt, second.title), (2, first.title));
    let other = RunRequest { title: Some("Another".into()), ..again(first.task_id.as_str()) };
    assert_eq!(world.orchestrator.run_task(other).await.expect_err("refused").code(), "invalid_input");
}

#[tokio::test]
async fn a_run_that_was_stopped_before_its_first_test_does_not_say_that_it_has_none() {
    let world = World::new().await;
    let request = RunRequest { local_tests: Some(vec!["sleep 300".into()]), ..world.request(&PATHS) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    handle.cancel();
    let report = handle.wait(Some(PATIENCE)).await.expect("it ends").expect("a report");
    assert_eq!((report.status, report.cause), (TaskStatus::LocalFail, Some(Cause::Cancelled)), "{report:#?}");
    assert_eq!(report.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn a_command_that_may_not_run_is_named_by_where_it_comes_from() {
    let policy = Policy { local_tests: vec!["cargo test".into()], ..Policy::default() };
    let allowed = CommandPolicy::Restricted { allowed: vec!["cargo test".into()] };
    let world = World::with(Settings { policy, command_policy: Some(allowed), ..Settings::default() }).await;
    let request = RunRequest { local_tests: Some(vec!["rm -rf .".into()]), ..world.request(&PATHS) };
    let error = world.orchestrator.run_task(request).await.expect_err("refused");
    assert_eq!(error.code(), "command_not_allowed");
    assert!(error.to_string().starts_with("local_tests[0] `rm -rf .`"), "{error}");
    let policy = Policy { local_tests: vec!["cargo test".into()], ..Policy::default() };
    let world =
        World::with(Settings { policy, command_policy: Some(CommandPolicy::Forbidden), ..Settings::default() }).await;
    let error = world.orchestrator.run_task(world.request(&PATHS)).await.expect_err("refused");
    assert!(error.to_string().starts_with("policy.local_tests[0] `cargo test`"), "{error}");
}

#[tokio::test]
async fn shutting_down_stops_every_run_and_each_writes_its_end() {
    let world = World::new().await;
    let request = RunRequest { local_tests: Some(vec!["sleep 300".into()]), ..world.request(&PATHS) };
    let one = world.orchestrator.start_task(request.clone(), silent_progress()).await.expect("started");
    let two = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    world.orchestrator.shut_down().await;
    for handle in [one, two] {
        let report = world.another().task_status(handle.task_id().as_str(), Duration::ZERO).await.expect("a report");
        assert_eq!((report.running, report.cause), (false, Some(Cause::Cancelled)), "{report:#?}");
    }
}

#[tokio::test]
async fn a_process_that_stops_starts_no_run_and_writes_no_task() {
    let world = World::new().await;
    world.orchestrator.shut_down().await;
    let error = world.orchestrator.start_task(world.request(&PATHS), silent_progress()).await.expect_err("refused");
    assert_eq!(error.code(), "interrupted", "{error}");
    let error = world.orchestrator.run_task(world.request(&PATHS)).await.expect_err("refused");
    assert_eq!(error.code(), "interrupted", "{error}");
    assert_eq!(world.sqlite3("SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM runs)").trim(), "0");
}

#[tokio::test]
async fn what_is_being_started_when_a_process_stops_has_written_its_end_when_it_has_stopped() {
    let world = World::new().await;
    let request = RunRequest { local_tests: Some(vec!["sleep 300".into()]), ..world.request(&PATHS) };
    let starting = (0..8).map(|_| {
        let (orchestrator, request) = (world.orchestrator.clone(), request.clone());
        tokio::spawn(async move { orchestrator.start_task(request, silent_progress()).await })
    });
    let starting: Vec<_> = starting.collect();
    while world.sqlite3("SELECT count(*) FROM tasks").trim() == "0" {
        tokio::task::yield_now().await;
    }
    world.orchestrator.shut_down().await;
    // Read before anything else goes on: nothing is started any more, nothing is left running.
    assert_eq!(world.sqlite3("SELECT count(*) FROM runs WHERE state = 'running'").trim(), "0");
    let runs = world.sqlite3("SELECT count(*) FROM runs");
    for one in starting {
        let _ = one.await.expect("no panic");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM runs"), runs);
}
