//! Sessions on the wire: raw lines over a pipe in memory.

use serde_json::{Value, json};
use snipara_orchestrator::mcp::{ServerOptions, StdioError, serve_pipes};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, split};
use tokio::task::JoinHandle;

use crate::support::mcp_client::{failing_opener, panicking_opener};
use crate::support::patience::PATIENCE;

struct Wire {
    reading: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writing: WriteHalf<DuplexStream>,
    serving: JoinHandle<Result<(), StdioError>>,
}

impl Wire {
    fn open() -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = split(theirs);
        let serving = tokio::spawn(serve_pipes(ServerOptions::default(), failing_opener(), reader, writer));
        let (reading, writing) = split(ours);
        Self { reading: BufReader::new(reading).lines(), writing, serving }
    }

    async fn say(&mut self, message: &Value) {
        self.writing.write_all(format!("{message}\n").as_bytes()).await.expect("written");
    }

    async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.reading.next_line()).await.expect("in time");
        serde_json::from_str(&line.expect("read").expect("a line")).expect("json")
    }

    async fn ask(&mut self, id: u32, method: &str, params: Value) -> Value {
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        let answer = self.hear().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    async fn initialize(&mut self) {
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let answer = self.ask(1, "initialize", params).await;
        assert_eq!(answer["result"]["serverInfo"]["name"], "snipara-orchestrator");
        self.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }

    /// Closes the client's side; returns how the server ended.
    async fn hang_up(mut self) -> Result<(), StdioError> {
        self.writing.shutdown().await.expect("closed");
        drop(self.writing);
        drop(self.reading);
        tokio::time::timeout(PATIENCE, self.serving).await.expect("in time").expect("no panic")
    }
}

#[tokio::test]
async fn the_server_ends_when_its_input_ends() {
    let mut wire = Wire::open();
    wire.initialize().await;
    assert!(wire.hang_up().await.is_ok());
}

#[tokio::test]
async fn a_client_that_leaves_before_it_said_anything_is_no_failure() {
    assert!(Wire::open().hang_up().await.is_ok());
}

#[tokio::test]
async fn known_methods_with_wrong_parameters_are_invalid_and_unknown_methods_unknown() {
    let mut wire = Wire::open();
    wire.initialize().await;
    let answer = wire.ask(2, "tools/call", json!({"arguments": {}})).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let answer = wire.ask(3, "tools/destroy", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
}

#[tokio::test]
async fn since_2026_07_28_removed_methods_are_unknown_also_with_wrong_parameters() {
    let mut wire = Wire::open();
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                      "io.modelcontextprotocol/clientCapabilities": {}});
    let methods = [
        ("server/discover", 0),
        ("prompts/get", -32602),
        ("completion/complete", -32602),
        ("skills/get", -32602),
        ("subscriptions/listen", -32602),
        ("resources/subscribe", -32601),
        ("resources/unsubscribe", -32601),
        ("logging/setLevel", -32601),
        ("tools/destroy", -32601),
    ];
    for (id, (method, code)) in (1..).zip(methods) {
        let answer = wire.ask(id, method, json!({"_meta": meta})).await;
        assert_eq!(answer["error"]["code"].as_i64().unwrap_or(0), code, "{method}: {answer}");
    }
}

#[tokio::test]
async fn noise_on_the_input_does_not_end_the_session() {
    let mut wire = Wire::open();
    wire.initialize().await;
    wire.writing.write_all(b"not json\n\n").await.expect("written");
    let answer = wire.ask(2, "tools/list", json!({})).await;
    assert_eq!(answer["result"]["tools"][0]["name"], "run_task");
}

#[tokio::test]
async fn answers_that_are_on_their_way_are_sent_after_the_input_ended() {
    let mut wire = Wire::open();
    wire.initialize().await;
    let call = json!({"name": "check_drift", "arguments": {}});
    wire.say(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})).await;
    wire.writing.shutdown().await.expect("closed");
    let answer = wire.hear().await;
    assert_eq!((answer["id"].as_u64(), answer["result"]["isError"].as_bool()), (Some(2), Some(true)));
}

#[tokio::test]
async fn wrong_options_are_refused_before_anything_is_read() {
    let options = ServerOptions { tools: Some(vec!["nope".to_owned()]), ..ServerOptions::default() };
    let (_ours, theirs) = tokio::io::duplex(64);
    let (reader, writer) = split(theirs);
    let serving = serve_pipes(options, panicking_opener(), reader, writer);
    let error = tokio::time::timeout(PATIENCE, serving).await.expect("at once").expect_err("refused");
    assert!(matches!(error, StdioError::Options(_)), "{error}");
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_answered_under_its_id() {
    let mut wire = Wire::open();
    wire.initialize().await;
    let half_a_pair =
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"run_task","arguments":{"title":"\ud83d"}}}"#;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{{"arguments":{{"body":{}{}}}}}}}"#,
        "[".repeat(300),
        "]".repeat(300)
    );
    for (id, line, reason) in [(2, half_a_pair, "hex escape"), (3, deep.as_str(), "recursion")] {
        wire.writing.write_all(format!("{line}\n").as_bytes()).await.expect("written");
        let answer = wire.hear().await;
        assert_eq!((answer["id"].as_u64(), answer["error"]["code"].as_i64()), (Some(id), Some(-32700)), "{answer}");
        assert!(answer["error"]["message"].as_str().expect("text").contains(reason), "{answer}");
    }
    assert_eq!(wire.ask(4, "tools/list", json!({})).await["result"]["tools"][0]["name"], "run_task");
}

#[tokio::test]
async fn the_server_ends_when_nobody_reads_its_output_any_more() {
    let (mut input, reader) = tokio::io::duplex(64 * 1024);
    let (writer, output) = tokio::io::duplex(64 * 1024);
    let serving = tokio::spawn(serve_pipes(ServerOptions::default(), failing_opener(), reader, writer));
    let client = json!({"name": "t", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    input.write_all(format!("{hello}\n").as_bytes()).await.expect("written");
    let mut output = BufReader::new(output).lines();
    tokio::time::timeout(PATIENCE, output.next_line()).await.expect("in time").expect("read").expect("an answer");
    drop(output);
    let more = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n\
                {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n";
    input.write_all(more.as_bytes()).await.expect("written");
    let ended = tokio::time::timeout(PATIENCE, serving).await.expect("it ends though its input is open");
    assert!(ended.expect("no panic").is_ok());
}
