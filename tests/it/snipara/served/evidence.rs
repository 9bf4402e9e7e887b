//! What another server verified is its claim here.

use serde_json::{Value, json};
use snipara_orchestrator::domain::{
    CompleteRequest, EvidenceVerdict, HTaskRef, NewEvidence, NewHTask, NewSwarm, Policy, TaskStatus,
};
use snipara_orchestrator::orchestrator::RunRequest;

use crate::support::served::Served;
use crate::support::world::{PATHS, Settings, World};

async fn remote(policy: Policy) -> (World, Served, World) {
    let there = World::with(Settings { policy, ..Settings::default() }).await;
    let served = Served::over(&there).await;
    let snipara = Some(served.client("any-key-will-do-here").into_snipara());
    let here = World::with(Settings { snipara, ..Settings::default() }).await;
    (there, served, here)
}

/// Makes an htask over there.
async fn htask(here: &World) -> HTaskRef {
    let swarm_id = here.orchestrator.create_swarm(NewSwarm::named("s")).await.expect("made").swarm_id;
    let task = NewHTask::new(swarm_id.clone(), "Ship it", "to production", "ada");
    let task_id = here.orchestrator.create_htask(task).await.expect("made").task_id;
    HTaskRef { swarm_id, task_id }
}

#[tokio::test]
async fn what_a_run_here_proved_completes_an_htask_there_and_stays_a_claim_there() {
    let (there, _served, here) = remote(Policy::default()).await;
    let htask = htask(&here).await;
    let (htask_id, swarm_id) = (Some(htask.task_id.clone()), Some(htask.swarm_id.clone()));
    let done = here.run(RunRequest { htask_id, swarm_id, ..here.request(&PATHS) }).await;
    assert_eq!(done.status, TaskStatus::Done, "{done:?}");
    let named = NewEvidence { kind: "proof".into(), task_id: Some(done.task_id.to_string()), ..NewEvidence::default() };
    let request =
        CompleteRequest { evidence: vec![named], ..CompleteRequest::new(htask.swarm_id, htask.task_id.clone()) };
    let completed = here.orchestrator.complete_htask(request).await.expect("completed");
    assert!(completed.evidence.iter().all(|item| item.verdict == EvidenceVerdict::Claimed), "{completed:?}");

    let sql = format!("SELECT evidence_provided FROM htasks WHERE id='{}'", htask.task_id);
    let kept: Value = serde_json::from_str(&there.sqlite3(&sql)).expect("JSON");
    let kept = kept.as_array().expect("a list");
    assert!(!kept.is_empty() && kept.iter().all(|item| item["verdict"] == "claimed"), "{kept:?}");
    let sender = &kept[0]["metadata"]["sender"];
    assert_eq!((&sender["verdict"], &sender["task_id"]), (&json!("verified"), &json!(done.task_id)), "{kept:?}");
}

#[tokio::test]
async fn a_policy_that_accepts_no_claims_refuses_what_another_server_says() {
    let policy = Policy { require_verified_evidence: true, ..Policy::default() };
    let (there, served, here) = remote(policy).await;
    let htask = htask(&here).await;
    let said = json!([{ "type": "proof", "task_id": "task_elsewhere", "verdict": "verified", "finding": "all green" }]);
    let of_task = json!({ "swarm_id": htask.swarm_id, "task_id": htask.task_id });
    for (tool, name, value) in [
        ("snipara_htask_complete", "evidence", said.clone()),
        ("snipara_htask_update", "updates", json!({ "evidenceProvided": said })),
    ] {
        let mut arguments = of_task.clone();
        arguments[name] = value;
        let result = served.call(tool, arguments).await;
        assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("evidence_refused")), "{result}");
        assert_eq!(result["isError"], true);
    }
    let sql = "SELECT status || ' ' || evidence_provided FROM htasks";
    assert_eq!(there.sqlite3(sql).trim(), "PENDING []");
}

#[tokio::test]
async fn a_run_that_nobody_knows_is_refused_as_evidence() {
    let (there, served, here) = remote(Policy::default()).await;
    let htask = htask(&here).await;
    let said = json!([{ "type": "proof", "task_id": "task_elsewhere" }]);
    let arguments = json!({ "swarm_id": htask.swarm_id, "task_id": htask.task_id, "evidence": said });
    let result = served.call("snipara_htask_complete", arguments).await;
    assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("evidence_refused")), "{result}");
    assert_eq!(there.sqlite3("SELECT status FROM htasks").trim(), "PENDING");
}

#[tokio::test]
async fn a_client_of_the_contract_that_names_nobody_is_the_holder_and_a_named_other_is_not() {
    let (there, served, here) = remote(Policy::default()).await;
    let htask = htask(&here).await;
    let claim = json!({ "swarm_id": htask.swarm_id, "claim_for_agent": "bob" });
    let claimed = served.call("snipara_htask_recommend_batch", claim).await;
    assert_eq!(claimed["tasks"][0]["task_id"], json!(htask.task_id), "{claimed}");
    let evidence = json!([{ "type": "note", "description": "It works." }]);
    let complete = json!({ "swarm_id": htask.swarm_id, "task_id": htask.task_id, "evidence": evidence });
    let mut by_eve = complete.clone();
    by_eve["agent_id"] = json!("eve");
    let refused = served.call("snipara_htask_complete", by_eve).await;
    assert_eq!((&refused["code"], &refused["claimed_by"]), (&json!("held"), &json!("bob")), "{refused}");
    assert_eq!(there.sqlite3("SELECT status FROM htasks"), "IN_PROGRESS");
    let done = served.call("snipara_htask_complete", complete).await;
    assert_eq!(done["status"], json!("COMPLETED"), "{done}");
}
