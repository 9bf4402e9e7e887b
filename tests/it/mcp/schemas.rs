//! tool-schemas/ holds each tool as `tools/list` shows it. `cargo schemas` rewrites it, and so does
//! `UPDATE_SCHEMAS=1 cargo it mcp::schemas`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};
use snipara_orchestrator::mcp::tool_definitions;

use crate::support::mcp_client::{Client, Era};
use crate::support::world::World;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tool-schemas")
}

fn updating() -> bool {
    std::env::var_os("UPDATE_SCHEMAS").is_some()
}

#[test]
fn each_tool_lies_in_its_file_as_it_is_listed() {
    for (name, definition) in tool_definitions() {
        let path = folder().join(format!("{name}.json"));
        if updating() {
            let text = format!("{}\n", serde_json::to_string_pretty(&definition).expect("json"));
            std::fs::write(&path, text).expect("written");
        }
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let kept: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(kept, definition, "run UPDATE_SCHEMAS=1 cargo it mcp::schemas");
    }
}

#[test]
fn no_file_is_left_over() {
    let names: BTreeSet<_> = tool_definitions().into_iter().map(|(name, _)| format!("{name}.json")).collect();
    let files: BTreeSet<_> = std::fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    assert!(files.is_subset(&names), "left over: {:?}", files.difference(&names).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_bounds_of_a_number_are_the_ones_that_are_kept() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let swarm = client.told("swarm_create", json!({"name": "bounds"})).await["swarm_id"].clone();
    client.told("swarm_join", json!({"swarm_id": swarm, "agent_id": "ada"})).await;
    let definitions: BTreeMap<_, _> = tool_definitions().into_iter().collect();
    let state = json!({"swarm_id": swarm, "agent_id": "ada", "key": "k", "value": 1});
    let claim = json!({"swarm_id": swarm, "agent_id": "ada", "resource_type": "file", "resource_id": "a.rs"});
    for (tool, arguments, field) in [
        ("query_context", json!({"query": "x"}), "max_tokens"),
        ("htask_next", json!({}), "limit"),
        ("htask_next", json!({"claim_for_agent": "ada"}), "lease_seconds"),
        ("htask_tree", json!({}), "max_depth"),
        ("remember", json!({"content": "x"}), "ttl_days"),
        ("recall", json!({"query": "x"}), "limit"),
        ("recall", json!({"query": "x"}), "min_relevance"),
        ("list_memories", json!({}), "limit"),
        ("list_memories", json!({}), "offset"),
        ("forget", json!({"category": "none"}), "older_than_days"),
        ("swarm_create", json!({"name": "a"}), "max_agents"),
        ("swarm_create", json!({"name": "b"}), "task_timeout"),
        ("swarm_create", json!({"name": "c"}), "claim_timeout"),
        ("swarm_events", json!({"swarm_id": swarm}), "limit"),
        ("state_set", state.clone(), "ttl_seconds"),
        ("state_set", state, "expected_version"),
        ("claim", claim, "timeout_seconds"),
    ] {
        let property = &definitions[tool]["inputSchema"]["properties"][field];
        let call = async |number: Value| {
            let mut arguments = arguments.clone();
            arguments[field] = number;
            let result = client.call(tool, arguments).await.expect("a result");
            let text = &result.content[0].as_text().expect("text").text;
            let told: Value = serde_json::from_str(text).unwrap_or_default();
            told["message"].as_str().unwrap_or_default().contains(&format!("{field}: is "))
        };
        for (bound, step) in [("minimum", -1), ("maximum", 1)] {
            let Some(number) = property.get(bound) else { continue };
            let beyond = match number.as_i64() {
                Some(whole) => json!(whole + i64::from(step)),
                None => json!(number.as_f64().expect("a number") + f64::from(step)),
            };
            assert!(!call(number.clone()).await, "{tool}: {field} {number} is refused");
            assert!(call(beyond.clone()).await, "{tool}: {field} {beyond} is taken");
        }
        assert!(property.get("minimum").is_some(), "{tool}: {field} has no bound: {property}");
    }
}
