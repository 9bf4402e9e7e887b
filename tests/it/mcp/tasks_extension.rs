//! The Tasks extension: a run as a task of the protocol, which the book alone answers for.

use rmcp::ServiceError;
use rmcp::model::{
    CallToolResponse, CancelTaskParams, ErrorCode, GetTaskParams, InputResponses, Task, TaskStatus, UpdateTaskParams,
};
use serde_json::{Value, json};

use super::place::Place;
use crate::support::mcp_client::{Client, Era, every_tool};
use crate::support::mcp_process::{McpProcess, runs};
use crate::support::patience::until;
use crate::support::person::{Person, Session, call, json_of};
use crate::support::production::{Answer, Behaviour};
use crate::support::world::{PATHS, World};

fn task() -> Value {
    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": [], "live_checks": checks})
}

async fn begun(session: &Session, arguments: Value) -> Task {
    match session.call_once(call("run_task", arguments)).await {
        CallToolResponse::Task(created) => created.task,
        other => panic!("no task: {other:?}"),
    }
}

/// Our own task of a protocol's task.
fn ours(id: &str) -> &str {
    id.rsplit_once('.').expect("task and attempt").0
}

fn code(error: ServiceError) -> ErrorCode {
    let ServiceError::McpError(error) = error else { panic!("{error}") };
    error.code
}

#[tokio::test]
async fn a_run_is_a_task_and_its_result_is_what_run_task_answers() {
    let world = World::new().await;
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let task = begun(&session, task()).await;
    assert_eq!((task.status, task.ttl_ms), (TaskStatus::Working, None), "the book is kept");
    let answer = session.ended_task(&task.task_id).await;
    assert_eq!((&answer["status"], &answer["createdAt"]), (&json!("completed"), &json!(task.created_at)), "{answer}");
    assert!(answer["lastUpdatedAt"].as_str() >= Some(task.created_at.as_str()), "{answer}");
    assert_eq!(answer["result"]["structuredContent"]["status"], "done", "{answer}");
    assert!(answer["statusMessage"].as_str().expect("text").starts_with("done: "), "{answer}");
    // The same by another way: a client that does not know tasks.
    let plain = Client::of(&world, Era::Discover).await;
    let status = plain.call("task_status", json!({"task_id": ours(&task.task_id)})).await.expect("a result");
    assert_eq!(answer["result"], json_of(&status));
}

/// The Inspector names the extension at `initialize` and takes a task for a result without content.
#[tokio::test]
async fn a_client_of_the_older_era_gets_the_result_whatever_it_named() {
    let world = World::new().await;
    let session = Person::with_tasks().meets(&world, Era::Initialize).await;
    let answer = session.call_once(call("run_task", task())).await;
    let CallToolResponse::Complete(result) = answer else { panic!("{answer:?}") };
    let report = result.structured_content.expect("a report");
    assert_eq!(report["status"], "done");
    let attempt = format!("{}.1", report["task_id"].as_str().expect("an id"));
    assert_eq!(session.task(&attempt).await["status"], "completed", "it may look at it as a task all the same");
}

#[tokio::test]
async fn a_refusal_by_the_gate_is_a_completed_task() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let task = begun(&session, task()).await;
    let answer = session.ended_task(&task.task_id).await;
    assert_eq!(answer["status"], "completed", "{answer}");
    let report = &answer["result"]["structuredContent"];
    assert_eq!((&report["status"], &report["failing"][0]["response_code"]), (&json!("prod_fail"), &json!(403)));
}

#[tokio::test]
async fn a_client_that_does_not_know_tasks_gets_an_answer_and_no_task() {
    let world = World::new().await;
    for era in Era::BOTH {
        let session = Person::default().meets(&world, era).await;
        let answer = session.call_once(call("run_task", task())).await;
        let CallToolResponse::Complete(result) = answer else { panic!("{answer:?}") };
        let id = result.structured_content.expect("a report")["task_id"].as_str().expect("an id").to_owned();
        let refused = session.0.get_task(GetTaskParams::new(format!("{id}.1"))).await.expect_err("refused");
        assert_eq!(code(refused).0, -32021, "missing required client capability");
    }
}

#[tokio::test]
async fn bad_arguments_are_answered_at_once_and_no_task_is_made() {
    let world = World::new().await;
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let mut wrong = task();
    wrong["required_proofs"] = json!(0);
    let [code, message, _] = session.refusal("run_task", wrong).await;
    assert!(code == "invalid_input" && message.contains("required_proofs"), "{message}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM tasks"), "0");
}

#[tokio::test]
async fn a_working_task_tells_its_phase_and_is_stopped_by_a_cancellation() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::status(200).behaving(Behaviour::Hang));
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let before = world.production.count("/api/cart");
    let task = begun(&session, task()).await;
    until("production is asked", || world.production.count("/api/cart") > before).await;
    let mut answer = session.task(&task.task_id).await;
    // The drift check asks production, too.
    while answer["statusMessage"] == "local_ok: drift check" {
        answer = session.task(&task.task_id).await;
    }
    assert_eq!((&answer["status"], &answer["pollIntervalMs"]), (&json!("working"), &json!(1_000)), "{answer}");
    assert_eq!(answer["statusMessage"], "validating: production checks");
    session.0.cancel_task(CancelTaskParams::new(&task.task_id)).await.expect("acknowledged");
    let answer = session.ended_task(&task.task_id).await;
    assert_eq!((&answer["status"], answer.get("result")), (&json!("cancelled"), None), "{answer}");
    let ended = format!("SELECT state, cancel_requested FROM runs WHERE task_id = '{}'", ours(&task.task_id));
    assert!(world.sqlite3(&ended).starts_with("ended|"), "it was written by the run itself");
}

#[tokio::test]
async fn what_does_not_exist_is_a_wrong_parameter() {
    let world = World::new().await;
    let begins = Person::with_tasks().meets(&world, Era::Discover).await;
    let known = begun(&begins, task()).await.task_id;
    begins.ended_task(&known).await;
    for era in Era::BOTH {
        let session = Person::with_tasks().meets(&world, era).await;
        let next_attempt = format!("{}.2", ours(&known));
        let nobodys = format!("task_{}.1", uuid::Uuid::now_v7().simple());
        for id in ["", "x", ours(&known), &next_attempt, &nobodys, &format!("{known}0"), "../../etc/passwd.1"] {
            let get = session.0.get_task(GetTaskParams::new(id)).await.expect_err("unknown");
            let update = session.0.update_task(UpdateTaskParams::new(id, InputResponses::new())).await;
            let cancel = session.0.cancel_task(CancelTaskParams::new(id)).await.expect_err("unknown");
            for error in [get, update.expect_err("unknown"), cancel] {
                assert_eq!(code(error), ErrorCode::INVALID_PARAMS, "{id}");
            }
        }
    }
}

#[tokio::test]
async fn an_ended_task_is_neither_cancelled_nor_updated() {
    let world = World::new().await;
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let id = begun(&session, task()).await.task_id;
    let before = session.ended_task(&id).await;
    session.0.cancel_task(CancelTaskParams::new(&id)).await.expect("acknowledged");
    let unasked = InputResponses::from([("word".to_owned(), json!({"action": "accept"}))]);
    session.0.update_task(UpdateTaskParams::new(&id, unasked)).await.expect("acknowledged");
    assert_eq!(session.task(&id).await, before);
}

#[tokio::test]
async fn each_attempt_keeps_its_own_outcome() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let first = begun(&session, task()).await.task_id;
    assert_eq!(session.ended_task(&first).await["result"]["structuredContent"]["status"], "prod_fail");
    world.production.answer("/api/cart", Answer::text(200, "[]"));
    let second = begun(&session, json!({"task_id": ours(&first)})).await.task_id;
    assert_eq!(second, format!("{}.2", ours(&first)));
    assert_eq!(session.ended_task(&second).await["result"]["structuredContent"]["status"], "done");
    let earlier = session.task(&first).await;
    let report = &earlier["result"]["structuredContent"];
    assert_eq!((&report["status"], &report["attempt"]), (&json!("prod_fail"), &json!(1)), "{earlier}");
}

#[tokio::test]
async fn an_earlier_attempt_that_was_edited_into_done_is_not_believed() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let first = begun(&session, task()).await.task_id;
    session.ended_task(&first).await;
    let second = begun(&session, json!({"task_id": ours(&first)})).await.task_id;
    session.ended_task(&second).await;
    world.edit("UPDATE runs SET report = json_set(report, '$.status', 'done') WHERE attempt = 1").await;
    let refused = session.0.get_task(GetTaskParams::new(&first)).await.expect_err("refused");
    assert_eq!(code(refused), ErrorCode::INTERNAL_ERROR);
}

#[tokio::test]
async fn another_process_answers_for_a_task_that_runs_here() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::status(200).behaving(Behaviour::Hang));
    let session = Person::with_tasks().meets(&world, Era::Discover).await;
    let id = begun(&session, task()).await.task_id;
    until("production is asked", || world.production.count("/api/cart") > 0).await;
    let another = world.another();
    let opener: snipara_orchestrator::mcp::Opener = std::sync::Arc::new(move || {
        let another = another.clone();
        Box::pin(async move { Ok(another) })
    });
    let server = snipara_orchestrator::mcp::Server::new(&every_tool(), opener).expect("options");
    let elsewhere = Person::with_tasks().opens(server, Era::Initialize).await;
    assert_eq!(elsewhere.task(&id).await["status"], "working");
    elsewhere.0.cancel_task(CancelTaskParams::new(&id)).await.expect("acknowledged");
    assert_eq!(session.ended_task(&id).await["status"], "cancelled");
}

/// What a client of 2026-07-28 that knows tasks says with each request.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
    })
}

/// Opens a session of a client that knows tasks.
async fn opened(place: &Place) -> McpProcess {
    let mut server = place.start(&["--allow-any-command"]);
    let answer = server.ask("server/discover", json!({"_meta": meta()})).await;
    assert!(answer["result"]["capabilities"]["extensions"]["io.modelcontextprotocol/tasks"].is_object(), "{answer}");
    server
}

async fn started(server: &mut McpProcess, arguments: Value) -> Value {
    let params = json!({"name": "run_task", "arguments": arguments, "_meta": meta()});
    server.ask("tools/call", params).await["result"].clone()
}

async fn asked(server: &mut McpProcess, id: &Value) -> Value {
    server.ask("tasks/get", json!({"taskId": id, "_meta": meta()})).await["result"].clone()
}

#[tokio::test]
async fn a_restarted_server_still_answers_the_recorded_outcome() {
    let place = Place::new().await;
    let mut server = opened(&place).await;
    let created = started(&mut server, task()).await;
    let id = &created["taskId"];
    assert_eq!((&created["resultType"], &created["status"]), (&json!("task"), &json!("working")), "{created}");
    let mut answer = asked(&mut server, id).await;
    while answer["status"] == "working" {
        answer = asked(&mut server, id).await;
    }
    assert_eq!(answer["result"]["structuredContent"]["status"], "done", "{answer}");
    assert!(server.hang_up().await);
    let mut next = opened(&place).await;
    assert_eq!(asked(&mut next, id).await, answer);
}

#[tokio::test]
async fn a_killed_server_is_told_of_by_the_next_one_as_a_failure_with_its_reason() {
    let place = Place::new().await;
    let mut server = opened(&place).await;
    let marker = format!("86311.{}", std::process::id());
    let mut endless = task();
    endless["local_tests"] = json!([format!("sleep {marker}")]);
    let created = started(&mut server, endless).await;
    until("the local test runs", || runs(&marker)).await;
    server.signal("KILL");
    server.ended().await;
    let mut next = opened(&place).await;
    let answer = asked(&mut next, &created["taskId"]).await;
    assert_eq!((&answer["status"], &answer["error"]["code"]), (&json!("failed"), &json!(-32603)), "{answer}");
    assert_eq!(answer["error"]["data"]["code"], "interrupted", "{answer}");
    assert!(answer["error"]["message"].as_str().expect("text").contains("the process that ran it is gone"));
    until("what it left is ended", || !runs(&marker)).await;
}

#[tokio::test]
async fn a_cancellation_kills_the_processes_of_the_run() {
    let place = Place::new().await;
    let mut server = opened(&place).await;
    let marker = format!("86312.{}", std::process::id());
    let mut endless = task();
    endless["local_tests"] = json!([format!("sleep {marker}")]);
    let created = started(&mut server, endless).await;
    until("the local test runs", || runs(&marker)).await;
    let acknowledged = server.ask("tasks/cancel", json!({"taskId": created["taskId"], "_meta": meta()})).await;
    assert!(acknowledged["result"].is_object(), "{acknowledged}");
    until("the local test is over", || !runs(&marker)).await;
    assert!(server.hang_up().await);
    let mut next = opened(&place).await;
    assert_eq!(asked(&mut next, &created["taskId"]).await["status"], "cancelled");
}

#[tokio::test]
async fn parameters_of_another_form_are_named_as_such() {
    let place = Place::new().await;
    let mut server = opened(&place).await;
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let answer = server.ask(method, json!({"task": 1, "_meta": meta()})).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}
