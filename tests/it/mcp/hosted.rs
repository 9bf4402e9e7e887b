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
