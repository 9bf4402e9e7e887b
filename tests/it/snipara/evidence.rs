//! Evidence of htasks: looked up in the ledger, whoever keeps the htask.

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    CompleteRequest, EvidenceRequirement, EvidenceVerdict, HTaskId, HTaskRef, LiveCheck, NewEvidence, NewHTask,
    NewSwarm, SwarmId, TaskStatus,
};
use snipara_orchestrator::orchestrator::RunRequest;
use snipara_orchestrator::snipara::SniparaKind;
use tokio_util::sync::CancellationToken;

use crate::support::forgery::tombstone;
use crate::support::neighbour::FakeNeighbour;
use crate::support::production::Answer;
use crate::support::world::{PATHS, Settings, World, git};

async fn world() -> (World, FakeNeighbour) {
    let neighbour = FakeNeighbour::new();
    let snipara = Some(neighbour.snipara(SniparaKind::Embedded));
    (World::with(Settings { snipara, ..Settings::default() }).await, neighbour)
}

fn htask() -> HTaskRef {
    HTaskRef { swarm_id: SwarmId::parse("s1").expect("an id"), task_id: HTaskId::parse("h1").expect("an id") }
}

fn bare(htask: HTaskRef) -> CompleteRequest {
    CompleteRequest::new(htask.swarm_id, htask.task_id)
}

fn proof(id: impl ToString) -> NewEvidence {
    NewEvidence { kind: "proof".into(), proof_id: Some(id.to_string()), ..NewEvidence::default() }
}

fn run(id: impl ToString) -> NewEvidence {
    NewEvidence { kind: "proof".into(), task_id: Some(id.to_string()), ..NewEvidence::default() }
}

/// Completes with one item; answers its verdict and finding as the neighbour was handed them.
async fn looked_up(world: &World, neighbour: &FakeNeighbour, item: NewEvidence) -> (String, String) {
    let request = CompleteRequest { evidence: vec![item], ..bare(htask()) };
    let answer = world.orchestrator.complete_htask(request).await;
    let call = if answer.is_ok() { "complete" } else { "note_refusal" };
    let asked = neighbour.asked(call).pop().expect("it was asked");
    let item = &asked["evidence"][0];
    if let Err(error) = answer {
        assert_eq!(error.code(), "evidence_refused", "{error}");
        assert!(error.to_string().contains(item["finding"].as_str().expect("a finding")), "{error}");
    }
    let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("finding"))
}

#[tokio::test]
async fn a_proof_that_passed_is_verified_by_number_and_hash_and_says_what_was_seen() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&PATHS)).await;
    let sql = "SELECT seq || ' ' || hash FROM ledger_entries WHERE kind='proof' AND canonical LIKE '%task_check_1%'";
    let row = world.sqlite3(sql);
    let (seq, hash) = row.trim().split_once(' ').expect("two words");
    for name in [seq.to_owned(), format!("#{seq}"), format!("proof://{seq}"), hash.to_owned()] {
        let (verdict, finding) = looked_up(&world, &neighbour, proof(&name)).await;
        assert_eq!(verdict, "verified", "{name}: {finding}");
        let told = format!("proof {seq}: GET {}", world.production.url());
        assert!(finding.starts_with(&told) && finding.contains("answered 200"), "{finding}");
        assert!(finding.contains(done.task_id.as_str()), "{finding}");
    }
    let given = neighbour.asked("complete").pop().expect("completed");
    assert!(given["evidence"][0]["observed_at"].is_string(), "{given}");
}

#[tokio::test]
async fn a_proof_that_was_made_to_pass_under_its_old_hash_is_refused() {
    let (world, neighbour) = world().await;
    world.production.answer("/api/users", Answer::status(500));
    let check = LiveCheck::get(format!("{}/api/users", world.production.url()));
    let seen = world.orchestrator.validate_endpoint(check, &CancellationToken::new()).await.expect("a proof");
    let seq = seen.seq.expect("a number");
    let forged = i64::try_from(seq).expect("a number");
    tombstone(&world.database(), forged, "\"result\":\"fail\"", "\"result\":\"pass\"");
    let (verdict, finding) = looked_up(&world, &neighbour, proof(seq)).await;
    assert_eq!(verdict, "refused", "{finding}");
    assert!(finding.contains("proves nothing any more"), "{finding}");
}

#[tokio::test]
async fn a_run_whose_start_is_gone_is_no_evidence() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&PATHS)).await;
    let trigger = world.sqlite3("SELECT sql FROM sqlite_master WHERE name = 'ledger_entries_no_delete'");
    world.sqlite3(&format!(
        "DROP TRIGGER ledger_entries_no_delete; DELETE FROM ledger_entries WHERE kind = 'run_started'; {trigger}"
    ));
    let (verdict, finding) = looked_up(&world, &neighbour, run(&done.task_id)).await;
    assert_eq!(verdict, "refused", "{finding}");
    assert!(finding.contains("an address that the ledger does not tell"), "{finding}");
}

#[tokio::test]
async fn a_proof_outside_of_a_task_is_evidence_only_of_the_path_that_is_required() {
    let (world, neighbour) = world().await;
    let check = LiveCheck::get(format!("{}/api/users", world.production.url()));
    let seen = world.orchestrator.validate_endpoint(check, &CancellationToken::new()).await.expect("a proof");
    let seq = seen.seq.expect("a number");
    for (required, wanted, part) in [
        (json!([]), "refused", "which no gate judged"),
        (json!([{"type": "proof", "description": "it works"}]), "refused", "which no gate judged"),
        (json!([{"type": "proof", "description": "/api/orders works"}]), "refused", "no own check of /api/orders"),
        (json!([{"type": "proof", "description": "/api/users works"}]), "verified", "outside of a task"),
    ] {
        neighbour.answer_htask(json!({"evidence_required": required}));
        let (verdict, finding) = looked_up(&world, &neighbour, proof(seq)).await;
        assert_eq!(verdict, wanted, "{required}: {finding}");
        assert!(finding.contains(part), "{required}: {finding}");
    }
    let (verdict, finding) = looked_up(&world, &neighbour, NewEvidence { kind: "test".into(), ..proof(seq) }).await;
    assert!(verdict == "refused" && finding.contains("is no test"), "{finding}");
}

#[tokio::test]
async fn evidence_is_about_what_the_requirement_names_or_refused_by_name_with_a_fix() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&["/api/users", "/api/orders"])).await;
    let origin = world.production.url();
    for (required, missing) in [
        (json!({"description": "GET /api/orders and /api/users/ answer"}), None),
        (json!({"description": "the deploy answers", "url": format!("{origin}/api/orders?page=1")}), None),
        (json!({"description": "the deploy answers"}), None),
        (json!({"description": "POST /api/orders makes one"}), Some("POST /api/orders")),
        (json!({"description": "/api/orders, then /api/cart"}), Some("/api/cart")),
        (json!({"url": "https://elsewhere.example/api/orders"}), Some("https://elsewhere.example/api/orders")),
    ] {
        let mut requirement = required.clone();
        requirement["type"] = json!("proof");
        neighbour.answer_htask(json!({"evidence_required": [requirement]}));
        let (verdict, finding) = looked_up(&world, &neighbour, run(&done.task_id)).await;
        match missing {
            None => assert_eq!(verdict, "verified", "{required}: {finding}"),
            Some(path) => {
                assert_eq!(verdict, "refused", "{required}: {finding}");
                let told =
                    format!("no own check of {path}, which the htask's evidence must show: prove it with run_task");
                assert!(finding.contains(&told) && finding.contains("htask_id h1"), "{required}: {finding}");
            }
        }
    }
}

#[tokio::test]
async fn a_run_or_proof_that_is_older_than_the_htask_is_no_evidence_of_it() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&PATHS)).await;
    let of_check = "SELECT seq FROM ledger_entries WHERE kind='proof' AND canonical LIKE '%task_check_1%'";
    let seq = world.sqlite3(of_check).trim().to_owned();
    for (created_at, wanted) in [("2001-01-01T00:00:00Z", "verified"), ("2999-01-01T00:00:00Z", "refused")] {
        neighbour.answer_htask(json!({"created_at": created_at}));
        for item in [run(&done.task_id), proof(&seq)] {
            let (verdict, finding) = looked_up(&world, &neighbour, item).await;
            assert_eq!(verdict, wanted, "{finding}");
            assert_eq!(finding.contains("older than the htask"), wanted == "refused", "{finding}");
        }
    }
}

#[tokio::test]
async fn a_commit_that_is_not_in_heads_history_is_no_evidence() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&PATHS)).await;
    git(&world.repository(), &["commit", "--quiet", "--allow-empty", "--message", "second"]);
    let (verdict, finding) = looked_up(&world, &neighbour, run(&done.task_id)).await;
    assert_eq!(verdict, "verified", "an ancestor: {finding}");
    git(&world.repository(), &["checkout", "--quiet", "--orphan", "other"]);
    git(&world.repository(), &["commit", "--quiet", "--allow-empty", "--message", "another history"]);
    let (verdict, finding) = looked_up(&world, &neighbour, run(&done.task_id)).await;
    assert_eq!(verdict, "refused", "{finding}");
    assert!(finding.contains("not in HEAD's history") && finding.contains("run_task"), "{finding}");
}

#[tokio::test]
async fn a_proof_that_is_not_the_tasks_own_is_no_evidence() {
    let (world, neighbour) = world().await;
    world.run(world.request(&PATHS)).await;
    let health = "SELECT min(seq) FROM ledger_entries WHERE kind='proof' AND canonical LIKE '%\"kind\":\"health\"%'";
    let (verdict, finding) = looked_up(&world, &neighbour, proof(world.sqlite3(health).trim())).await;
    assert_eq!(verdict, "refused", "{finding}");
    assert!(finding.contains("not of a check of the task's own"), "{finding}");
}

#[tokio::test]
async fn one_run_meets_only_the_requirements_that_it_is_about() {
    let world = World::new().await;
    let swarm_id = world.orchestrator.create_swarm(NewSwarm::named("s")).await.expect("made").swarm_id;
    let required = |text: &str| EvidenceRequirement {
        kind: "proof".into(),
        description: text.into(),
        ..EvidenceRequirement::default()
    };
    let task = NewHTask {
        evidence_required: vec![required("/api/users answers"), required("/api/orders answers")],
        ..NewHTask::new(swarm_id.clone(), "Ship it", "to production", "ada")
    };
    let task_id = world.orchestrator.create_htask(task).await.expect("made").task_id;
    let users = world.run(world.request(&["/api/users"])).await;
    let twice = vec![run(&users.task_id), run(&users.task_id)];
    let request = || CompleteRequest::new(swarm_id.clone(), task_id.clone());
    let error = world.orchestrator.complete_htask(CompleteRequest { evidence: twice, ..request() }).await;
    let error = error.expect_err("orders are missing");
    assert_eq!(error.code(), "evidence_missing", "{error}");
    assert!(error.to_string().contains("/api/orders") && !error.to_string().contains("/api/users"), "{error}");
    let orders = world.run(world.request(&["/api/orders"])).await;
    let both = vec![run(&orders.task_id), run(&users.task_id)];
    world.orchestrator.complete_htask(CompleteRequest { evidence: both, ..request() }).await.expect("completed");
    assert_eq!(world.sqlite3("SELECT status FROM htasks"), "COMPLETED");
}

#[tokio::test]
async fn what_the_ledger_does_not_hold_as_passed_is_refused_with_the_reason() {
    let (world, neighbour) = world().await;
    world.production.answer("/api/users", Answer::status(401));
    let url = |path: &str| format!("{}{path}", world.production.url());
    let none = CancellationToken::new();
    let failed = world.orchestrator.validate_endpoint(LiveCheck::get(url("/api/users")), &none).await.expect("a proof");
    let unseen = LiveCheck::get("http://127.0.0.1:9/nobody-listens");
    let unseen = world.orchestrator.validate_endpoint(unseen, &none).await.expect("a proof");
    let report = world.run(world.request(&PATHS)).await;
    assert_eq!(report.status, TaskStatus::ProdFail);
    let created = world.sqlite3("SELECT seq FROM ledger_entries WHERE kind='task_created'");
    let cases = [
        (proof(failed.seq.expect("a number")), "failed: "),
        (proof(unseen.seq.expect("a number")), "is unverified: "),
        (proof(created.trim()), "is not a proof"),
        (proof(99_999), "no entry 99999"),
        (proof(format!("sha256:{}", "ab".repeat(32))), "no entry sha256:"),
        (proof("yesterday"), "is not a proof"),
        (run(&report.task_id), "is prod_fail (failed)"),
        (run("task_0193"), "is not a task id"),
        (run(format!("task_{}", "0".repeat(32))), "task_000"),
        (NewEvidence { task_id: Some(report.task_id.to_string()), ..proof(1) }, "not both"),
    ];
    for (item, why) in cases {
        let (verdict, finding) = looked_up(&world, &neighbour, item.clone()).await;
        assert_eq!(verdict, "refused", "{item:?}: {finding}");
        assert!(finding.contains(why), "{item:?}: {finding}");
    }
    assert!(neighbour.asked("complete").is_empty());
}

#[tokio::test]
async fn a_run_is_verified_by_the_ledgers_decision_and_a_forged_status_is_not_believed() {
    let (world, neighbour) = world().await;
    let done = world.run(world.request(&PATHS)).await;
    let (verdict, finding) = looked_up(&world, &neighbour, run(&done.task_id)).await;
    assert_eq!(verdict, "verified", "{finding}");
    assert!(finding.contains("is done, attempt 1, 4 distinct proofs"), "{finding}");
    world.production.answer("/api/users", Answer::status(401));
    let failed = world.run(world.request(&PATHS)).await;
    for trigger in world.sqlite3("SELECT name FROM sqlite_master WHERE type='trigger'").lines() {
        world.sqlite3(&format!("DROP TRIGGER {trigger}"));
    }
    world.sqlite3(&format!("UPDATE tasks SET status='done', cause=NULL WHERE id='{}'", failed.task_id));
    let (verdict, finding) = looked_up(&world, &neighbour, run(&failed.task_id)).await;
    assert_eq!(verdict, "refused", "{finding}");
    assert!(finding.contains("the store says"), "{finding}");
}

#[tokio::test]
async fn a_run_whose_tests_nobody_counted_is_a_proof_and_no_test() {
    let (world, neighbour) = world().await;
    let (htask_id, swarm_id) = (HTaskId::parse("h1").ok(), SwarmId::parse("s1").ok());
    for (index, local_tests) in
        [vec![], vec!["true".to_owned()], vec!["echo 'Tests: 143 passed'".to_owned()]].into_iter().enumerate()
    {
        let (htask_id, swarm_id) = (htask_id.clone(), swarm_id.clone());
        let request = RunRequest { htask_id, swarm_id, local_tests: Some(local_tests), ..world.request(&PATHS) };
        let done = world.run(request).await;
        let kinds: Vec<_> = neighbour.attached().into_iter().map(|item| item.given.kind).collect();
        assert_eq!(kinds, vec!["proof"; index + 1]);
        let as_test = NewEvidence { kind: "test".into(), ..run(&done.task_id) };
        let (verdict, finding) = looked_up(&world, &neighbour, as_test).await;
        assert_eq!(verdict, "refused", "{finding}");
        assert!(finding.contains("no test of it was counted") && finding.contains("test runner itself"), "{finding}");
    }
}

#[tokio::test]
async fn words_are_a_claim_and_lose_their_secrets() {
    let (world, neighbour) = world().await;
    let words = NewEvidence {
        kind: "note".into(),
        description: Some("worked with password=hunter2-in-words".into()),
        url: Some("https://user:hunter2-in-url@ci.example.com/1".into()),
        metadata: serde_json::json!({ "token": "hunter2-in-metadata" }).as_object().cloned(),
        ..NewEvidence::default()
    };
    let (verdict, finding) = looked_up(&world, &neighbour, words).await;
    assert_eq!((verdict.as_str(), finding.as_str()), ("claimed", ""));
    let told = neighbour.asked("complete").pop().expect("completed").to_string();
    assert!(told.contains("worked with") && !told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn what_runs_of_an_htask_have_proven_is_added_once() {
    let (world, neighbour) = world().await;
    let (htask_id, swarm_id) = (HTaskId::parse("h1").ok(), SwarmId::parse("s1").ok());
    let local_tests = Some(vec![world.counted_tests()]);
    let request = RunRequest { htask_id, swarm_id, local_tests, ..world.request(&PATHS) };
    let done = world.run(request.clone()).await;
    assert!(done.next_step.contains("complete htask h1 with htask_complete"), "{}", done.next_step);
    let later = world.orchestrator.task_status(done.task_id.as_str(), std::time::Duration::ZERO).await;
    assert_eq!(later.expect("a report").next_step, done.next_step);
    world.production.answer("/api/users", Answer::status(401));
    assert_eq!(world.run(request).await.status, TaskStatus::ProdFail);
    let attached = neighbour.attached();
    let kinds: Vec<_> = attached.iter().map(|item| (item.given.kind.as_str(), item.verdict)).collect();
    assert_eq!(kinds, [("proof", EvidenceVerdict::Verified), ("test", EvidenceVerdict::Verified)], "{attached:#?}");
    assert!(attached.iter().all(|item| item.given.task_id.as_deref() == Some(done.task_id.as_str())));
    // Attached already: nothing is added.
    world.orchestrator.complete_htask(bare(htask())).await.expect("completed");
    let evidence = |call: &Value| call["evidence"].as_array().expect("evidence").len();
    assert_eq!(evidence(&neighbour.asked("complete")[0]), 0);
    // Another htask has none of it.
    let other = HTaskRef { task_id: HTaskId::parse("h2").expect("an id"), ..htask() };
    world.orchestrator.complete_htask(bare(other)).await.expect("completed");
    assert_eq!(evidence(&neighbour.asked("complete")[1]), 0);
    // When nobody can tell what it has to be about, nothing is added, and nothing that is named is verified.
    neighbour.misbehave("get", crate::support::neighbour::Fault::Panics);
    world.orchestrator.complete_htask(bare(htask())).await.expect("completed");
    assert_eq!(evidence(&neighbour.asked("complete")[2]), 0);
    let named = CompleteRequest { evidence: vec![run(&done.task_id)], ..bare(htask()) };
    let error = world.orchestrator.complete_htask(named).await.expect_err("not looked up");
    assert_eq!(neighbour.asked("complete").len(), 3, "{error}");
}
