//! A client with a person behind it: knows tasks, shows forms and reads the log, each when told so.
#![expect(deprecated, reason = "the protocol gives logging up (SEP-2577); clients of all its versions still use it")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationCapability, GetTaskParams, Implementation,
    LoggingMessageNotificationParam, ProgressNotificationParam, SetLevelRequestParams,
};
use rmcp::service::{ClientServiceExt, NotificationContext, RequestContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientHandler, ErrorData, RoleClient, ServiceExt};
use serde_json::Value;
use snipara_orchestrator::mcp::Server;

use super::mcp_client::{Era, every_tool, opener};
use super::patience::{PATIENCE, until_asked};
use super::world::World;

/// What the client can do, what its person will type, and what came to it.
#[derive(Clone, Default)]
pub struct Person {
    tasks: bool,
    forms: bool,
    silent: bool,
    answers: Arc<Mutex<VecDeque<ElicitResult>>>,
    asked: Arc<Mutex<Vec<Value>>>,
    log: Arc<Mutex<Vec<Value>>>,
    progress: Arc<Mutex<Vec<String>>>,
}

impl Person {
    /// A client that knows the Tasks extension.
    pub fn with_tasks() -> Self {
        Self { tasks: true, ..Self::default() }
    }

    /// A client that shows forms to somebody who types this, form after form, and declines when nothing is left.
    pub fn typing(answers: impl IntoIterator<Item = Value>) -> Self {
        let accepted = |content| ElicitResult::new(ElicitationAction::Accept).with_content(content);
        let answers = Arc::new(Mutex::new(answers.into_iter().map(accepted).collect()));
        Self { forms: true, answers, ..Self::default() }
    }

    /// A client that shows forms to somebody who never answers.
    pub fn silent() -> Self {
        Self { forms: true, silent: true, ..Self::default() }
    }

    /// Returns the forms that were shown.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().expect("no panic").clone()
    }

    /// Returns the log messages that came.
    pub fn log(&self) -> Vec<Value> {
        self.log.lock().expect("no panic").clone()
    }

    /// Returns the lines of progress that came.
    pub fn progress(&self) -> Vec<String> {
        self.progress.lock().expect("no panic").clone()
    }

    /// Opens a session with all tools over a world's orchestrator.
    pub async fn meets(&self, world: &World, era: Era) -> Session {
        let server = Server::new(&every_tool(), opener(world)).expect("options");
        self.opens(server, era).await
    }

    /// Opens a session with a server over HTTP.
    pub async fn connects(&self, url: &str, era: Era) -> Session {
        let opened = self.clone().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), era.lifecycle());
        Session(tokio::time::timeout(PATIENCE, opened).await.expect("in time").expect("a session"))
    }

    /// Opens a session with a server.
    pub async fn opens(&self, server: Server, era: Era) -> Session {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        // It ends when the client's side of the pipe is dropped.
        tokio::spawn(async move {
            let running = server.serve(theirs).await.expect("a session");
            let _ = running.waiting().await;
        });
        let opened = self.clone().serve_with_lifecycle(ours, era.lifecycle());
        Session(tokio::time::timeout(PATIENCE, opened).await.expect("in time").expect("a session"))
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        if self.tasks {
            capabilities = ClientCapabilities::builder().enable_tasks().build();
        }
        if self.forms {
            capabilities.elicitation = Some(ElicitationCapability::default());
        }
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        self.asked.lock().expect("no panic").push(serde_json::to_value(&request).expect("json"));
        if self.silent {
            std::future::pending::<()>().await;
        }
        let answer = self.answers.lock().expect("no panic").pop_front();
        Ok(answer.unwrap_or_else(|| ElicitResult::new(ElicitationAction::Decline)))
    }

    async fn on_logging_message(
        &self,
        message: LoggingMessageNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        self.log.lock().expect("no panic").push(serde_json::to_value(&message).expect("json"));
    }

    async fn on_progress(&self, progress: ProgressNotificationParam, _context: NotificationContext<RoleClient>) {
        self.progress.lock().expect("no panic").extend(progress.message);
    }
}

/// A session of a client with a person behind it.
pub struct Session(pub RunningService<RoleClient, Person>);

impl Session {
    /// Asks for a task of the protocol; the answer as JSON.
    pub async fn task(&self, id: &str) -> Value {
        let answer = self.0.get_task(GetTaskParams::new(id)).await.expect("an answer");
        serde_json::to_value(answer).expect("json")
    }

    /// Asks for a task of the protocol until it has ended.
    pub async fn ended_task(&self, id: &str) -> Value {
        let ended = async || Some(self.task(id).await).filter(|answer| answer["status"] != "working");
        until_asked(&format!("{id} ends"), ended).await
    }

    /// Calls a tool and answers the questions on the way; the result as JSON.
    pub async fn call(&self, tool: &str, arguments: Value) -> Value {
        let called = self.0.call_tool(call(tool, arguments));
        let result = tokio::time::timeout(PATIENCE, called).await.expect("an answer in time").expect("a result");
        json_of(&result)
    }

    /// Calls a tool and takes what comes: an answer, a question or a task.
    pub async fn call_once(&self, parameters: CallToolRequestParams) -> CallToolResponse {
        let called = self.0.call_tool_once(parameters);
        tokio::time::timeout(PATIENCE, called).await.expect("an answer in time").expect("a response")
    }

    /// Asks for the log of this session from a level on.
    pub async fn level(&self, level: &str) -> Result<(), rmcp::ServiceError> {
        let level = serde_json::from_value(Value::from(level)).expect("a level");
        self.0.set_level(SetLevelRequestParams::new(level)).await
    }

    /// Calls a tool that must fail; returns its code, its message and its hint.
    pub async fn refusal(&self, tool: &str, arguments: Value) -> [String; 3] {
        refusal(&self.call(tool, arguments).await)
    }
}

/// Makes the parameters of a call.
pub fn call(tool: &str, arguments: Value) -> CallToolRequestParams {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)
}

/// Returns a result as it stands on the wire.
pub fn json_of(result: &CallToolResult) -> Value {
    serde_json::to_value(result).expect("json")
}

/// Reads a failed call: its code, its message and its hint.
pub fn refusal(result: &Value) -> [String; 3] {
    assert_eq!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().expect("text");
    let document: Value = serde_json::from_str(text).expect("json");
    ["code", "message", "hint"].map(|name| document[name].as_str().expect("text").to_owned())
}
