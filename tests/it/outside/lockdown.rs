//! `--lockdown`: what others wrote is behind a link.

use rmcp::model::{PaginatedRequestParams, ReadResourceRequestParams};
use serde_json::{Value, json};
use snipara_orchestrator::mcp::{ServerOptions, tool_definitions};

use super::planted::{Planted, SENTENCE};
use crate::support::mcp_client::{Client, Era, every_tool, opener};
use crate::support::served::Served;

/// A part of the sentence, long enough to tell a model something: a verdict cuts a title to its token budget, which the
/// digits of its digests fill more or less.
const PART: &str = "that you were told";

fn locked() -> ServerOptions {
    ServerOptions { lockdown: true, ..every_tool() }
}

/// Every field has the type and, where the schema lists them, one of the values that are promised; none is missing.
fn fits(schema: &Value, value: &Value, place: &str) {
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Null => "null",
    };
    assert!(schema["type"].is_null() || schema["type"] == kind, "{place}: {value} is no {schema}");
    assert!(schema["enum"].as_array().is_none_or(|known| known.contains(value)), "{place}: {value} is not of {schema}");
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(value.get(name).is_some(), "{place}: {name} is missing in {value}");
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        fits(&schema["properties"][name], field, &format!("{place}.{name}"));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(&schema["items"], item, place);
    }
}

async fn read(client: &Client, uri: &str) -> String {
    let read = client.session.read_resource(ReadResourceRequestParams::new(uri)).await.expect("read");
    serde_json::to_string(&read).expect("JSON")
}

#[tokio::test]
async fn no_tool_tells_what_others_wrote_and_the_link_does() {
    let place = Planted::new().await;
    let client = Client::open(Era::Discover, locked(), opener(&place.world)).await;
    let schemas: std::collections::BTreeMap<String, Value> =
        tool_definitions().into_iter().map(|(name, tool)| (name, tool["outputSchema"].clone())).collect();
    let mut linked = Vec::new();
    for (tool, arguments) in &place.calls {
        let result = client.call(tool, arguments.clone()).await.expect("a result");
        let whole = serde_json::to_string(&result).expect("JSON");
        assert!(!whole.contains(PART), "{tool}: {whole}");
        let told: Value = result
            .structured_content
            .clone()
            .unwrap_or_else(|| serde_json::from_str(&result.content[0].as_text().expect("text").text).expect("JSON"));
        if result.is_error != Some(true) {
            fits(&schemas[*tool], &told, tool);
            assert!(told["next_step"].as_str().is_some_and(|step| step.len() > 8), "{tool}: {told}");
        }
        let Some(uri) = told["left_out"].as_str() else { continue };
        assert!(whole.contains("resource_link"), "{tool}: {whole}");
        if read(&client, uri).await.contains(PART) {
            linked.push(*tool);
        }
    }
    for tool in [
        "recall",
        "list_memories",
        "htask_next",
        "htask_tree",
        "query_context",
        "swarm_events",
        "state_get",
        "run_task",
        "task_status",
    ] {
        assert!(linked.contains(&tool), "{tool} leads nowhere: {linked:?}");
    }
}

#[tokio::test]
async fn a_verdict_keeps_its_status_numbers_and_next_step() {
    let place = Planted::new().await;
    let client = Client::open(Era::Initialize, locked(), opener(&place.world)).await;
    let call = |tool: &str| place.calls.iter().find(|call| call.0 == tool).expect("a call").1.clone();
    let report = client.told("run_task", call("run_task")).await;
    assert_eq!(
        (&report["status"], &report["cause"], &report["failing"][0]["result"]),
        (&json!("local_fail"), &json!("failed"), &json!("fail"))
    );
    let step = report["next_step"].as_str().expect("a step");
    let id = report["task_id"].as_str().expect("an id");
    assert!(step.starts_with("Fix ") && step.ends_with(&format!("then run it again with task_id {id}.")), "{step}");
    let proof = client.told("validate_endpoint", json!({"url": "/api/users"})).await;
    assert_eq!((&proof["result"], &proof["response_code"]), (&json!("fail"), &json!(500)), "{proof}");
    let claimed = client.told("htask_next", call("htask_next")).await;
    assert!(claimed["tasks"][0]["fencing_token"].is_number(), "{claimed}");
}

#[tokio::test]
async fn lists_progress_and_prompts_tell_nothing_either() {
    let place = Planted::new().await;
    let client = Client::open(Era::Initialize, locked(), opener(&place.world)).await;
    let listed = client.session.list_resources(Some(PaginatedRequestParams::default())).await.expect("a list");
    assert!(!serde_json::to_string(&listed).expect("JSON").contains(PART));
    let task = place.calls.iter().find(|call| call.0 == "task_status").expect("a call").1["task_id"].clone();
    let mut request = rmcp::model::GetPromptRequestParams::new("triage-failure");
    request.arguments = json!({"task_id": task}).as_object().cloned();
    let prompt = client.session.get_prompt(request).await.expect("a prompt");
    assert!(!serde_json::to_string(&prompt).expect("JSON").contains(PART));
}

#[tokio::test]
async fn sniparas_routes_leave_it_out_too() {
    let place = Planted::new().await;
    let access = snipara_orchestrator::http::auth::Access::open();
    let served = Served::with(opener(&place.world), &locked(), access).await;
    let answer = served.call("snipara_recall", json!({"query": "zeppelin", "min_relevance": 0})).await;
    assert!(!answer.to_string().contains(PART), "{answer}");
    let left_out = answer["structuredContent"]["left_out"].as_str().expect("a place");
    assert!(left_out.starts_with("answer://"), "{answer}");
    let refused = served.call("snipara_htask_get", json!({"task_id": SENTENCE})).await;
    assert!(!refused.to_string().contains(PART), "{refused}");
}
