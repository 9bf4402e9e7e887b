//! Sixteen servers on one project: nothing is claimed twice, nothing is lost, not even to `kill -9`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::support::mcp_process::McpProcess;
use crate::support::sqlite::sqlite3;

const SERVERS: usize = 16;
const CALLS: usize = 200;
const TASKS: usize = 2_000;

/// A state folder that real servers share.
struct Shared {
    folder: TempDir,
}

impl Shared {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("repository")).expect("a repository");
        Self { folder }
    }

    async fn serve(&self) -> McpProcess {
        let repository = self.folder.path().join("repository");
        let repository = repository.to_str().expect("a path of text");
        let arguments = ["mcp", "--project", "races", "--prod-url", "http://127.0.0.1:9", "--repo", repository];
        let mut server = McpProcess::start_as(&[], self.folder.path(), &arguments);
        server.initialize().await;
        server
    }

    /// Starts as many servers as race, each ready before any begins.
    async fn serve_all(&self) -> Vec<McpProcess> {
        let mut servers = Vec::new();
        for _ in 0..SERVERS {
            servers.push(self.serve().await);
        }
        servers
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("projects/races/store.sqlite3")
    }

    fn sqlite3(&self, sql: &str) -> String {
        sqlite3(&self.database(), sql).expect("the SQL runs")
    }
}

/// Runs one lane a server, all at once.
async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    servers: Vec<McpProcess>,
    lane: impl Fn(usize, McpProcess) -> F,
) -> Vec<T> {
    let lanes: Vec<JoinHandle<T>> =
        servers.into_iter().enumerate().map(|(number, server)| tokio::spawn(lane(number, server))).collect();
    let mut ended = Vec::new();
    for lane in lanes {
        ended.push(lane.await.expect("no lane fails"));
    }
    ended
}

fn text(document: &Value, field: &str) -> String {
    document[field].as_str().unwrap_or_else(|| panic!("{field} in {document}")).to_owned()
}

/// Creates htasks, several requests on their way at once.
async fn create(server: &mut McpProcess, count: usize) {
    for start in (0..count).step_by(50) {
        let mut sent = Vec::new();
        for number in start..(start + 50).min(count) {
            let task = json!({"title": format!("Task {number}"), "description": "To be claimed once.", "owner": "all"});
            sent.push(server.begin("tools/call", json!({"name": "htask_create", "arguments": task})).await);
        }
        let mut waiting: BTreeSet<u64> = sent.into_iter().collect();
        while !waiting.is_empty() {
            let answer = server.hear().await;
            assert_eq!(answer["result"]["isError"], false, "{answer}");
            waiting.remove(&answer["id"].as_u64().expect("an id"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_servers_claim_two_thousand_htasks_each_once_with_growing_tokens() {
    let shared = Shared::new();
    let mut servers = shared.serve_all().await;
    create(&mut servers[0], TASKS).await;
    let claimed = race(servers, |number, mut server| async move {
        let mut claims = Vec::new();
        for _ in 0..CALLS {
            let asked = json!({"claim_for_agent": format!("agent-{number}"), "limit": 1, "lease_seconds": 86_400});
            let next = server.structured("htask_next", asked).await;
            let task = &next["tasks"][0];
            if !task.is_null() {
                claims.push((text(task, "task_id"), task["fencing_token"].as_i64().expect("a token")));
            }
        }
        assert!(server.hang_up().await);
        claims
    })
    .await;
    for lane in &claimed {
        assert!(lane.is_sorted_by(|left, right| left.1 < right.1), "tokens grow: {lane:?}");
    }
    let all: Vec<_> = claimed.into_iter().flatten().collect();
    let tasks: BTreeSet<_> = all.iter().map(|(task, _)| task).collect();
    let tokens: BTreeSet<_> = all.iter().map(|(_, token)| token).collect();
    assert_eq!((all.len(), tasks.len(), tokens.len()), (TASKS, TASKS, TASKS), "claims, htasks, tokens");
    assert_eq!(shared.sqlite3("SELECT count(*) FROM htasks WHERE status='IN_PROGRESS'"), TASKS.to_string());
    assert_eq!(shared.sqlite3("SELECT count(*) FROM swarms"), "1", "the project has one swarm of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sixteen_servers_remember_at_once_is_all_there() {
    let shared = Shared::new();
    let servers = shared.serve_all().await;
    let kept = race(servers, |number, mut server| async move {
        let mut ids = Vec::new();
        for call in 0..CALLS {
            let memory = json!({"content": format!("Server {number} learned fact {call} about deploys.")});
            ids.push(text(&server.structured("remember", memory).await, "memory_id"));
        }
        assert!(server.hang_up().await);
        ids
    })
    .await;
    let ids: BTreeSet<_> = kept.into_iter().flatten().collect();
    assert_eq!(ids.len(), SERVERS * CALLS);
    assert_eq!(shared.sqlite3("SELECT count(*) FROM memories"), (SERVERS * CALLS).to_string());
    assert_eq!(shared.sqlite3("SELECT count(DISTINCT content) FROM memories"), (SERVERS * CALLS).to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_there() {
    let shared = Shared::new();
    let mut servers = shared.serve_all().await;
    create(&mut servers[0], 400).await;
    let acknowledged = race(servers, |number, mut server| async move {
        let (mut memories, mut claims) = (Vec::new(), Vec::new());
        // Half of them are killed, each at another moment, with a write on its way.
        let calls = if number % 2 == 0 { 3 + number } else { 24 };
        for call in 0..calls {
            let memory = json!({"content": format!("Server {number} wrote {call} before the kill.")});
            memories.push(text(&server.structured("remember", memory.clone()).await, "memory_id"));
            let asked = json!({"claim_for_agent": format!("agent-{number}"), "limit": 1, "lease_seconds": 86_400});
            let next = server.structured("htask_next", asked.clone()).await;
            claims.push((text(&next["tasks"][0], "task_id"), next["tasks"][0]["fencing_token"].to_string()));
            if number % 2 == 0 && call + 1 == calls {
                let (tool, arguments) = if number % 4 == 0 { ("remember", memory) } else { ("htask_next", asked) };
                server.begin("tools/call", json!({"name": tool, "arguments": arguments})).await;
                server.signal("KILL");
                server.ended().await;
                return (memories, claims);
            }
        }
        assert!(server.hang_up().await);
        (memories, claims)
    })
    .await;
    let lines = |sql: &str| -> BTreeSet<String> { shared.sqlite3(sql).lines().map(str::to_owned).collect() };
    let stored = lines("SELECT id FROM memories");
    let claimed = lines("SELECT id || '|' || fencing_token FROM htasks WHERE status='IN_PROGRESS'");
    let mut tasks = BTreeSet::new();
    for (memories, claims) in &acknowledged {
        assert!(memories.iter().all(|id| stored.contains(id)), "an acknowledged memory is lost");
        for (task, token) in claims {
            assert!(claimed.contains(&format!("{task}|{token}")), "the acknowledged claim on {task} is lost");
            assert!(tasks.insert(task.clone()), "{task} was claimed twice");
        }
    }
    assert_eq!(shared.sqlite3("PRAGMA integrity_check"), "ok");
    // Whoever comes next finds a store that works.
    let mut next = shared.serve().await;
    assert!(!text(&next.structured("remember", json!({"content": "After the kill."})).await, "memory_id").is_empty());
}
