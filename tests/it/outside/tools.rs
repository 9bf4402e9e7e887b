//! No tool gives out what nobody sees, and each says whose words it quotes.

use std::collections::BTreeSet;

use rmcp::model::{PaginatedRequestParams, ReadResourceRequestParams};
use serde_json::{Value, json};
use snipara_orchestrator::mcp::tool_definitions;

use super::planted::{Planted, SENTENCE, hidden_in, hidden_in_value};
use crate::support::mcp_client::{Client, Era};

/// The tools that tell what others wrote; the rest repeat what their caller gave.
const READING: [&str; 10] = [
    "recall",
    "list_memories",
    "htask_next",
    "htask_tree",
    "query_context",
    "swarm_members",
    "swarm_events",
    "state_get",
    "validate_endpoint",
    "run_task",
];

#[tokio::test]
async fn no_tool_gives_out_what_nobody_sees() {
    let place = Planted::new().await;
    let client = Client::of(&place.world, Era::Discover).await;
    let called: BTreeSet<&str> = place.calls.iter().map(|(tool, _)| *tool).collect();
    for (tool, _) in tool_definitions() {
        assert!(called.contains(tool.as_str()), "{tool} is not called with the sentence");
    }
    for (tool, arguments) in &place.calls {
        let result = client.call(tool, arguments.clone()).await.expect("a result");
        let text = &result.content[0].as_text().expect("text").text;
        assert_eq!(hidden_in(text), None, "{tool}: {text:?}");
        let output = result.structured_content.clone().unwrap_or_else(|| serde_json::from_str(text).expect("JSON"));
        assert_eq!(hidden_in_value(&output), None, "{tool}: {output}");
        let mut quotes =
            text.lines().filter(|line| line.contains(SENTENCE) && !line.starts_with("next_step: ")).peekable();
        if READING.contains(tool) {
            assert!(quotes.peek().is_some(), "{tool} quotes nobody: {text}");
            assert!(quotes.all(|line| line.starts_with("> ")), "{tool}: {text}");
        }
    }
}

#[tokio::test]
async fn what_was_dropped_is_counted_and_what_is_kept_says_whose_it_is() {
    let place = Planted::new().await;
    let client = Client::of(&place.world, Era::Initialize).await;
    let call = |tool: &str| place.calls.iter().find(|call| call.0 == tool).expect("a call").1.clone();
    let from = |answer: &Value, pointer: &str| {
        answer.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {answer}")).as_str().expect("text").to_owned()
    };
    for (tool, pointer, source) in [
        ("recall", "/memories/0/from", &*format!("memory by {SENTENCE}")),
        ("swarm_events", "/events/0/from", &*format!("agent {SENTENCE}")),
        ("query_context", "/sections/0/from", "file docs/deploy.md"),
        ("htask_next", "/tasks/0/from", "htask by ada"),
        ("state_get", "/from", &*format!("state by {SENTENCE}")),
        ("validate_endpoint", "/from", "production GET /api/users"),
        ("run_task", "/failing/0/from", "command"),
    ] {
        let answer = client.told(tool, call(tool)).await;
        // An output is marked where it is recorded, and nothing of it is left to drop.
        assert!(tool == "run_task" || answer["dropped_characters"].as_u64() >= Some(28), "{tool}: {answer}");
        assert!(from(&answer, pointer).starts_with(source), "{tool}: {answer}");
    }
    // What was observed stays as it was: the store has every character.
    assert_eq!(
        place.world.sqlite3("SELECT count(*) FROM memories WHERE instr(CAST(content AS BLOB), X'E2808B') > 0"),
        "1"
    );
}

#[tokio::test]
async fn resources_and_prompts_give_out_nothing_hidden_either() {
    let place = Planted::new().await;
    let client = Client::of(&place.world, Era::Initialize).await;
    let listed = client.session.list_resources(Some(PaginatedRequestParams::default())).await.expect("a list");
    assert_eq!(hidden_in_value(&serde_json::to_value(&listed).expect("JSON")), None);
    let mut uris: Vec<String> = listed.resources.iter().map(|resource| resource.uri.clone()).collect();
    let tree = client.told("htask_tree", json!({})).await;
    let root = &tree["trees"][0];
    uris.push(format!("htask://{}/{}", root["swarm_id"].as_str().expect("id"), root["task_id"].as_str().expect("id")));
    let tasks: Vec<String> = uris.iter().filter_map(|uri| uri.strip_prefix("task://")).map(str::to_owned).collect();
    for task in &tasks {
        uris.extend([format!("checklist://{task}"), format!("receipt://{task}/1")]);
    }
    let mut told = 0;
    for uri in uris {
        let read = client.session.read_resource(ReadResourceRequestParams::new(uri.clone())).await.expect("read");
        let read = serde_json::to_value(&read).expect("JSON");
        let text = read["contents"][0]["text"].as_str().expect("text");
        if uri.starts_with("skill://") {
            continue;
        }
        let document: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(hidden_in_value(&document), None, "{uri}: {document}");
        told += usize::from(text.contains(SENTENCE));
    }
    assert!(told >= 3, "a task, a proof and an htask hold the sentence, not {told}");
    let arguments = json!({"task_id": tasks[0]}).as_object().cloned();
    let mut request = rmcp::model::GetPromptRequestParams::new("triage-failure");
    request.arguments = arguments;
    let prompt = client.session.get_prompt(request).await.expect("a prompt");
    assert_eq!(hidden_in_value(&serde_json::to_value(&prompt).expect("JSON")), None);
}
