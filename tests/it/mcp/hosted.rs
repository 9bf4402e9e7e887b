//! The tool of the toolset `hosted`, through the real server and a real client.

use serde_json::json;

use crate::support::mcp_client::{Client, Era};
use crate::support::world::World;

#[tokio::test]
async fn without_a_service_to_call_every_call_says_what_a_person_must_set() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let document = client.failure("snipara_call", json!({"tool": "session_memories"})).await;
    assert!(document["hint"].as_str().expect("a hint").contains("SNIPARA_API_KEY"), "{document}");
    for (arguments, part) in [
        (json!({}), "missing field `tool`"),
        (json!({"tool": " "}), "tool: is empty"),
        (json!({"tool": "recall", "arguments": "query"}), "arguments in snipara_call must be an object"),
    ] {
        let (code, message) = client.refusal("snipara_call", arguments).await;
        assert!(code == "invalid_input" && message.contains(part), "{code}: {message}");
    }
}

#[tokio::test]
async fn what_our_own_tools_ask_a_person_for_is_not_passed_on_unasked() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for (tool, arguments, own) in [
        ("snipara_htask_close", json!({"task_id": "h1", "waiver_reason": "late"}), "htask_close"),
        ("RLM_HTASK_CLOSE", json!({"task_id": "h1", "waiver_approved_by": "ada"}), "htask_close"),
        ("forget", json!({"type": "learning"}), "forget"),
    ] {
        let (code, message) = client.refusal("snipara_call", json!({"tool": tool, "arguments": arguments})).await;
        assert!(code == "invalid_input" && message.contains(&format!("{own} needs a person")), "{code}: {message}");
    }
    let passed_on =
        client.failure("snipara_call", json!({"tool": "htask_close", "arguments": {"task_id": "h1"}})).await;
    assert_ne!(passed_on["code"], "invalid_input", "{passed_on}");
}
