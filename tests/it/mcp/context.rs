//! The tool of the toolset `context`, through the real server and a real client.

use serde_json::json;

use crate::support::mcp_client::{Client, Era};
use crate::support::world::World;

fn write(world: &World, path: &str, text: &str) {
    let path = world.repository().join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("written");
}

#[tokio::test]
async fn the_documents_answer_within_max_tokens_with_file_and_lines_and_see_changes() {
    let world = World::new().await;
    let rules = "Roll the gateway back with `fly releases rollback`.\n".repeat(200);
    write(&world, "docs/deploy.md", &format!("# Deploy\n\nHello.\n\n## Rollback of the gateway\n\n{rules}"));
    let client = Client::of(&world, Era::Initialize).await;
    let answer = client.told("query_context", json!({"query": "gateway rollback", "max_tokens": 300})).await;
    let best = &answer["sections"][0];
    assert_eq!(best["file"], "docs/deploy.md", "{answer}");
    assert!(best["title"].as_str().expect("a title").contains("Rollback of the gateway"), "{best}");
    let shown: usize = answer["sections"].as_array().expect("sections").iter().map(content_bytes).sum();
    assert!(shown > 0 && shown <= 300 * 4, "{shown} bytes");
    assert!(answer["next_step"].as_str().expect("text").contains("docs/deploy.md:"), "{answer}");

    write(&world, "docs/quota.md", "# Quotas\n\nThe zeppelin tenant has no quota.\n");
    let answer = client.told("query_context", json!({"query": "zeppelin quota"})).await;
    assert_eq!(answer["sections"][0]["file"], "docs/quota.md", "{answer}");
}

fn content_bytes(section: &serde_json::Value) -> usize {
    section["content"].as_str().expect("content").len()
}

#[tokio::test]
async fn a_question_that_nothing_answers_says_what_to_do() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    let answer = client.told("query_context", json!({"query": "xylophone"})).await;
    assert_eq!(answer["sections"], json!([]), "{answer}");
}

#[tokio::test]
async fn bad_questions_get_one_clear_error() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for (arguments, part) in [
        (json!({}), "missing field `query`"),
        (json!({"query": "  "}), "query: is empty"),
        (json!({"query": "x".repeat(20_481)}), "query: is 20481 bytes long"),
        (json!({"query": "x", "max_tokens": 99}), "max_tokens: is 99"),
        (json!({"query": "x", "max_tokens": "4000"}), "max_tokens in query_context must be a whole number"),
        (json!({"query": "x", "max_token": 400}), "did you mean `max_tokens`?"),
    ] {
        let (code, message) = client.refusal("query_context", arguments).await;
        assert!(code == "invalid_input" && message.contains(part), "{code}: {message}");
    }
}
