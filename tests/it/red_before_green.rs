//! What a DONE rests on: red before and green now, what was left out, and what the policy requires.

use serde_json::json;
use snipara_orchestrator::domain::{
    AssetSource, BuildStanding, Cause, Grade, LiveCheck, Policy, ProofResult, RequireWord, TaskReport, TaskStatus,
};
use snipara_orchestrator::orchestrator::{OrchestratorError, RunRequest};

use crate::support::production::Answer;
use crate::support::world::{Settings, World};

const ORDERS: &str = "/api/orders";

fn request(title: &str, paths: &[&str]) -> RunRequest {
    RunRequest {
        title: Some(title.to_owned()),
        local_tests: Some(Vec::new()),
        live_checks: Some(paths.iter().map(|path| LiveCheck::get(*path)).collect()),
        required_proofs: Some(1),
        ..RunRequest::default()
    }
}

async fn observed(world: &World, request: RunRequest) -> Result<TaskReport, OrchestratorError> {
    Ok(world.orchestrator.start_baseline(request).await?.wait(None).await?.expect("a wait without a limit"))
}

fn grade(report: &TaskReport) -> Option<Grade> {
    report.assurance.as_ref().and_then(|assurance| assurance.grade)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_red_before_the_deploy_and_is_green_after_it_is_shown() {
    let world = World::new().await;
    world.production.answer(ORDERS, Answer::json(404, &json!({"message": "no such route"})));
    let baseline = RunRequest { baseline: true, ..request("Orders", &[ORDERS]) };
    let before = observed(&world, baseline).await.expect("observed");
    assert_eq!(before.status, TaskStatus::Pending);
    assert!(before.headline.contains("1 red"), "{}", before.headline);
    assert!(before.next_step.starts_with("Deploy, then run it with task_id"), "{}", before.next_step);
    world.production.answer(ORDERS, Answer::json(200, &json!({"items": [{"id": 7}]})));
    let again = RunRequest { task_id: Some(before.task_id.to_string()), ..RunRequest::default() };
    let after = world.run(again).await;
    assert_eq!(after.status, TaskStatus::Done, "{after:#?}");
    let assurance = after.assurance.as_ref().expect("an assurance");
    assert_eq!((assurance.shown, assurance.build), (1, BuildStanding::Unknown));
    assert_eq!(grade(&after), Some(Grade::Consistent));
    assert!(after.headline.contains("1 red before"), "{}", after.headline);
    assert!(!after.headline.contains("this deploy"), "the builds are not known: {}", after.headline);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_green_before_shows_nothing_and_an_unknown_build_is_unproven() {
    let world = World::new().await;
    let first = world.run(request("First", &[ORDERS])).await;
    assert_eq!((first.status, grade(&first)), (TaskStatus::Done, Some(Grade::Unproven)), "{first:#?}");
    let second = world.run(request("Second", &[ORDERS])).await;
    let assurance = second.assurance.as_ref().expect("an assurance");
    assert_eq!((assurance.shown, assurance.unchanged), (0, 1));
    assert!(second.headline.starts_with("DONE, unproven: which build answered is not known"), "{}", second.headline);
    assert!(second.next_step.contains("done but unproven"), "{}", second.next_step);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_check_that_a_new_task_leaves_out_is_named() {
    let world = World::new().await;
    world.production.answer(ORDERS, Answer::json(200, &json!({"error": "boom"})));
    let failed = world.run(request("Orders", &[ORDERS, "/api/users"])).await;
    assert_eq!(failed.status, TaskStatus::ProdFail, "{failed:#?}");
    let evaded = world.run(request("Orders, again", &["/api/users"])).await;
    assert_eq!(evaded.status, TaskStatus::Done, "{evaded:#?}");
    assert!(
        evaded.headline.contains("GET /api/orders failed") && evaded.headline.contains("not asked again"),
        "{}",
        evaded.headline
    );
    // The same route with a lower bar is not the same check.
    let mut lower = request("Orders, lower", &[ORDERS, "/api/users"]);
    world.production.answer(ORDERS, Answer::json(200, &json!({"items": []})));
    lower
        .live_checks
        .iter_mut()
        .flatten()
        .take(1)
        .for_each(|check| check.expected_status = "2xx".parse().expect("a class"));
    let passed = world.run(lower).await;
    assert!(!passed.headline.contains("was not asked again"), "{}", passed.headline);
    let asked = world.run(request("Orders, whole", &[ORDERS, "/api/users"])).await;
    assert!(!asked.headline.contains(ORDERS), "it passed since: {}", asked.headline);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_deploy_between_the_gates_refuses() {
    let world = World::new().await;
    let told = |commit: &str| Answer::json(200, &json!({ "commit": commit }));
    let current = git_head(&world);
    world.production.answers("/version", vec![told(&current), told("c0ffee1c0ffee1")]);
    let report = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(report.status, TaskStatus::EnvDrift, "another build at the end is a finding, too: {report:#?}");
    let reasons = report.gate.expect("a gate").reasons;
    assert!(reasons.iter().any(|reason| reason.contains("production changed while it was checked")), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_health_tells_is_seen_at_both_gates() {
    let world = World::new().await;
    let told = |commit: &str| Answer::json(200, &json!({ "status": "ok", "commit": commit }));
    let current = git_head(&world);
    world.production.answer("/health", told(&current));
    let report = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    assert_eq!(report.assurance.as_ref().map(|assurance| assurance.build), Some(BuildStanding::Current));
    assert!(report.headline.contains("/health (commit) answers"), "{}", report.headline);
    assert_eq!(world.production.count("/version"), 1, "the second gate asks the place that told it");

    // The health item is asked at gate 1, and the build once more after the last check.
    world.production.answers("/health", vec![told(&current), told("c0ffee1c0ffee1")]);
    let report = world.run(request("Orders, again", &[ORDERS])).await;
    assert_ne!(report.status, TaskStatus::Done, "{report:#?}");
    let reasons = report.gate.expect("a gate").reasons;
    assert!(reasons.iter().any(|reason| reason.contains("production changed while it was checked")), "{reasons:?}");
}

/// A production whose page loads the one file of the build folder.
async fn serving(policy: Policy) -> World {
    let assets = Some(AssetSource { folder: "dist".to_owned(), pages: vec!["/".to_owned()] });
    let world = World::with(Settings { assets, policy, ..Settings::default() }).await;
    world.production.answer("/", Answer::html(200, "<!doctype html><script src=\"/app.js\"></script><p>Hello"));
    world.production.answer("/app.js", Answer::text(200, "run()"));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_folder_that_no_policy_command_wrote_is_a_named_weakness() {
    // Whoever runs the task fills the folder with what production serves.
    let world = serving(Policy::default()).await;
    let dist = world.repository().join("dist");
    std::fs::create_dir_all(&dist).expect("made");
    std::fs::write(dist.join("app.js"), "run()").expect("written");
    let report = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    assert_eq!(report.assurance.as_ref().map(|assurance| assurance.build), Some(BuildStanding::Current));
    assert_ne!(grade(&report), Some(Grade::Proven));
    assert!(report.headline.contains("1 file of / are those of dist"), "{}", report.headline);
    assert!(report.headline.contains("which no policy command of this attempt wrote"), "{}", report.headline);

    let build = "mkdir -p dist && printf 'run()' > dist/app.js";
    let world = serving(Policy { local_tests: vec![build.to_owned()], ..Policy::default() }).await;
    let report = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(report.assurance.as_ref().map(|assurance| assurance.build), Some(BuildStanding::Current), "{report:#?}");
    assert!(!report.headline.contains("alone"), "{}", report.headline);

    // A command of the task's own may have written it, too.
    let mut with_own = request("Orders, again", &[ORDERS]);
    with_own.local_tests = Some(vec!["true".to_owned()]);
    let report = world.run(with_own).await;
    assert!(report.headline.contains("dist alone"), "{}", report.headline);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_build_stop_at_the_first_gate() {
    let build = "mkdir -p dist && printf 'new()' > dist/app.js";
    let world = serving(Policy { local_tests: vec![build.to_owned()], ..Policy::default() }).await;
    let report = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(report.status, TaskStatus::EnvDrift, "{report:#?}");
    let issues = report.drift.map(|drift| drift.issues).unwrap_or_default();
    assert!(issues.iter().any(|issue| issue.starts_with("stale_origin: ")), "{issues:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_compared_with_the_one_before_the_deploy() {
    let world = World::new().await;
    let mut asked = request("Orders", &[ORDERS]);
    asked.live_checks.iter_mut().flatten().for_each(|check| check.expect = vec!["differs-from-baseline".to_owned()]);
    let items = |total: u32| Answer::json(200, &json!({"items": [{"id": 7}], "total": total}));
    world.production.answer(ORDERS, items(1));
    let unseen = world.run(asked.clone()).await;
    assert_eq!((unseen.status, unseen.cause), (TaskStatus::ProdFail, Some(Cause::Unverified)), "{unseen:#?}");
    assert!(unseen.next_step.contains("run --baseline"), "{}", unseen.next_step);

    let before = observed(&world, RunRequest { baseline: true, ..asked.clone() }).await.expect("observed");
    assert!(before.headline.contains("1 red"), "it does not differ from itself: {}", before.headline);
    let run = || RunRequest { task_id: Some(before.task_id.to_string()), ..RunRequest::default() };
    let same = world.run(run()).await;
    assert_eq!((same.status, same.cause), (TaskStatus::ProdFail, Some(Cause::Failed)), "{same:#?}");
    let reasons = same.gate.expect("a gate").reasons;
    assert!(reasons.iter().any(|reason| reason.contains("the same answer as before the deploy")), "{reasons:?}");

    world.production.answer(ORDERS, items(2));
    let after = world.run(run()).await;
    assert_eq!(after.status, TaskStatus::Done, "{after:#?}");
    // The baseline decides, and not what the attempt before has seen.
    let again = world.run(asked).await;
    assert_eq!(again.status, TaskStatus::Done, "{again:#?}");
}

fn git_head(world: &World) -> String {
    let output = std::process::Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(world.repository())
        .output()
        .expect("git runs");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_requires_refuses_with_its_word() {
    let policy = Policy { require: vec![RequireWord::KnownBuild], ..Policy::default() };
    let world = World::with(Settings { policy, ..Settings::default() }).await;
    let refused = world.run(request("Orders", &[ORDERS])).await;
    assert_eq!(refused.status, TaskStatus::ProdFail, "{refused:#?}");
    let reasons = refused.gate.expect("a gate").reasons;
    assert!(reasons.iter().any(|reason| reason.contains("policy.require known_build")), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_is_no_proof_and_is_observed_once() {
    let world = World::new().await;
    let baseline = RunRequest { baseline: true, ..request("Orders", &[ORDERS]) };
    let before = observed(&world, baseline).await.expect("observed");
    let proofs = world.orchestrator.ledger().proofs(Some(&before.task_id), 100).await.expect("read");
    assert!(proofs.iter().all(|entry| entry.attempt == Some(0)), "{proofs:#?}");
    let green =
        proofs.iter().filter_map(|entry| entry.proof()).filter(|proof| proof.result == ProofResult::Pass).count();
    assert!(green > 0);
    let again = RunRequest { task_id: Some(before.task_id.to_string()), ..RunRequest::default() };
    assert_eq!(world.run(again.clone()).await.status, TaskStatus::Done);
    let refused = observed(&world, RunRequest { baseline: true, ..again }).await.expect_err("refused");
    assert!(refused.to_string().contains("was run already"), "{refused}");
}
