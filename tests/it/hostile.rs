//! What an agent tries that wants "done" without deserving it: answers that prove nothing, and a file that it forges.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    Criteria, ExpectedStatus, LiveCheck, Method, Task, TaskId, TaskReport, TaskStatus, Timestamp, canonical_json,
    sha256_hex, silent_progress,
};
use snipara_orchestrator::orchestrator::{RunHandle, RunRequest};

use crate::support::book;
use crate::support::production::{Answer, Production};
use crate::support::world::{PATHS, World};

const PAGE: &str = "<html><div id=root></div></html>";

/// Three proofs are asked for: without a number as many are needed as places answer.
fn asking(world: &World, checks: Vec<LiveCheck>) -> RunRequest {
    RunRequest { live_checks: Some(checks), required_proofs: Some(3), ..world.request(&[]) }
}

fn expecting(path: &str, status: &str) -> LiveCheck {
    LiveCheck::get(path).with_expected_status(status.parse::<ExpectedStatus>().expect("a status"))
}

fn following(path: &str) -> LiveCheck {
    LiveCheck { follow_redirects: true, ..LiveCheck::get(path) }
}

fn reasons(report: &TaskReport) -> String {
    report.gate.as_ref().map(|gate| gate.reasons.join("\n")).unwrap_or_default()
}

/// The gate refused because too few of the passing proofs count.
fn assert_too_few(report: &TaskReport, counted: u32) {
    assert_eq!((report.status, report.proofs.passing), (TaskStatus::ProdFail, counted), "{report:#?}");
    assert!(report.failing.is_empty() && reasons(report).contains("more distinct"), "{report:#?}");
}

#[tokio::test]
async fn a_preflight_that_every_path_answers_is_no_proof() {
    let world = World::new().await;
    world.production.fallback(Answer::status(204));
    let preflights =
        ["/a", "/b", "/c"].map(|path| LiveCheck { method: Method::Options, ..expecting(path, "2xx") }).to_vec();
    let error = world.orchestrator.run_task(asking(&world, preflights)).await.expect_err("refused");
    assert_eq!(error.code(), "invalid_input");
}

#[tokio::test]
async fn one_page_asked_with_get_and_head_is_one_page() {
    let world = World::new().await;
    for path in ["/a", "/b", "/c"] {
        world.production.answer(path, Answer::html(200, PAGE));
    }
    let checks = vec![LiveCheck::get("/a"), LiveCheck::get("/b").with_method(Method::Head), LiveCheck::get("/c")];
    assert_too_few(&world.run(asking(&world, checks)).await, 2);
}

#[tokio::test]
async fn a_head_of_a_path_that_any_get_answers_is_no_proof() {
    let world = World::new().await;
    world.production.fallback(Answer::html(200, PAGE));
    let heads = ["/a", "/b"].map(|path| LiveCheck::get(path).with_method(Method::Head)).to_vec();
    let report = world.run(RunRequest { required_proofs: None, ..asking(&world, heads) }).await;
    assert_too_few(&report, 1);
    assert!(reasons(&report).contains("answers as paths do that cannot exist"), "{}", reasons(&report));
}

#[tokio::test]
async fn one_page_cut_into_ranges_is_no_proof() {
    let world = World::new().await;
    world.production.fallback(Answer::html(200, PAGE));
    let part = |path: &str, range: &str| LiveCheck {
        headers: [("Range".to_owned(), range.to_owned())].into(),
        ..expecting(path, "2xx")
    };
    let checks = vec![part("/a", "bytes=0-1"), part("/b", "bytes=0-2"), part("/c", "bytes=0-3")];
    let error = world.orchestrator.run_task(asking(&world, checks)).await.expect_err("refused");
    assert_eq!(error.code(), "invalid_input");
}

#[tokio::test]
async fn redirects_of_several_routes_are_one_proof_together() {
    let world = World::new().await;
    for path in ["/a", "/b", "/c"] {
        world.production.answer(path, Answer::status(302).header("location", "/login"));
    }
    let checks = ["/a", "/b", "/c"].map(|path| expecting(path, "302")).to_vec();
    assert_too_few(&world.run(asking(&world, checks)).await, 2);
}

#[tokio::test]
async fn redirects_that_every_path_answers_are_no_proof() {
    let world = World::new().await;
    world.production.fallback(Answer::status(302).header("location", "/login"));
    let checks = ["/a", "/b", "/c"].map(|path| expecting(path, "302")).to_vec();
    assert_too_few(&world.run(asking(&world, checks)).await, 1);
}

#[tokio::test]
async fn invented_paths_that_lead_to_one_answer_are_no_proofs() {
    let world = World::new().await;
    world.production.fallback(Answer::status(302).header("location", "/health"));
    let checks = vec![following("/a"), following("/b"), LiveCheck::get("/api/users")];
    let report = world.run(asking(&world, checks)).await;
    assert_too_few(&report, 2);
    assert!(reasons(&report).contains("was redirected to /health, which answered instead"), "{}", reasons(&report));
}

#[tokio::test]
async fn an_open_redirect_to_a_server_of_the_agent_is_no_proof() {
    let world = World::new().await;
    let own = Production::start().await;
    own.fallback(Answer::json(200, &json!({"proven": true})));
    for path in ["/a", "/b", "/c"] {
        world.production.answer(path, Answer::status(302).header("location", &own.at(path)));
    }
    let checks = vec![following("/a"), following("/b"), following("/c"), LiveCheck::get("/api/users")];
    assert_too_few(&world.run(asking(&world, checks)).await, 2);
}

#[tokio::test]
async fn a_redirect_to_the_same_route_still_counts() {
    let world = World::new().await;
    let slash = Answer::status(308).header("location", "/api/users/");
    world.production.answer("/api/users", slash);
    world.production.answer("/api/users/", Answer::json(200, &json!({"users": ["ada"]})));
    let checks = vec![following("/api/users"), LiveCheck::get("/api/orders")];
    assert_eq!(world.run(asking(&world, checks)).await.status, TaskStatus::Done);
}

/// The page has another nonce each time, so that no two of its answers are equal.
#[tokio::test]
async fn invented_paths_over_a_single_page_app_never_multiply() {
    let world = World::new().await;
    let page = "<html><head><title>Shop</title></head><body nonce={nonce}><div id=root>Orders</div></body></html>";
    world.production.fallback(Answer::html(200, page));
    let invented = ["/orders", "/billing/invoices", "/settings"].map(LiveCheck::get).to_vec();
    assert_too_few(&world.run(asking(&world, invented.clone())).await, 1);
    let with_the_root = [vec![LiveCheck::get("/")], invented].concat();
    assert_too_few(&world.run(asking(&world, with_the_root)).await, 2);
}

#[tokio::test]
async fn one_route_that_answers_every_body_alike_is_one_proof() {
    let world = World::new().await;
    world.production.answer("/api/track", Answer::json(200, &json!({"ok": true})));
    let checks = [1, 2, 3]
        .map(|number| LiveCheck::get("/api/track").with_method(Method::Post).with_body(json!({ "n": number })))
        .to_vec();
    assert_too_few(&world.run(asking(&world, checks)).await, 2);
}

/// The whole forgery, by somebody who knows the format: appends a passing proof, a passing decision and both
/// transitions to the attempt that wrote last, then the decision's row, and the task's status past every trigger.
fn forge_a_pass(database: &Path, with_status: bool) {
    let mut book = rusqlite::Connection::open(database).expect("the file opens");
    book.busy_timeout(Duration::from_secs(20)).expect("patience");
    let forging = book.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).expect("a transaction");
    let last = "SELECT seq, hash, canonical, (SELECT status FROM tasks) FROM ledger_entries ORDER BY seq DESC LIMIT 1";
    let (mut seq, mut hash, canonical, status): (i64, String, String, String) = forging
        .query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .expect("the last entry");
    let model: Value = serde_json::from_str(&canonical).expect("json");
    let verdict = json!({
        "gate": "validation_to_prod", "passed": true, "reasons": [], "proofs_required": 3, "proofs_counted": 3,
    });
    let proof = json!({
        "check": "task_check_1", "endpoint": "/api/users", "user_tested": "anonymous", "result": "pass",
        "kind": "live", "timestamp": model["at"], "required": true, "counts": true, "duration_ms": 1,
        "response_code": 200,
    });
    for (kind, payload) in [
        ("proof", proof),
        ("decision", json!({"verdict": verdict, "gatekeeper": "gatekeeper", "passed": true})),
        ("transition", json!({"from": status, "to": "prod_ok", "cause": null})),
        ("transition", json!({"from": "prod_ok", "to": "done", "cause": null})),
    ] {
        let mut entry = model.clone();
        entry["seq"] = json!((seq + 1).to_string());
        entry["prev"] = json!(hash);
        entry["kind"] = json!(kind);
        entry["payload"] = payload;
        entry.as_object_mut().expect("an object").remove("body_digest");
        let text = canonical_json(&entry).expect("canonical");
        let digest = format!("sha256:{}", sha256_hex(text.as_bytes()));
        let insert = "INSERT INTO ledger_entries (project_id, seq, prev_hash, hash, kind, task_id, attempt, \
                      format_version, canonical) SELECT project_id, ?1, hash, ?2, ?5, task_id, attempt, \
                      format_version, ?3 FROM ledger_entries WHERE seq = ?4";
        forging.execute(insert, rusqlite::params![seq + 1, digest, text, seq, kind]).expect("inserted");
        seq += 1;
        hash = digest;
        if kind == "decision" {
            let insert = "INSERT INTO decisions SELECT project_id, seq, hash, task_id, attempt, 1 FROM ledger_entries \
                          WHERE seq = ?1";
            forging.execute(insert, [seq]).expect("decided");
        }
    }
    if with_status {
        forging.execute("UPDATE tasks SET status = 'done', cause = NULL", []).expect("no trigger stops it");
    }
    forging.commit().expect("committed");
}

/// Runs a task whose local test goes on until the forger is done, and then ends as `after` says.
async fn run_while_forging(world: &World, with_status: bool, after: &str) -> RunHandle {
    let wait = format!("until [ -e forged ]; do sleep 0.02; done; {after}");
    let request = RunRequest { local_tests: Some(vec![wait]), ..world.request(&PATHS) };
    let handle = world.orchestrator.start_task(request, silent_progress()).await.expect("started");
    let (repository, database) = (world.repository(), world.database());
    let forging = tokio::task::spawn_blocking(move || {
        forge_a_pass(&database, with_status);
        std::fs::write(repository.join("forged"), "").expect("a mark");
    });
    forging.await.expect("forged");
    handle
}

#[tokio::test]
async fn a06_a_whole_forged_pass_from_a_local_test_is_told_nowhere() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let handle = run_while_forging(&world, true, "true").await;
    let id = handle.task_id().to_string();
    let ended = handle.wait(None).await.expect("it ends");
    assert_eq!(world.sqlite3("SELECT status FROM tasks"), "done", "the forger worked");
    assert!(ended.is_err(), "{ended:#?}");
    let status = world.orchestrator.task_status(&id, Duration::ZERO).await.expect_err("not believed");
    assert_eq!(status.code(), "ledger_disagrees", "{status}");
    assert_eq!(world.orchestrator.task(&id).await.expect_err("not believed").code(), "ledger_disagrees");
    assert_eq!(world.orchestrator.tasks(10).await.expect_err("not believed").code(), "ledger_disagrees");
}

#[tokio::test]
async fn a06_a_forged_pass_does_not_show_in_the_report_of_a_failed_test() {
    let world = World::new().await;
    let handle = run_while_forging(&world, false, "false").await;
    let report = handle.wait(None).await.expect("it ends").expect("a report");
    assert_eq!((report.status, report.proofs.passing), (TaskStatus::LocalFail, 0), "{report:#?}");
    assert!(report.gate.is_none(), "{report:#?}");
    assert!(report.warnings.iter().any(|warning| warning.contains("written by someone else")), "{report:#?}");
    let later = world.another().task_status(report.task_id.as_str(), Duration::ZERO).await;
    assert!(later.is_err() || later.is_ok_and(|later| later.gate.is_none_or(|gate| !gate.passed)));
}

#[tokio::test]
async fn a06_a_forged_pass_after_the_refusal_is_not_believed_by_whoever_refused() {
    let world = World::new().await;
    world.production.answer("/api/users", Answer::status(401));
    let refused = world.run(world.request(&PATHS)).await;
    assert_eq!(refused.status, TaskStatus::ProdFail);
    forge_a_pass(&world.database(), true);
    assert_eq!(world.sqlite3("SELECT status FROM tasks"), "done", "the forger worked");
    let error = world
        .orchestrator
        .task_status(refused.task_id.as_str(), Duration::ZERO)
        .await
        .expect_err("whoever refused knows better");
    assert_eq!(error.code(), "ledger_disagrees", "{error}");
}

/// Found by a stranger: a DONE was told on top of a ledger that did not verify, without a word.
#[tokio::test]
async fn a_done_on_a_ledger_that_does_not_verify_says_so() {
    let world = World::new().await;
    let first = world.run(world.request(&PATHS)).await;
    assert_eq!(first.status, TaskStatus::Done);
    assert!(!first.warnings.iter().any(|warning| warning.contains("does not verify")), "{first:#?}");
    let trigger = world.sqlite3("SELECT sql FROM sqlite_master WHERE name = 'ledger_entries_no_update'");
    let forgery = "DROP TRIGGER ledger_entries_no_update; UPDATE ledger_entries
         SET canonical = replace(canonical, '\"result\":\"pass\"', '\"result\":\"fail\"') WHERE seq = (SELECT min(seq) FROM ledger_entries WHERE kind = 'proof'
         AND canonical LIKE '%\"result\":\"pass\"%')";
    world.sqlite3(&format!("{forgery}; {trigger}"));
    let second = world.run(world.request(&PATHS)).await;
    assert_eq!(second.status, TaskStatus::Done, "it rests on what this run wrote: {second:#?}");
    let warning = second.warnings.iter().find(|warning| warning.contains("does not verify"));
    assert!(warning.is_some_and(|warning| warning.contains("was changed")), "{second:#?}");
}

#[tokio::test]
async fn earlier_passes_do_not_count_in_a_new_attempt() {
    let world = World::new().await;
    world.production.answer("/api/orders", Answer::status(401));
    let first = world.run(world.request(&PATHS)).await;
    assert_eq!((first.status, first.proofs.passing), (TaskStatus::ProdFail, 3), "{first:#?}");
    world.production.answer("/api/orders", Answer::json(200, &json!({"orders": []})));
    world.production.answer("/api/users", Answer::status(401));
    let again = RunRequest { task_id: Some(first.task_id.to_string()), ..RunRequest::default() };
    let second = world.run(again).await;
    assert_eq!((second.status, second.attempt), (TaskStatus::ProdFail, 2), "{second:#?}");
    assert!(reasons(&second).contains("task_check_1"), "{}", reasons(&second));
}

#[tokio::test]
async fn a_task_that_was_proven_against_another_production_says_so() {
    let world = World::new().await;
    let own = Production::healthy().await;
    let agents = world.another_of(&own);
    let checks = PATHS.map(|path| LiveCheck::get(own.at(path))).to_vec();
    let report = agents.run_task(asking(&world, checks)).await.expect("carried through");
    let seen = world.orchestrator.task_status(report.task_id.as_str(), Duration::ZERO).await.expect("a report");
    assert!(seen.warnings.iter().any(|warning| warning.contains("not production here")), "{seen:#?}");
    assert!(seen.next_step.starts_with("Do not report it as done"), "{seen:#?}");
}

#[tokio::test]
async fn a_bar_that_was_edited_and_put_back_is_refused() {
    let world = World::new().await;
    let criteria = Criteria {
        local_tests: Vec::new(),
        live_checks: vec![LiveCheck::get(world.production.at("/api/users"))],
        ui_tests: Vec::new(),
        required_proofs: Some(2),
    };
    let lowered = Criteria { required_proofs: Some(1), ..criteria.clone() }.digest().expect("a digest");
    let now = Timestamp::from_micros(1_000_000);
    let task = Task {
        id: TaskId::generate(now),
        title: "Deploy".into(),
        description: String::new(),
        criteria_digest: criteria.digest().expect("a digest"),
        criteria,
        status: TaskStatus::Pending,
        cause: None,
        attempt: 0,
        created_at: now,
        updated_at: now,
    };
    world.ledger().create_task(&task).await.expect("created");
    let mut start = book::run_start("racer");
    start.conditions.criteria_digest = lowered;
    let error = world.ledger().start_run(&task.id, start).await.expect_err("refused");
    assert!(error.to_string().contains("criteria"), "{error}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM runs"), "0");
}

#[tokio::test]
async fn a_book_that_was_taken_away_during_the_run_gives_no_done() {
    let world = World::new().await;
    let book = world.database();
    let away = book.with_extension("away");
    for more in ["true".to_owned(), format!("cp {} {}", away.display(), book.display())] {
        let steal = format!("mv {} {} && {more}", book.display(), away.display());
        let steal = RunRequest { local_tests: Some(vec![steal]), ..world.request(&PATHS) };
        let error = world.orchestrator.run_task(steal).await.expect_err("there is no book to write into");
        assert_eq!(error.code(), "store_unavailable");
        assert!(error.to_string().contains("moved, replaced or deleted"), "{error}");
        assert!(world.orchestrator.verify_proofs().await.is_err(), "what lies there is not what was written");
        std::fs::rename(&away, &book).expect("put back");
    }
    assert_eq!(world.run(world.request(&PATHS)).await.status, TaskStatus::Done);
}
