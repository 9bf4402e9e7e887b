//! HTTP+SSE, as clients of 2024-11-05 speak it.

use serde_json::{Value, json};

use crate::support::http_process::{Site, endless, task};
use crate::support::http_served::{initialize, posting, told};
use crate::support::mcp_process::runs;
use crate::support::patience::{PATIENCE, until};

/// A client with an open stream.
struct SseClient {
    stream: reqwest::Response,
    read: String,
    messages: String,
}

impl SseClient {
    async fn open(origin: &str) -> Self {
        let stream = reqwest::Client::new().get(format!("{origin}/sse")).send().await.expect("a stream");
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let mut client = Self { stream, read: String::new(), messages: String::new() };
        let (event, path) = client.event().await;
        assert_eq!(event, "endpoint");
        client.messages = format!("{origin}{path}");
        client
    }

    async fn event(&mut self) -> (String, String) {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
                };
                let told = (field("event:"), field("data:"));
                self.read = rest.to_owned();
                if told.1.is_empty() {
                    continue;
                }
                return told;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.stream.chunk()).await.expect("an event in time");
            let chunk = chunk.expect("read").expect("the stream goes on");
            self.read.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    async fn say(&self, message: &Value) -> u16 {
        told(posting(&self.messages, message)).await.status
    }

    async fn answer(&mut self, id: u64) -> Value {
        loop {
            let (event, data) = self.event().await;
            assert_eq!(event, "message");
            let message: Value = serde_json::from_str(&data).expect("json");
            if message["id"] == id {
                return message;
            }
        }
    }

    async fn ask(&mut self, id: u64, method: &str, params: Value) -> Value {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        assert_eq!(self.say(&message).await, 202);
        self.answer(id).await
    }

    async fn begin(&mut self) {
        assert_eq!(self.say(&initialize()).await, 202);
        let answer = self.answer(1).await;
        assert_eq!(answer["result"]["serverInfo"]["name"], "snipara-orchestrator", "{answer}");
        self.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }
}

#[tokio::test]
async fn a_whole_task_is_proven_over_sse() {
    let site = Site::new().await;
    let server = site.serve(&["--allow-any-command"]).await;
    let mut client = SseClient::open(&format!("http://{}", server.authority())).await;
    client.begin().await;
    let tools = client.ask(2, "tools/list", json!({})).await;
    assert_eq!(tools["result"]["tools"][0]["name"], "run_task");
    let call = json!({"name": "run_task", "arguments": task(&["true"])});
    let report = client.ask(3, "tools/call", call).await["result"]["structuredContent"].clone();
    assert_eq!(report["status"], "done", "{report}");
    let shown = site.asked("task", &["show", report["task_id"].as_str().expect("an id")]).await;
    assert!(shown.to_string().contains("\"done\""), "{shown}");
}

#[tokio::test]
async fn both_spellings_of_the_session_are_read_and_unknown_ones_are_not_found() {
    let site = Site::new().await;
    let server = site.serve(&[]).await;
    let origin = format!("http://{}", server.authority());
    let mut client = SseClient::open(&origin).await;
    client.messages = client.messages.replace("sessionId", "session_id");
    client.begin().await;
    assert_eq!(told(posting(&format!("{origin}/messages?sessionId=unknown"), &initialize())).await.status, 404);
    assert_eq!(told(posting(&format!("{origin}/messages"), &initialize())).await.status, 400);
    let unreadable = told(posting(&client.messages, &json!([]))).await;
    assert_eq!((unreadable.status, &unreadable.json()["error"]["code"]), (400, &json!(-32600)));
}

#[tokio::test]
async fn a_stream_that_is_closed_ends_its_session_and_what_it_ran() {
    let site = Site::new().await;
    let server = site.serve(&["--allow-any-command"]).await;
    let mut client = SseClient::open(&format!("http://{}", server.authority())).await;
    client.begin().await;
    let (command, marker) = endless(86_401);
    let arguments = json!({"name": "run_task", "arguments": task(&[&command])});
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": arguments});
    assert_eq!(client.say(&call).await, 202);
    until("the local test runs", || runs(&marker)).await;
    let messages = client.messages.clone();
    drop(client);
    until("the child is gone", || !runs(&marker)).await;
    assert_eq!(told(posting(&messages, &initialize())).await.status, 404);
}
