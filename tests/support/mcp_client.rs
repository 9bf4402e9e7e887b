//! The real server and a real rmcp client in one process, over a pipe in memory.

use std::sync::Arc;

use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService, ServiceError};
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};
use snipara_orchestrator::mcp::{CallLimits, Opener, Server, ServerOptions};
use snipara_orchestrator::orchestrator::OrchestratorError;
use snipara_orchestrator::store::StoreError;
use tokio::task::JoinHandle;

use super::patience::PATIENCE;
use super::world::World;

/// How a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// `initialize`, up to 2025-11-25.
    Initialize,
    /// `server/discover`, from 2026-07-28.
    Discover,
}

impl Era {
    pub const BOTH: [Self; 2] = [Self::Initialize, Self::Discover];

    pub fn lifecycle(self) -> ClientLifecycleMode {
        match self {
            Self::Initialize => ClientLifecycleMode::Initialize,
            Self::Discover => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        }
    }
}

/// A session with a server in this process.
pub struct Client {
    pub session: RunningService<RoleClient, ()>,
    serving: JoinHandle<()>,
}

impl Client {
    /// Opens a session with a server that has these options and this opener.
    pub async fn open(era: Era, options: ServerOptions, opener: Opener) -> Self {
        Self::with_limits(era, options, opener, CallLimits::default()).await
    }

    pub async fn with_limits(era: Era, options: ServerOptions, opener: Opener, limits: CallLimits) -> Self {
        let server = Server::with_limits(&options, opener, limits).expect("options");
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let serving = tokio::spawn(async move {
            let running = server.serve(theirs).await.expect("a session");
            let _ = running.waiting().await;
        });
        let opened = ().serve_with_lifecycle(ours, era.lifecycle());
        let session = tokio::time::timeout(PATIENCE, opened).await.expect("in time").expect("a session");
        Self { session, serving }
    }

    /// Opens a session with all tools over a world's orchestrator.
    pub async fn of(world: &World, era: Era) -> Self {
        Self::open(era, every_tool(), opener(world)).await
    }

    /// Calls a tool that must succeed; returns its structured content after checking that the text ends with the same
    /// next step and is small.
    pub async fn told(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await.expect("a result");
        assert_ne!(result.is_error, Some(true), "{result:?}");
        let text = &result.content[0].as_text().expect("text").text;
        let output = result.structured_content.expect("structured content");
        let next_step = output["next_step"].as_str().expect("a next step");
        assert!(text.ends_with(&format!("\nnext_step: {next_step}")), "{text}");
        assert!(text.len() < 16_000, "{text}");
        output
    }

    /// Calls a tool that must fail; returns its code and its message after checking that it says what to do.
    pub async fn refusal(&self, tool: &str, arguments: Value) -> (String, String) {
        let document = self.failure(tool, arguments).await;
        let part = |name: &str| document[name].as_str().expect("text").to_owned();
        assert!(!part("hint").is_empty(), "{document}");
        (part("code"), part("message"))
    }

    /// Calls a tool.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let mut parameters = CallToolRequestParams::new(tool.to_owned());
        parameters.arguments = Some(arguments);
        tokio::time::timeout(PATIENCE, self.session.call_tool(parameters)).await.expect("an answer in time")
    }

    /// Calls a tool that must fail; returns its `{code, message, hint}` after checking the form of the answer.
    pub async fn failure(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await.expect("a result");
        assert_eq!(result.is_error, Some(true));
        assert_eq!(result.structured_content, None);
        let [block] = result.content.as_slice() else { panic!("one block, not {:?}", result.content) };
        let document: Value = serde_json::from_str(&block.as_text().expect("text").text).expect("json");
        let keys: Vec<_> = document.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["code", "message", "hint"]);
        document
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// All tools, those of the hosted service, too.
pub fn every_tool() -> ServerOptions {
    ServerOptions { toolsets: Some(vec!["all".to_owned()]), hosted: true, ..ServerOptions::default() }
}

/// An opener that hands over a world's orchestrator.
pub fn opener(world: &World) -> Opener {
    let orchestrator = world.orchestrator.clone();
    Arc::new(move || {
        let orchestrator = orchestrator.clone();
        Box::pin(async move { Ok(orchestrator) })
    })
}

/// An opener that always fails in the same way.
pub fn failing_opener() -> Opener {
    Arc::new(|| Box::pin(async { Err(store_unavailable()) }))
}

/// An opener that panics.
pub fn panicking_opener() -> Opener {
    Arc::new(|| Box::pin(async { panic!("the opener broke") }))
}

/// An opener that never comes back.
pub fn hanging_opener() -> Opener {
    Arc::new(|| Box::pin(std::future::pending()))
}

pub fn store_unavailable() -> OrchestratorError {
    StoreError::ReadOnly("/state/store.sqlite3".into()).into()
}

/// A live check that may stand anywhere.
pub fn some_check() -> Value {
    json!({ "url": "/health" })
}
