//! The real binary: over its pipes, over HTTP, at Snipara's routes and in the terminal.

use std::path::Path;

use serde_json::{Value, json};

use super::planted::{SENTENCE, hidden_in_value, planted};
use crate::support::http_process::Site;
use crate::support::http_served::{modern, posting, told};
use crate::support::mcp_process::McpProcess;
use crate::support::production::Answer;
use crate::support::served::tools_call;

const ALL: [&str; 2] = ["--toolsets", "all"];

async fn piped(site: &Site, more: &[&str]) -> McpProcess {
    let repository = site.path().join("repository");
    let text = |path: &Path| path.to_str().expect("a path of text").to_owned();
    let (url, repository) = (site.production.url(), text(&repository));
    let mut words = vec!["mcp", "--prod-url", &url, "--project", "it", "--repo", &repository];
    words.extend(ALL);
    words.extend(more);
    let mut server = McpProcess::start_as(&[], &site.home(), &words);
    server.initialize().await;
    server
}

/// Lets others write the sentence; returns the calls that meet it.
async fn plant(site: &Site) -> Vec<(&'static str, Value)> {
    let text = planted();
    site.production.answer("/api/users", Answer::json(500, &json!({"error": text})));
    let mut server = piped(site, &[]).await;
    server.structured("remember", json!({"content": format!("zeppelin {text}")})).await;
    server.structured("htask_create", json!({"title": text, "description": text, "owner": "ada"})).await;
    let swarm = server.structured("swarm_create", json!({"name": "release"})).await["swarm_id"].clone();
    server.structured("swarm_join", json!({"swarm_id": swarm, "agent_id": "ada"})).await;
    let event = json!({"swarm_id": swarm, "agent_id": "ada", "event_type": "note", "payload": {"text": text}});
    server.structured("broadcast", event).await;
    assert!(server.hang_up().await);
    vec![
        ("recall", json!({"query": "zeppelin", "min_relevance": 0})),
        ("htask_tree", json!({})),
        ("swarm_events", json!({"swarm_id": swarm})),
        ("validate_endpoint", json!({"url": "/api/users"})),
    ]
}

fn check(place: &str, answer: &Value, is_locked: bool) {
    let mut answer = answer.clone();
    // A text may be JSON itself, and then what it escapes counts.
    if let Some(Ok(inner)) = answer["content"][0]["text"].as_str().map(serde_json::from_str::<Value>) {
        answer["content"][0]["text"] = inner;
    }
    assert_eq!(hidden_in_value(&answer), None, "{place}: {answer}");
    assert_eq!(answer.to_string().contains(SENTENCE), !is_locked, "{place}: {answer}");
}

#[tokio::test]
async fn every_door_gives_out_the_sentence_without_what_nobody_sees_and_a_locked_one_nothing() {
    let site = Site::new().await;
    let calls = plant(&site).await;
    for more in [&[][..], &["--lockdown"]] {
        let is_locked = !more.is_empty();
        let words: Vec<&str> = ALL.iter().chain(more).copied().collect();
        let (mut pipes, http) = (piped(&site, more).await, site.serve(&words).await);
        for (tool, arguments) in &calls {
            let answer = pipes.call(tool, arguments.clone()).await;
            check(&format!("pipes {tool}"), &answer, is_locked);
            let params = json!({"name": tool, "arguments": arguments});
            let answer = told(modern(&http.url, "tools/call", params)).await.json();
            check(&format!("HTTP {tool}"), &answer["result"], is_locked);
        }
        for (tool, arguments) in &calls[..3] {
            let address = format!("http://{}/mcp/it", http.authority());
            let answer = told(posting(&address, &tools_call(&format!("snipara_{tool}"), arguments))).await.json();
            check(&format!("Snipara {tool}"), &answer["result"], is_locked);
        }
        assert!(pipes.hang_up().await);
    }
    let listed = site.asked("recall", &["zeppelin"]).await;
    assert_eq!(hidden_in_value(&listed), None, "{listed}");
    assert!(listed.to_string().contains(SENTENCE), "{listed}");
    assert_eq!(site.sqlite3("SELECT count(*) FROM memories WHERE instr(CAST(content AS BLOB), X'E2808B') > 0"), "1");
}

#[tokio::test]
async fn a_file_locks_a_server_down_at_once_and_only_a_person_unlocks_it() {
    let site = Site::new().await;
    plant(&site).await;
    let file = site.path().join("repository/.snipara-orchestrator.json");
    std::fs::write(&file, r#"{"lockdown": true}"#).expect("written");
    let query = json!({"query": "zeppelin", "min_relevance": 0});
    let mut server = piped(&site, &[]).await;
    check("a file that nobody recorded", &server.call("recall", query).await, true);
    assert!(server.hang_up().await);
}
