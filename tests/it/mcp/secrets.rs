//! No field of any verb that writes lets a secret into the store.

use serde_json::{Value, json};

use crate::support::mcp_client::{Client, Era};
use crate::support::world::{PATHS, World};

/// Put together here, so that no file holds what looks like a token.
fn secret() -> String {
    ["gh", "p_Zk3vQ9", "xT7bN2", "mL5cR8", "wY1dF4", "hJ6gS0"].concat()
}

async fn write_everywhere(client: &Client, secret: &str) {
    let told = |name: &'static str, arguments: Value| client.told(name, arguments);
    let words = format!("see {secret} there");
    let swarm = told("swarm_create", json!({"name": words, "description": words})).await;
    let swarm_id = swarm["swarm_id"].clone();
    let join = json!({"swarm_id": swarm_id, "agent_id": "ada", "name": words, "capabilities": [words]});
    told("swarm_join", join).await;
    let state = json!({"swarm_id": swarm_id, "agent_id": "ada", "key": "k", "value": {"a": [words]}});
    told("state_set", state).await;
    let event = json!({"swarm_id": swarm_id, "agent_id": "ada", "event_type": "note", "payload": {"a": words}});
    told("broadcast", event).await;
    told("remember", json!({"content": words, "category": words, "source": words})).await;
    told("recall", json!({"query": words})).await;
    let task = json!({"title": words, "description": words, "owner": "ada", "context_refs": [words],
        "evidence_required": [{"type": "note", "description": words}],
        "acceptance_criteria": [{"id": "1", "text": words, "checked": false}]});
    let made = told("htask_create", task).await;
    let id = made["task_id"].clone();
    let block = json!({"task_id": id, "blocker_type": "OTHER", "blocker_reason": words, "required_input": words});
    told("htask_block", block).await;
    told("htask_unblock", json!({"task_id": id, "resolution": words})).await;
    let evidence = json!([{"type": "note", "description": words, "url": format!("https://x.example/?a={secret}"),
        "metadata": {"a": words}}]);
    let done =
        json!({"task_id": id, "evidence": evidence, "result": words, "learnings": [words], "decision_impact": words});
    told("htask_complete", done).await;
    let feature = json!({"title": words, "description": words, "owner": "ada", "custom_workstreams": [words]});
    told("htask_create_feature", feature).await;
    told("validate_endpoint", json!({"url": format!("{}?a={secret}", PATHS[0])})).await;
}

#[tokio::test]
async fn a_secret_in_any_field_of_any_verb_is_not_stored() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    let secret = secret();
    write_everywhere(&client, &secret).await;
    let folder = world.database().parent().expect("a folder").to_owned();
    for file in std::fs::read_dir(folder).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(&secret), "{} holds the secret", path.display());
    }
}
