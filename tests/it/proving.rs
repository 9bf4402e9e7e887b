//! What an answer must show, and when a check that passed proves something: expectations and the rules that nobody has to
//! ask for, through a whole task.

use serde_json::json;
use snipara_orchestrator::domain::{LiveCheck, ProofResult, TaskReport, TaskStatus, canonical_json, sha256_hex};
use snipara_orchestrator::orchestrator::RunRequest;

use crate::support::production::{Answer, Behaviour, Production};
use crate::support::world::{PATHS, Settings, World};

fn reasons(report: &TaskReport) -> String {
    report.gate.as_ref().map(|gate| gate.reasons.join("\n")).unwrap_or_default()
}

fn asking(world: &World, checks: Vec<LiveCheck>) -> RunRequest {
    RunRequest { live_checks: Some(checks), ..world.request(&[]) }
}

fn showing(path: &str, lines: &[&str]) -> LiveCheck {
    LiveCheck { expect: lines.iter().map(|line| (*line).to_owned()).collect(), ..LiveCheck::get(path) }
}

#[tokio::test]
async fn a_200_that_says_error_is_refused() {
    let world = World::new().await;
    world.production.answer("/api/orders", Answer::json(200, &json!({"error": "the database is gone"})));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    let reasons = reasons(&report);
    assert!(reasons.contains("task_check_2") && reasons.contains("the database is gone"), "{reasons}");
}

#[tokio::test]
async fn an_expectation_that_fails_is_named_in_the_reason_and_in_the_proof() {
    let world = World::new().await;
    let lines = ["jsonpath $.orders count == 2", "jsonpath $.orders count > 5"];
    let report = world.run(asking(&world, vec![showing("/api/orders", &lines), LiveCheck::get("/api/users")])).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    let reasons = reasons(&report);
    assert!(reasons.contains("jsonpath $.orders count > 5") && reasons.contains('2'), "{reasons}");
    let proofs = world.another().proofs(Some(report.task_id.as_str()), 100).await.expect("proofs");
    let proof = proofs.iter().find(|proof| proof.check == "task_check_1").expect("its proof");
    let told: Vec<_> = proof.expectations.iter().map(|one| (one.expect.as_str(), one.result)).collect();
    assert_eq!(told, [(lines[0], ProofResult::Pass), (lines[1], ProofResult::Fail)]);
    let why = proof.expectations[1].error_message.clone().expect("why");
    assert!(why.contains("> 5") && why.contains("got 2"), "{why}");
}

#[tokio::test]
async fn an_expectation_that_holds_is_kept_with_the_proof_and_the_task_is_done() {
    let world = World::new().await;
    let report = world.run(asking(&world, vec![showing("/api/orders", &["jsonpath $.orders count == 2"])])).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let proofs = world.another().proofs(Some(report.task_id.as_str()), 100).await.expect("proofs");
    let proof = proofs.iter().find(|proof| proof.check == "task_check_1").expect("its proof");
    assert!(proof.expectations[0].tells_apart, "{proof:#?}");
}

#[tokio::test]
async fn an_expectation_that_cannot_be_read_is_bad_input_and_nothing_is_written() {
    let world = World::new().await;
    let checks =
        vec![LiveCheck::get("/api/users"), showing("/api/orders", &["status == 200", "jsonpath $.a contians b"])];
    let error = world.orchestrator.run_task(asking(&world, checks)).await.expect_err("refused");
    assert_eq!(error.code(), "invalid_input");
    let said = error.to_string();
    assert!(said.contains("live_checks[1].expect[1]") && said.contains("column 14"), "{said}");
    assert!(said.contains("contains"), "the nearest word: {said}");
    assert_eq!(world.sqlite3("SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM ledger_entries)"), "0");
    assert_eq!(world.production.received(), []);
}

#[tokio::test]
async fn a_flaky_route_is_refused_and_says_how_often_it_passed() {
    let world = World::new().await;
    let good = || Answer::json(200, &json!({"orders": [1, 2]}));
    // Gate 1 looks first.
    world.production.answers("/api/orders", vec![good(), good(), Answer::status(500), good()]);
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::ProdFail, "{report:#?}");
    let reasons = reasons(&report);
    assert!(reasons.contains("task_check_2") && reasons.contains("flaky: 2 of 3"), "{reasons}");
}

#[tokio::test]
async fn a_header_of_its_own_that_reaches_another_build_does_not_count() {
    let world = World::new().await;
    // A credential that no person trusted is a header like any other.
    for name in ["x-canary", "authorization", "accept-canary"] {
        let path = format!("/api/{name}");
        world.production.answer(&path, Answer::json(200, &json!({"old": true})));
        world.production.answer_with(&path, name, Answer::json(200, &json!({"currency": "EUR"})));
        let canary = LiveCheck {
            headers: [(name.to_owned(), "Bearer canary".to_owned())].into(),
            ..showing(&path, &["jsonpath $.currency == EUR"])
        };
        let report = world.run(asking(&world, vec![canary])).await;
        assert_eq!((report.status, report.proofs.passing), (TaskStatus::ProdFail, 1), "only health: {report:#?}");
        assert!(reasons(&report).contains(&format!("without its own header {name}")), "{}", reasons(&report));
    }
}

#[tokio::test]
async fn the_files_of_a_page_are_known_wherever_its_check_is_judged() {
    let world = World::new().await;
    let page = "<!doctype html><title>Shop</title><script src=/app.js></script><h1>Orders</h1>";
    world.production.answer("/shop/orders", Answer::html(200, page));
    world.production.answer("/app.js", Answer::text(200, "").header("content-type", "text/javascript"));
    // Sent with a header of its own, so that it is asked plain, too, and out of a cache, so that it is asked past it.
    world.production.answer_with("/shop/orders", "x-own", Answer::html(200, page).header("age", "7"));
    let check = LiveCheck {
        headers: [("X-Own".to_owned(), "1".to_owned())].into(),
        ..showing("/shop/orders", &["assets isEmpty", "title == Shop"])
    };
    let report = world.run(asking(&world, vec![check])).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
}

#[tokio::test]
async fn a_production_that_leaves_strange_paths_without_an_answer_is_asked_for_them_once() {
    let world = World::new().await;
    world.production.fallback(Answer::status(200).behaving(Behaviour::Reset));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let unknown = "what paths answer that cannot exist was not observed";
    assert!(report.warnings.iter().any(|warning| warning.contains(unknown)), "{:?}", report.warnings);
    let is_invented = |path: &str| path.len() > 18 && !path.contains("health");
    let asked: std::collections::BTreeSet<String> = world
        .production
        .received()
        .iter()
        .map(|request| request.target.clone())
        .filter(|path| is_invented(path))
        .collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
}

#[tokio::test]
async fn a_done_that_rests_on_what_every_deployment_answers_says_so() {
    let world = World::new().await;
    let told = |report: &TaskReport| report.headline.contains("which every deployment answers");
    let report = world.run(world.request(&["/health"])).await;
    assert!(report.status == TaskStatus::Done && told(&report), "{report:#?}");
    let report = world.run(world.request(&["/health", "/api/users"])).await;
    assert!(report.status == TaskStatus::Done && !told(&report), "{report:#?}");
}

#[tokio::test]
async fn required_proofs_that_nobody_gives_are_what_answered() {
    for (health_paths, paths, required) in
        [(None, &PATHS[..], 3), (None, &PATHS[..1], 2), (Some(Vec::new()), &PATHS[..1], 1)]
    {
        let world = World::with(Settings { health_paths, ..Settings::default() }).await;
        let report = world.run(world.request(paths)).await;
        assert_eq!((report.status, report.proofs.required), (TaskStatus::Done, required), "{report:#?}");
    }
}

#[tokio::test]
async fn a_place_that_answers_wrongly_is_not_left_out_of_what_is_required() {
    let world = World::with(Settings { health_paths: Some(Vec::new()), ..Settings::default() }).await;
    world.production.answer("/api/orders", Answer::status(401));
    let report = world.run(world.request(&PATHS[..2])).await;
    assert_eq!((report.status, report.proofs.required), (TaskStatus::ProdFail, 2), "{report:#?}");
}

#[tokio::test]
async fn the_bar_of_a_task_that_gives_no_number_says_default() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    let task = world.another().task(report.task_id.as_str()).await.expect("the task");
    let kept = serde_json::to_value(&task.criteria).expect("json");
    assert_eq!(kept["required_proofs"], "default");
    let digest = format!("sha256:{}", sha256_hex(canonical_json(&kept).expect("canonical").as_bytes()));
    assert_eq!(world.sqlite3("SELECT criteria_digest FROM tasks"), digest);
}

#[tokio::test]
async fn what_a_task_asks_of_another_host_does_not_count_unless_it_is_production() {
    let other = Production::healthy().await;
    let host = other.address().to_string().parse().expect("a host");
    for (production_hosts, passing) in [(Vec::new(), 2), (vec![host], 3)] {
        let world = World::with(Settings { production_hosts, ..Settings::default() }).await;
        let checks = vec![LiveCheck::get("/api/users"), LiveCheck::get(other.at("/api/orders"))];
        let report = world.run(asking(&world, checks)).await;
        assert_eq!((report.status, report.proofs.passing), (TaskStatus::Done, passing), "{report:#?}");
    }
}

#[tokio::test]
async fn a_run_of_three_checks_keeps_to_its_budget() {
    let world = World::new().await;
    // No guess leads anywhere, which costs most.
    world.production.answer("/health", Answer::status(404));
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let answered = world.production.answered();
    let refused = answered.iter().filter(|status| (400..500).contains(*status)).count();
    // G17 allows 30 and 16; this is what is sent now.
    assert!(answered.len() <= 23 && refused <= 14, "{} requests, {refused} answers of 4xx", answered.len());
}

#[tokio::test]
async fn the_first_folder_is_asked_and_another_one_only_where_pages_are_answered() {
    let world = World::new().await;
    world
        .production
        .answer("/docs/start", Answer::html(200, "<title>Docs</title><h1>Start</h1><p>Read this first.</p>"));
    world.production.answer("/files/list", Answer::json(200, &json!({"files": ["a"]})));
    let report = world.run(world.request(&["/api/users", "/docs/start", "/files/list"])).await;
    assert_eq!(report.status, TaskStatus::Done, "{report:#?}");
    let invented = world.production.received().into_iter().filter_map(|request| {
        let (folder, name) = request.target.rsplit_once('/')?;
        (name.len() == 18).then(|| folder.to_owned())
    });
    let mut folders: Vec<String> = invented.collect();
    folders.sort_unstable();
    assert_eq!(folders, ["/api", "/api", "/docs", "/docs"]);
}
