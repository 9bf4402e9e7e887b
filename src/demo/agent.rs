//! The client in the agent's place: it starts our own binary as an MCP server and calls its tools.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::{ChildStderr, Command};

use super::DemoError;

/// The most time for the handshake, and for one call. It is far more than any needs, so that a hang is reported as one.
const PATIENCE: Duration = Duration::from_secs(30);
/// The bytes of standard error that are kept to explain a failure.
const KEPT_STDERR: usize = 2_000;

/// A connected client with its server process.
pub(super) struct Agent {
    client: RunningService<RoleClient, ()>,
    stderr: Arc<Mutex<Vec<u8>>>,
}

impl Agent {
    /// Starts `executable mcp …` and opens an MCP session with it.
    pub(super) async fn start(
        executable: &Path,
        repository: &Path,
        state_home: &Path,
        prod_url: &str,
    ) -> Result<Self, DemoError> {
        let mut command = Command::new(executable);
        command
            .args(["mcp", "--prod-url", prod_url, "--project", "demo", "--toolsets", "all", "--repo"])
            .arg(repository)
            .current_dir(repository)
            .env("SNIPARA_ORCHESTRATOR_HOME", state_home)
            // A real key in the caller's environment must not take the demo to the network.
            .env_remove("SNIPARA_API_KEY")
            .env_remove("SNIPARA_API_URL");
        let (transport, output) = TokioChildProcess::builder(command)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| DemoError::Start { executable: executable.to_owned(), source })?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        if let Some(output) = output {
            tokio::spawn(keep_the_end(output, stderr.clone()));
        }
        match tokio::time::timeout(PATIENCE, ().serve(transport)).await {
            Ok(Ok(client)) => Ok(Self { client, stderr }),
            Ok(Err(error)) => Err(DemoError::Handshake { reason: error.to_string(), stderr: text(&stderr) }),
            Err(_) => Err(DemoError::Handshake { reason: too_late(), stderr: text(&stderr) }),
        }
    }

    /// Calls a tool and returns its structured answer.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Result<Value, DemoError> {
        let failed = |reason: String| DemoError::Call { tool, reason, stderr: text(&self.stderr) };
        let mut request = CallToolRequestParams::new(tool);
        if let Value::Object(arguments) = arguments {
            request = request.with_arguments(arguments);
        }
        let answer = tokio::time::timeout(PATIENCE, self.client.call_tool(request))
            .await
            .map_err(|_| failed(too_late()))?
            .map_err(|error| failed(error.to_string()))?;
        if answer.is_error == Some(true) {
            let said: Vec<_> =
                answer.content.iter().filter_map(|block| block.as_text()).map(|part| &*part.text).collect();
            return Err(failed(said.join(" ")));
        }
        answer.structured_content.ok_or_else(|| failed("an answer without structured content".to_owned()))
    }

    /// Closes the server's input and waits for its end, so that its files are whole.
    pub(super) async fn stop(self) {
        // However the connection ended, the process is gone after this.
        let _ = self.client.cancel().await;
    }
}

fn too_late() -> String {
    format!("no answer within {} s", PATIENCE.as_secs())
}

async fn keep_the_end(mut output: ChildStderr, kept: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = [0; 1024];
    while let Ok(length @ 1..) = output.read(&mut chunk).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(chunk.iter().take(length));
        let surplus = kept.len().saturating_sub(KEPT_STDERR);
        kept.drain(..surplus);
    }
}

fn text(kept: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&kept.lock().unwrap_or_else(PoisonError::into_inner)).trim().to_owned()
}
