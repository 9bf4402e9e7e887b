//! A person's consent: many memories, and a waiver, in both eras; and what a client without a person is told.

use rmcp::model::{CallToolResponse, ClientRequest, InputRequiredResult, InputResponses, Request};
use rmcp::service::PeerRequestOptions;
use serde_json::{Value, json};
use snipara_orchestrator::domain::{ClosurePolicy, Policy};
use snipara_orchestrator::mcp::{CallLimits, Server};

use crate::support::mcp_client::{Client, Era, every_tool, opener};
use crate::support::patience::until;
use crate::support::person::{Person, Session, call, json_of, refusal};
use crate::support::world::{Settings, World};

/// Returns a world with three failures that are remembered, and one memory of another kind.
async fn remembering() -> World {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for (content, category) in [
        ("The cart answers 403 behind the proxy.", "failures"),
        ("Migrations must run before the workers start.", "failures"),
        ("Invoices are sent at midnight UTC.", "failures"),
        ("The staging host is called birch.", "hosts"),
    ] {
        client.told("remember", json!({"content": content, "category": category})).await;
    }
    world
}

fn kept(world: &World) -> String {
    world.sqlite3("SELECT count(*) FROM memories")
}

fn failures() -> Value {
    json!({"category": "failures"})
}

/// Asks the way of 2026-07-28, by hand; returns the question.
async fn question(session: &Session, tool: &str, arguments: Value) -> InputRequiredResult {
    match session.call_once(call(tool, arguments)).await {
        CallToolResponse::InputRequired(question) => question,
        other => panic!("no question: {other:?}"),
    }
}

/// Answers a question by hand; returns the result.
async fn answered(session: &Session, tool: &str, arguments: Value, state: &str, typed: Value) -> Value {
    let responses = InputResponses::from([("word".to_owned(), json!({"action": "accept", "content": typed}))]);
    let again = call(tool, arguments).with_input_responses(responses).with_request_state(state);
    match session.call_once(again).await {
        CallToolResponse::Complete(result) => json_of(&result),
        other => panic!("no result: {other:?}"),
    }
}

#[tokio::test]
async fn many_memories_are_removed_when_a_person_types_how_many() {
    for era in Era::BOTH {
        let world = remembering().await;
        let person = Person::typing([json!({"count": "3"})]);
        let session = person.meets(&world, era).await;
        let result = session.call("forget", failures()).await;
        assert_eq!(result["structuredContent"]["deleted_count"], 3, "{result}");
        assert_eq!(kept(&world), "1");
        let [asked] = person.asked().try_into().expect("one form");
        let message = asked["message"].as_str().expect("text");
        assert!(message.contains("3 memories") && message.contains("Invoices are sent"), "{message}");
        assert!(message.contains("category failures"), "{message}");
        let schema = &asked["requestedSchema"];
        assert_eq!(
            (&schema["required"], &schema["properties"]["count"]["type"]),
            (&json!(["count"]), &json!("string"))
        );
    }
}

#[tokio::test]
async fn another_word_or_none_removes_nothing() {
    for era in Era::BOTH {
        let world = remembering().await;
        let person = Person::typing([json!({"count": "yes"}), json!({"count": "2"}), json!({"count": " "})]);
        let session = person.meets(&world, era).await;
        for expected in ["elicitation_rejected", "elicitation_rejected", "elicitation_rejected", "declined"] {
            let [code, message, _] = session.refusal("forget", failures()).await;
            assert_eq!(code, expected, "{message}");
        }
        assert_eq!((person.asked().len(), kept(&world).as_str()), (4, "4"));
    }
}

#[tokio::test]
async fn one_memory_needs_no_person() {
    let world = remembering().await;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let category = if era == Era::Initialize { "hosts" } else { "nothing-here" };
        let gone = client.told("forget", json!({"category": category})).await;
        assert_eq!(gone["deleted_count"], u64::from(era == Era::Initialize), "{gone}");
    }
    assert_eq!(kept(&world), "3");
}

#[tokio::test]
async fn a_client_without_a_person_is_told_what_a_person_runs() {
    let world = remembering().await;
    for era in Era::BOTH {
        let session = Person::default().meets(&world, era).await;
        let [code, message, hint] = session.refusal("forget", failures()).await;
        assert_eq!(code, "needs_a_person", "{message}");
        assert!(hint.contains("`snipara-orchestrator forget --category failures`"), "{hint}");
    }
    assert_eq!(kept(&world), "4");
}

#[tokio::test]
async fn an_answer_counts_once_and_for_its_own_question_only() {
    let world = remembering().await;
    let session = Person::typing([]).meets(&world, Era::Discover).await;
    let state = |question: InputRequiredResult| question.request_state.expect("a state");
    let all = json!({"type": "fact"});
    let of_all = state(question(&session, "forget", all.clone()).await);
    let of_failures = state(question(&session, "forget", failures()).await);

    let wrong = |result: Value| refusal(&result)[0].clone();
    let three = json!({"count": "3"});
    let swapped = answered(&session, "forget", failures(), &of_all, three.clone()).await;
    assert_eq!(wrong(swapped), "changed_meanwhile");
    for forged in ["", "rs1.e30.AAAA", &of_failures[..of_failures.len() - 2], &of_failures.replacen('.', ".A", 1)] {
        let result = answered(&session, "forget", failures(), forged, three.clone()).await;
        assert_eq!(wrong(result), "invalid_input", "{forged}");
    }
    assert_eq!(kept(&world), "4");

    let mistyped = answered(&session, "forget", failures(), &of_failures, json!({"count": "4"})).await;
    assert_eq!(wrong(mistyped), "elicitation_rejected");
    let again = answered(&session, "forget", failures(), &of_failures, three.clone()).await;
    assert_eq!(wrong(again), "invalid_input", "its one answer was given");
    assert_eq!(kept(&world), "4");
}

#[tokio::test]
async fn an_answer_does_not_count_for_memories_that_came_meanwhile() {
    let world = remembering().await;
    let session = Person::typing([]).meets(&world, Era::Discover).await;
    let asked = question(&session, "forget", failures()).await;
    let state = asked.request_state.expect("a state");
    let more = json!({"content": "Retries hide a slow database.", "category": "failures"});
    Client::of(&world, Era::Discover).await.told("remember", more).await;
    let result = answered(&session, "forget", failures(), &state, json!({"count": "3"})).await;
    assert_eq!(refusal(&result)[0], "changed_meanwhile");
    assert_eq!(kept(&world), "5");
}

#[tokio::test]
async fn another_process_of_the_same_state_folder_takes_the_answer() {
    let world = remembering().await;
    let first = Person::typing([]).meets(&world, Era::Discover).await;
    let state = question(&first, "forget", failures()).await.request_state.expect("a state");
    let server = Server::new(&every_tool(), opener(&world)).expect("options");
    let second = Person::typing([]).opens(server, Era::Discover).await;
    let result = answered(&second, "forget", failures(), &state, json!({"count": "3"})).await;
    assert_eq!(result["structuredContent"]["deleted_count"], 3, "{result}");
    // Nothing is left that the same answer could allow.
    let again = answered(&first, "forget", failures(), &state, json!({"count": "3"})).await;
    assert_eq!(again["structuredContent"]["deleted_count"], 0, "{again}");
}

#[tokio::test]
async fn a_call_that_is_cancelled_while_a_person_is_asked_gives_its_turn_back() {
    let world = remembering().await;
    let limits = CallLimits { at_once: 1, ..CallLimits::default() };
    let person = Person::silent();
    let server = Server::with_limits(&every_tool(), opener(&world), limits).expect("options");
    let session = person.opens(server, Era::Initialize).await;
    let request = ClientRequest::CallToolRequest(Request::new(call("forget", failures())));
    let asking = session.0.send_cancellable_request(request, PeerRequestOptions::default()).await.expect("sent");
    until("the person is asked", || !person.asked().is_empty()).await;
    asking.cancel(None).await.expect("cancelled");
    let result = session.call("recall", json!({"query": "staging host"})).await;
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!(kept(&world), "4");
}

/// Returns a world that allows waivers, with a workstream that has an open child.
async fn with_open_work() -> (World, String) {
    let policy = Policy { closure_policy: ClosurePolicy::AllowExceptions, ..Policy::default() };
    let world = World::with(Settings { policy, ..Settings::default() }).await;
    let client = Client::of(&world, Era::Initialize).await;
    let plan = json!({"title": "Billing", "description": "As planned.", "owner": "ada", "workstreams": ["API"]});
    let feature = client.told("htask_create_feature", plan).await;
    let api = feature["workstream_ids"]["API"].as_str().expect("an id").to_owned();
    let child = json!({"title": "Endpoint", "description": "As planned.", "owner": "ada", "parent_id": api});
    client.told("htask_create", child).await;
    (world, api)
}

fn waiver(task: &str) -> Value {
    json!({"task_id": task, "waiver_reason": "It is urgent.", "waiver_approved_by": "Eve"})
}

fn recorded(world: &World, task: &str) -> Value {
    let row = world.sqlite3(&format!("SELECT json(waiver) FROM htasks WHERE id = '{task}'"));
    serde_json::from_str(&row).unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_waiver_is_signed_by_the_name_that_a_person_types() {
    for era in Era::BOTH {
        let (world, task) = with_open_work().await;
        let person = Person::typing([json!({"approved_by": "Grace", "reason": ""})]);
        let session = person.meets(&world, era).await;
        let result = session.call("htask_close", waiver(&task)).await;
        assert_eq!(result["structuredContent"]["status"], "COMPLETED", "{result}");
        let signed = recorded(&world, &task);
        assert_eq!(signed["waiver_approved_by"], "Grace", "not the one whom the agent named: {signed}");
        assert_eq!(signed["waiver_reason"], "It is urgent.", "{signed}");
        let message = person.asked()[0]["message"].as_str().expect("text").to_owned();
        assert!(message.contains("It is urgent.") && message.contains(&task) && message.contains("Eve"), "{message}");
    }
}

#[tokio::test]
async fn without_a_name_nothing_is_closed() {
    for era in Era::BOTH {
        let (world, task) = with_open_work().await;
        let session = Person::typing([json!({"approved_by": "", "reason": "yes"})]).meets(&world, era).await;
        assert_eq!(session.refusal("htask_close", waiver(&task)).await[0], "elicitation_rejected");
        assert_eq!(session.refusal("htask_close", waiver(&task)).await[0], "declined");
        let alone = Person::default().meets(&world, era).await;
        let [code, _, hint] = alone.refusal("htask_close", waiver(&task)).await;
        assert_eq!(code, "needs_a_person");
        assert!(hint.contains(&format!("snipara-orchestrator htask-close {task} --waiver-reason")), "{hint}");
        assert_eq!(recorded(&world, &task), Value::Null);
    }
}

#[tokio::test]
async fn a_close_that_needs_no_waiver_asks_nobody() {
    let (world, task) = with_open_work().await;
    let client = Client::of(&world, Era::Initialize).await;
    let next = client.told("htask_next", json!({})).await;
    let child = next["tasks"][0]["task_id"].clone();
    let half = json!({"task_id": task, "waiver_approved_by": "Eve"});
    let (code, message) = client.refusal("htask_close", half).await;
    assert!(code == "invalid_input" && message.contains("waiver_reason"), "{message}");
    // The parent is closed with its last child.
    let evidence = json!([{"type": "note", "description": "It works."}]);
    client.told("htask_complete", json!({"task_id": child, "evidence": evidence, "create_memory": false})).await;
    let (code, message) = client.refusal("htask_close", waiver(&task)).await;
    assert_ne!(code, "needs_a_person", "{message}");
}
