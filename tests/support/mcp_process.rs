//! The real binary as an MCP server: raw JSON-RPC lines over its pipes, a time-out on every wait, killed on drop.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::patience::PATIENCE;

/// A running server.
pub struct McpProcess {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    next_id: u64,
    /// Notifications that came while an answer was awaited.
    pub notifications: Vec<Value>,
}

impl McpProcess {
    /// Starts `snipara-orchestrator` with these arguments, below `launcher` (such as `setpriv`) when that is not empty;
    /// its state lies in `home`, nothing else is inherited but PATH.
    pub fn start_as(launcher: &[&str], home: &Path, arguments: &[&str]) -> Self {
        let binary = env!("CARGO_BIN_EXE_snipara-orchestrator");
        let words: Vec<&str> = launcher.iter().copied().chain([binary]).chain(arguments.iter().copied()).collect();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("SNIPARA_ORCHESTRATOR_HOME", home)
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let input = child.stdin.take();
        Self { child, input, output, next_id: 0, notifications: Vec::new() }
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Sends one message.
    pub async fn say(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("the input is open");
        let line = format!("{message}\n");
        let sent = input.write_all(line.as_bytes());
        tokio::time::timeout(PATIENCE, sent).await.expect("written in time").expect("written");
    }

    /// Reads the next message; every line must be one.
    pub async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await.expect("a line in time");
        let line = line.expect("read").expect("the output is open");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not the protocol: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "not the protocol: {line}");
        message
    }

    /// Sends a request without waiting for its answer; returns its id.
    pub async fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        let id = self.next_id;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// Waits for the answer to a request.
    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.hear().await;
            if message["id"] == id {
                return message;
            }
            assert!(message.get("id").is_none(), "another answer: {message}");
            self.notifications.push(message);
        }
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    /// Opens a session of the `initialize` era.
    pub async fn initialize(&mut self) {
        let client = json!({"name": "it", "version": "1"});
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        let answer = self.ask("initialize", params).await;
        assert_eq!(answer["result"]["serverInfo"]["name"], "snipara-orchestrator", "{answer}");
        self.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }

    /// Calls a tool; returns the result.
    pub async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments})).await;
        answer["result"].clone()
    }

    /// Calls a tool that must succeed; returns its structured content.
    pub async fn structured(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"].clone()
    }

    /// Closes the input and waits for the end; tells whether the server ended well.
    pub async fn hang_up(mut self) -> bool {
        self.input = None;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("the server ends when its input ends").expect("waited").success()
    }

    /// Waits for the end, whatever brought it.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end in time").expect("waited")
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.expect("kill is installed").success());
    }
}

/// Tells whether any process has this text among its arguments.
pub fn runs(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").expect("/proc");
    processes.flatten().any(|entry| {
        let is_process =
            entry.file_name().to_str().is_some_and(|name| name.bytes().all(|digit| digit.is_ascii_digit()));
        let words = || std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        is_process && words().split(|byte| *byte == 0).any(|word| OsStr::new(marker) == bytes(word))
    })
}

fn bytes(word: &[u8]) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(word)
}
