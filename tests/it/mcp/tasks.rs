//! Whole tasks through the real server and a real client, in one process.

use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, ClientRequest, ReadResourceRequestParams, Request, ResourceContents};
use rmcp::service::{PeerRequestOptions, RequestHandle};
use serde_json::{Value, json};
use snipara_orchestrator::domain::TaskId;
use snipara_orchestrator::mcp::CallLimits;

use crate::support::mcp_client::{Client, Era, every_tool, opener};
use crate::support::patience::until;
use crate::support::production::{Answer, Behaviour};
use crate::support::world::{PATHS, World};

fn task(paths: &[&str]) -> Value {
    let checks: Vec<_> = paths.iter().map(|path| json!({"url": path})).collect();
    json!({"title": "Deploy", "local_tests": [], "live_checks": checks})
}

async fn structured(client: &Client, tool: &str, arguments: Value) -> Value {
    let result = client.call(tool, arguments).await.expect("a result");
    assert_ne!(result.is_error, Some(true), "{result:?}");
    let text = &result.content[0].as_text().expect("text").text;
    let output = result.structured_content.expect("structured content");
    let next_step = output["next_step"].as_str().expect("a next step");
    assert!(text.contains(next_step), "{text}");
    output
}

async fn read(client: &Client, uri: String) -> Value {
    let result = client.session.read_resource(ReadResourceRequestParams::new(uri)).await.expect("read");
    let [ResourceContents::TextResourceContents { text, .. }] = result.contents.as_slice() else { panic!("one text") };
    serde_json::from_str(text).expect("json")
}

#[tokio::test]
async fn a_task_is_proven_in_both_eras_and_its_links_can_be_read() {
    let world = World::new().await;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let report = structured(&client, "run_task", task(&PATHS)).await;
        assert_eq!((report["status"].as_str(), report["running"].as_bool()), (Some("done"), Some(false)), "{report}");
        let id = report["task_id"].as_str().expect("an id");
        assert_eq!(read(&client, format!("task://{id}")).await["status"], "done");
        assert_eq!(read(&client, format!("checklist://{id}")).await["task_id"], id);
        assert_eq!(read(&client, format!("receipt://{id}/1")).await["_type"], "https://in-toto.io/Statement/v1");
        assert!(read(&client, "ledger://head".to_owned()).await["entries"].as_u64().expect("a count") > 0);
        let verified = structured(&client, "verify_proofs", json!({})).await;
        assert_eq!(verified["verified"], true);
    }
}

#[tokio::test]
async fn a_task_whose_check_fails_is_refused_with_the_failing_row() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    let client = Client::of(&world, Era::Initialize).await;
    let report = structured(&client, "run_task", task(&PATHS)).await;
    assert_eq!((report["status"].as_str(), report["cause"].as_str()), (Some("prod_fail"), Some("failed")), "{report}");
    assert_eq!(report["failing"][0]["response_code"], 403);
    let status = structured(&client, "task_status", json!({"task_id": report["task_id"]})).await;
    assert_eq!(status["gate"], report["gate"]);
}

#[tokio::test]
async fn a_new_task_over_mcp_must_say_its_local_tests() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let mut without = task(&PATHS);
    without.as_object_mut().expect("an object").remove("local_tests");
    let refused = client.failure("run_task", without).await;
    assert_eq!(refused["code"], "invalid_input");
    assert!(refused["message"].as_str().expect("text").contains("local_tests"), "{refused}");
    assert_eq!(world.production.received().len(), 0);
}

#[tokio::test]
async fn a_run_that_takes_longer_says_so_and_goes_on_until_it_is_cancelled() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::status(200).behaving(Behaviour::Hang));
    let client = Client::of(&world, Era::Initialize).await;
    let mut asked = task(&PATHS);
    asked["wait_seconds"] = json!(0);
    let report = structured(&client, "run_task", asked).await;
    assert_eq!(report["running"], true, "{report}");
    let id = report["task_id"].as_str().expect("an id");
    let next_step = report["next_step"].as_str().expect("text");
    assert!(next_step.contains("task_status") && next_step.contains(id), "{next_step}");
    let cancelled = structured(&client, "task_cancel", json!({"task_id": id})).await;
    assert_eq!((cancelled["running"].as_bool(), cancelled["cause"].as_str()), (Some(false), Some("cancelled")));
}

#[tokio::test]
async fn cancelling_the_request_cancels_the_run() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::status(200).behaving(Behaviour::Hang));
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let before = world.production.count("/api/cart");
        let handle = begin(&client, "run_task", &task(&PATHS)).await;
        until("the run asks production", || world.production.count("/api/cart") > before).await;
        let tasks = world.orchestrator.tasks(1).await.expect("tasks");
        handle.cancel(None).await.expect("cancelled");
        let id: &TaskId = &tasks[0].id;
        let status = structured(&client, "task_status", json!({"task_id": id})).await;
        let (running, cause) = (status["running"].as_bool(), status["cause"].as_str());
        assert_eq!((running, cause), (Some(false), Some("cancelled")), "{status}");
    }
}

#[tokio::test]
async fn a_cancelled_wait_gives_its_turn_back_and_leaves_the_run_alone() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::status(200).behaving(Behaviour::Hang));
    let limits = CallLimits { at_once: 1, ..CallLimits::default() };
    for era in Era::BOTH {
        let client = Client::with_limits(era, every_tool(), opener(&world), limits).await;
        let mut asked = task(&PATHS);
        asked["wait_seconds"] = json!(0);
        let id = structured(&client, "run_task", asked).await["task_id"].clone();
        let wait = begin(&client, "task_status", &json!({"task_id": id, "wait_seconds": 600})).await;
        wait.cancel(None).await.expect("cancelled");
        let status = structured(&client, "task_status", json!({"task_id": id, "wait_seconds": 0})).await;
        assert_eq!(status["running"], true, "{status}");
        structured(&client, "task_cancel", json!({"task_id": id})).await;
    }
}

async fn begin(client: &Client, tool: &'static str, arguments: &Value) -> RequestHandle<RoleClient> {
    let mut call = CallToolRequestParams::new(tool);
    call.arguments = arguments.as_object().cloned();
    let request = ClientRequest::CallToolRequest(Request::new(call));
    client.session.send_cancellable_request(request, PeerRequestOptions::default()).await.expect("sent")
}

#[tokio::test]
async fn an_endpoint_and_drift_are_answered_and_recorded() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let proof = structured(&client, "validate_endpoint", json!({"url": "/api/users"})).await;
    assert_eq!((proof["result"].as_str(), proof["response_code"].as_u64()), (Some("pass"), Some(200)), "{proof}");
    let seq = proof["seq"].as_u64().expect("a place");
    assert_eq!(read(&client, format!("proof://{seq}")).await["kind"], "proof");
    let drift = structured(&client, "check_drift", json!({"routes": ["/api/none"], "check_version": false})).await;
    assert_eq!(drift["has_drift"], true, "{drift}");
    assert!(drift["issues"][0].as_str().expect("text").contains("/api/none"));
}

#[tokio::test]
async fn a_checklist_is_generated_and_nothing_is_executed() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let checks = json!({"live_checks": [{"url": "/api/users"}], "required_proofs": 1});
    let checklist = structured(&client, "cutover_checklist", checks).await;
    let items = checklist["items"].as_array().expect("items");
    assert!(items.iter().any(|item| item["name"] == "task_check_1"), "{checklist}");
    assert_eq!(world.production.received().len(), 0);
}

#[tokio::test]
async fn bad_input_gets_one_clear_error_and_nothing_is_written() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    let head = read(&client, "ledger://head".to_owned()).await;
    for (change, part) in [
        (json!({"title": ""}), "title"),
        (json!({"live_checks": []}), "live_check"),
        (json!({"required_proofs": 0}), "required_proofs"),
        (json!({"required_proofs": 8}), "required_proofs"),
        (json!({"live_checks": [{"url": "https://user:secret@example.com/"}]}), "password"),
        (json!({"live_checks": [{"url": "ftp://example.com/"}]}), "ftp"),
    ] {
        let mut asked = task(&PATHS);
        for (name, value) in change.as_object().expect("an object") {
            asked[name] = value.clone();
        }
        let refused = client.failure("run_task", asked).await;
        assert_eq!(refused["code"], "invalid_input", "{refused}");
        let message = refused["message"].as_str().expect("text");
        assert!(message.contains(part) && !message.contains("secret"), "{message}");
    }
    assert_eq!(read(&client, "ledger://head".to_owned()).await, head);
}
