//! The smallest MCP client: one line of JSON out, one line in.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};

use crate::nginx::path;

/// A server process with its pipes; it ends when this is dropped.
pub(crate) struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_id: u64,
}

impl Client {
    /// Starts our binary, with `more` flags, and shakes hands.
    pub(crate) fn start(home: &Path, repository: &Path, prod_url: &str, more: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_snipara-orchestrator"))
            .args(["mcp", "--toolsets", "all", "--project", "bench", "--prod-url", prod_url, "--repo"])
            .arg(repository)
            .args(more)
            .current_dir(repository)
            .env("SNIPARA_ORCHESTRATOR_HOME", home)
            .env_remove("SNIPARA_API_KEY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut client = Self { child, input, output, last_id: 0 };
        client.request(
            "initialize",
            &json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}),
        )?;
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(client)
    }

    /// Returns the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Calls a tool and returns its structured answer.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<Value> {
        let result = self.request("tools/call", &json!({"name": tool, "arguments": arguments}))?;
        anyhow::ensure!(result["isError"] != json!(true), "{tool}: {}", result["content"]);
        Ok(result["structuredContent"].clone())
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut line = String::new();
            anyhow::ensure!(self.output.read_line(&mut line)? > 0, "the server ended during {method}");
            let message: Value = serde_json::from_str(&line)?;
            if message["id"] == json!(id) {
                anyhow::ensure!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return Ok(message["result"].clone());
            }
        }
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        writeln!(self.input, "{message}")?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What each check of a measured task expects of nginx's answer.
pub(crate) const EXPECTATIONS: [&str; 3] =
    ["jsonpath $.path startsWith /api/", "header Content-Type contains json", "body contains path"];

/// Returns the arguments of a task with `count` distinct live checks, of which each must be proven.
pub(crate) fn task(count: usize) -> Value {
    let check = |number| json!({"url": path(number), "expect": EXPECTATIONS});
    let checks: Vec<_> = (0..count).map(check).collect();
    json!({
        "title": format!("{count} live checks"),
        "local_tests": [],
        "live_checks": checks,
        "required_proofs": count,
        "wait_seconds": 600,
    })
}
