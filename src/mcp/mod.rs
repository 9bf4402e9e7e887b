//! The protocol: rmcp lives here (and in `demo`).
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::orchestrator::{Orchestrator, OrchestratorError};

/// Opens the orchestrator at the first tool call: no work before the handshake. A failure is answered to that call
/// and tried again at the next.
pub type Opener =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Orchestrator, OrchestratorError>> + Send>> + Send + Sync>;

/// What a server offers; an upper bound that no caller can lift.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// `--toolsets a,b|all`; the default profile when not given.
    pub toolsets: Option<Vec<String>>,
    /// `--tools x,y`: exactly these.
    pub tools: Option<Vec<String>>,
    /// `--read-only`: only tools that neither write nor run commands.
    pub read_only: bool,
}

/// The options name something that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("SCAFFOLD")]
pub struct ServerOptionsError;

/// Serves MCP over standard input and output until the input ends or a signal comes; stops every run then.
///
/// # Errors
/// When the options name an unknown tool or toolset (before anything is read), or when the pipes break.
pub async fn serve_stdio(_options: ServerOptions, _open: Opener) -> anyhow::Result<()> {
    todo!()
}

/// Returns every tool as `tools/list` shows it, by name, in order: what `schemas` prints and tool-schemas/ holds.
pub fn tool_definitions() -> Vec<(String, serde_json::Value)> {
    todo!()
}
