//! The server: what it says about itself, which tools it offers, and the guard around every call.

use std::borrow::Cow;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use rmcp::handler::server::router::tool::ToolRoute;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CustomRequest, CustomResult, ErrorCode, GetTaskParams,
    GetTaskResult, Implementation, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, RequestStateCodec, ServerCapabilities,
    ServerConfig, Tool, UpdateTaskParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::domain::{nearest, one_line};
use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::access::{Principal, Scope, needed_for_tool};
use super::caller::{View, permitted};
use super::http::Metrics;
use super::limits::CallLimits;
use super::logging::{SetLevel, Threshold};
use super::options::{ServerOptions, ServerOptionsError};
use super::tools::{listed, routes};
use super::word::Answered;
use super::{failure, logging, protocol_task, resources};

/// What clients tell their model about this server.
pub const INSTRUCTIONS: &str = "Proves deploys against production. Before you start, ask recall and query_context. \
Split larger work with htask_create, take it with htask_next, end it with htask_complete. After you deploy and before \
you say that a task is done, call run_task with a title, local_tests ([] for none) and live_checks: requests to \
production that show that the change works; three distinct ones unless required_proofs says otherwise. Only status done \
means done. On any other do what next_step says, then call run_task again with the task_id; a changed check needs a new \
task. While running is true, wait with task_status. At the end remember what later tasks need.";

/// The method that stands for a request that could not be read.
pub(super) const UNREADABLE: &str = "unreadable";

/// Opens the orchestrator at the first tool call: no work before the handshake. A failure is answered to that call
/// and tried again at the next.
pub type Opener =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Orchestrator, OrchestratorError>> + Send>> + Send + Sync>;

/// One MCP server, whatever carries its messages. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
    view: View,
    session: Arc<Session>,
}

/// What one client's session holds; clones of a server serve the same session.
#[derive(Default)]
struct Session {
    threshold: Threshold,
}

struct Shared {
    options: ServerOptions,
    offered: Vec<&'static ToolRoute<Server>>,
    open: Opener,
    orchestrator: OnceCell<Orchestrator>,
    limits: CallLimits,
    turns: Semaphore,
    stopping: CancellationToken,
    metrics: Metrics,
    request_states: OnceCell<RequestStateCodec>,
    answered: Answered,
}

impl Server {
    /// Makes a server that offers what the options allow; opens nothing.
    ///
    /// # Errors
    /// When the options name an unknown tool or toolset, or leave none.
    pub fn new(options: &ServerOptions, open: Opener) -> Result<Self, ServerOptionsError> {
        Self::with_limits(options, open, CallLimits::default())
    }

    /// Makes a server with other limits.
    ///
    /// # Errors
    /// As [`Server::new`].
    pub fn with_limits(options: &ServerOptions, open: Opener, limits: CallLimits) -> Result<Self, ServerOptionsError> {
        let offered = options.offered()?.into_iter().filter_map(|name| routes().map.get(name)).collect();
        let shared = Shared {
            options: options.clone(),
            offered,
            open,
            orchestrator: OnceCell::new(),
            limits,
            turns: Semaphore::new(limits.at_once),
            stopping: CancellationToken::new(),
            metrics: Metrics::default(),
            request_states: OnceCell::new(),
            answered: Answered::default(),
        };
        Ok(Self { shared: Arc::new(shared), view: View::Everybody, session: Arc::default() })
    }

    /// Returns the same server for another session; a transport with several sessions gives each its own.
    #[must_use]
    pub fn for_session(&self) -> Self {
        Self { shared: self.shared.clone(), view: self.view.clone(), session: Arc::default() }
    }

    /// Stops every run and waits until each has written its end. New runs are refused from now on.
    pub async fn shut_down(&self) {
        self.shared.stopping.cancel();
        if let Some(orchestrator) = self.shared.orchestrator.get() {
            orchestrator.shut_down().await;
        }
    }

    /// Returns the numbers that calls are counted into.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Tells when the server begins to stop.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.shared.stopping
    }

    /// Returns the orchestrator as the caller sees it; opens it when this is the first call.
    pub(super) async fn orchestrator(&self) -> Result<&Orchestrator, OrchestratorError> {
        let whole = self.shared.orchestrator.get_or_try_init(|| (self.shared.open)()).await?;
        self.view.see(whole).await
    }

    /// Returns this server for who sent a message: every handler works on it, never on the server of everybody.
    ///
    /// # Errors
    /// When they may not do what needs this scope.
    pub(super) fn for_sender(
        &self,
        context: &RequestContext<RoleServer>,
        needed: Option<Scope>,
    ) -> Result<Self, OrchestratorError> {
        let principal = permitted(&context.extensions, needed)?;
        Ok(self.for_principal(&principal))
    }

    /// Returns this server as a principal sees it.
    pub(super) fn for_principal(&self, principal: &Principal) -> Self {
        Self { shared: self.shared.clone(), view: View::of(principal), session: self.session.clone() }
    }

    /// Returns this server for a transport whose callers have names: a handler sees nothing before it has asked who
    /// sends.
    pub(super) fn for_named_senders(&self) -> Self {
        Self { shared: self.shared.clone(), view: View::Unasked, session: self.session.clone() }
    }

    /// Tells whether the options let callers do what one of our tools does, under whatever name.
    pub(super) fn lets(&self, tool: &str) -> bool {
        self.shared.options.lets(tool)
    }

    /// Returns from which level on this session is told what a run does.
    pub(super) fn threshold(&self) -> &Threshold {
        &self.session.threshold
    }

    /// Returns what seals the state of questions: every process of a state folder opens the other's.
    pub(super) async fn request_states(&self) -> Result<&RequestStateCodec, OrchestratorError> {
        let made = async {
            let key = self.orchestrator().await?.sealing_key().await?;
            RequestStateCodec::try_new(key.to_vec())
                .map_err(|error| OrchestratorError::Bug { message: error.to_string() })
        };
        self.shared.request_states.get_or_try_init(|| made).await
    }

    /// Returns the questions that were answered.
    pub(super) fn answered(&self) -> &Answered {
        &self.shared.answered
    }

    fn route(&self, name: &str) -> Option<&'static ToolRoute<Self>> {
        self.shared.offered.iter().copied().find(|route| route.attr.name == name)
    }

    /// A name that no model should have used; said so that it can do better.
    fn unknown_tool(&self, name: &str) -> ErrorData {
        let name = one_line(name, 60);
        if listed().iter().any(|tool| tool.name == name) {
            let message = format!("tool `{name}` is not offered: this server was started with fewer tools");
            return ErrorData::invalid_params(message, None);
        }
        let offered = self.shared.offered.iter().map(|route| route.attr.name.as_ref());
        let message = match nearest(&name, offered) {
            Some(meant) => format!("unknown tool `{name}`: did you mean `{meant}`?"),
            None => format!("unknown tool `{name}`: tools/list shows those offered"),
        };
        ErrorData::invalid_params(message, None)
    }

    /// Carries out one piece of work: in turn, within its time, and answered even when it panics.
    pub(super) async fn guarded<T>(
        &self,
        waits_for_turn: bool,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, OrchestratorError> {
        let limits = self.shared.limits;
        let _turn = if waits_for_turn {
            match tokio::time::timeout(limits.turn, self.shared.turns.acquire()).await {
                Ok(turn) => turn.ok(),
                Err(_) => return Err(busy(limits.at_once)),
            }
        } else {
            None
        };
        match tokio::time::timeout(limits.whole, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(panic)) => Err(OrchestratorError::Bug { message: panic_message(panic.as_ref()) }),
            Err(_) => Err(timed_out(limits.whole.as_secs())),
        }
    }
}

/// Says how a call ended, for what counts calls.
fn outcome(answer: &Result<CallToolResponse, ErrorData>) -> &'static str {
    match answer {
        Err(_) => "refused",
        Ok(CallToolResponse::Complete(result)) if result.is_error == Some(true) => "failed",
        Ok(_) => "ok",
    }
}

fn busy(at_once: usize) -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "busy",
        message: format!("{at_once} calls are going on already"),
        hint: "Wait for one of them to end, then call again.".to_owned(),
    }
}

fn timed_out(seconds: u64) -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "timed_out",
        message: format!("the call took longer than {seconds} s"),
        hint: "A run that was started goes on: look at it with task_status.".to_owned(),
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    format!("the call panicked: {}", one_line(&text, 200))
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let about =
            Implementation::new("snipara-orchestrator", env!("CARGO_PKG_VERSION")).with_title("Snipara Orchestrator");
        ServerConfig::new(logging::offered(
            ServerCapabilities::builder().enable_tools().enable_resources().enable_tasks().build(),
        ))
        .with_server_info(about)
        .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.shared.offered.iter().map(|route| route.attr.clone()).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.route(name).map(|route| route.attr.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(route) = self.route(&request.name) else {
            self.metrics().call("unknown", "refused");
            return Err(self.unknown_tool(&request.name));
        };
        // A tool that is listed and has no scope is nobody's but the administrator's.
        let needed = needed_for_tool(&request.name).unwrap_or(Scope::Admin);
        let server = match self.for_sender(&context, Some(needed)) {
            Ok(server) => server,
            Err(error) => {
                self.metrics().call(&route.attr.name, "refused");
                return Ok(failure::failed_call(&error).into());
            }
        };
        // Stopping a run must work however many calls wait for runs.
        let waits_for_turn = request.name != "task_cancel";
        let work = async { (route.call)(ToolCallContext::new(&server, request, context)).await };
        let answer = match self.guarded(waits_for_turn, work).await {
            Ok(answer) => answer,
            Err(error) => Ok(failure::failed_call(&error).into()),
        };
        self.metrics().call(&route.attr.name, outcome(&answer));
        answer
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::fixed()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Read)).map_err(|error| failure::failed_read(&error))?;
        match self.guarded(true, resources::read(&server, &request.uri)).await {
            Ok(Ok(contents)) => Ok(contents.into()),
            Ok(Err(error)) | Err(error) => Err(failure::failed_read(&error)),
        }
    }

    async fn set_level(&self, request: SetLevel, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        logging::set_level(self, &request, &context)
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Read)).map_err(|error| failure::failed_task(&error))?;
        protocol_task::answered(self.guarded(true, protocol_task::get(&server, &request.task_id, &context)).await)
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Validate)).map_err(|error| failure::failed_task(&error))?;
        protocol_task::answered(self.guarded(true, protocol_task::update(&server, &request.task_id)).await)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Validate)).map_err(|error| failure::failed_task(&error))?;
        protocol_task::answered(self.guarded(false, protocol_task::cancel(&server, &request.task_id)).await)
    }

    /// rmcp hands a known method with wrong parameters here, as if its method were unknown.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: [&str; 10] = [
            "initialize",
            "tools/list",
            "tools/call",
            "resources/list",
            "resources/templates/list",
            "resources/read",
            "server/discover",
            "tasks/get",
            "tasks/update",
            "tasks/cancel",
        ];
        let method = request.method;
        if method == UNREADABLE {
            let reason = request.params.as_ref().and_then(|params| params.get("reason")).and_then(Value::as_str);
            let message = format!("the request is no JSON that can be read: {}", reason.unwrap_or("no reason"));
            return Err(ErrorData::parse_error(one_line(&message, 200), None));
        }
        if KNOWN.contains(&method.as_str()) {
            let message = format!("the parameters of {method} do not have the form that the protocol asks for");
            return Err(ErrorData::invalid_params(message, None));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, Cow::Owned(one_line(&method, 80)), None))
    }
}
