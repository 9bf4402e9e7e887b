//! The server: what it says about itself, which tools it offers, and the guard around every call.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use rmcp::handler::server::router::tool::ToolRoute;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, DiscoverResult, Extensions, GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams,
    GetSkillResult, GetTaskParams, GetTaskResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse, RequestStateCodec, ServerConfig,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::domain::{nearest, one_line};
use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::access::{Principal, Scope, needed_for_tool};
use super::caller::{View, permitted};
use super::era::is_stateless_era;
use super::failure::failed_request;
use super::http::Metrics;
use super::limits::CallLimits;
use super::logging::{SetLevel, Threshold};
use super::options::{ServerOptions, ServerOptionsError};
use super::page::{PRIVATE, STATIC_TTL_MS};
use super::parameter_header::marked;
use super::subscriptions::Subscriptions;
use super::tools::{listed, routes};
use super::turns::Turns;
use super::word::Answered;
use super::{
    completion, failure, identity, logging, methods, page, prompts, protocol_task, resources, skills, subscriptions,
};

/// Opens the orchestrator at the first tool call: no work before the handshake. A failure is answered to that call
/// and tried again at the next.
pub type Opener =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Orchestrator, OrchestratorError>> + Send>> + Send + Sync>;

/// One MCP server, whatever carries its messages. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
    view: View,
    /// Who sent a message; nobody's name where nobody has one.
    sender: Option<Arc<str>>,
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
    turns: Turns,
    subscriptions: Arc<Subscriptions>,
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
            turns: Turns::new(limits),
            subscriptions: Arc::default(),
            stopping: CancellationToken::new(),
            metrics: Metrics::default(),
            request_states: OnceCell::new(),
            answered: Answered::default(),
        };
        Ok(Self { shared: Arc::new(shared), view: View::Everybody, sender: None, session: Arc::default() })
    }

    /// Returns the same server for another session; a transport with several sessions gives each its own.
    #[must_use]
    pub fn for_session(&self) -> Self {
        Self { session: Arc::default(), ..self.clone() }
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
        Ok(self.for_principal(&self.sender(&context.extensions, needed)?))
    }

    /// Returns who sent a message, when they may do what needs this scope.
    fn sender(&self, extensions: &Extensions, needed: Option<Scope>) -> Result<Principal, OrchestratorError> {
        let principal = permitted(extensions, needed)?;
        if matches!(self.view, View::Unasked) && principal.name().is_none() {
            // Where callers have names, a message without one has lost it on the way.
            return Err(OrchestratorError::Bug { message: "nobody sent this".to_owned() });
        }
        Ok(principal)
    }

    /// Returns this server for who asks to read something.
    fn reader(&self, context: &RequestContext<RoleServer>) -> Result<Self, ErrorData> {
        self.for_sender(context, Some(Scope::Read)).map_err(|error| failed_request(&error))
    }

    /// Returns this server as a principal sees it.
    pub(super) fn for_principal(&self, principal: &Principal) -> Self {
        Self { view: View::of(principal), sender: principal.name().map(Arc::from), ..self.clone() }
    }

    /// Returns this server for a transport whose callers have names: a handler sees nothing before it has asked who
    /// sends.
    pub(super) fn for_named_senders(&self) -> Self {
        Self { view: View::Unasked, ..self.clone() }
    }

    /// Tells whether the options let callers do what one of our tools does, under whatever name.
    pub(super) fn lets(&self, tool: &str) -> bool {
        self.shared.options.lets(tool)
    }

    /// Tells whether a tool is offered.
    pub(super) fn offers(&self, tool: &str) -> bool {
        self.route(tool).is_some()
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

    /// Returns what is watched.
    pub(super) fn subscriptions(&self) -> &Subscriptions {
        &self.shared.subscriptions
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
        let _turn = if waits_for_turn { Some(self.shared.turns.take(self.sender.as_deref()).await?) } else { None };
        self.carried_out(work).await
    }

    /// Carries out what looks where a run stands, as [`Server::guarded`] does, but in nobody's turn: who waits for a
    /// run keeps nobody from working, and is not kept from looking.
    pub(super) async fn looking<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, OrchestratorError> {
        let _look = self.shared.turns.look(self.sender.as_deref())?;
        self.carried_out(work).await
    }

    async fn carried_out<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, OrchestratorError> {
        let limits = self.shared.limits;
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
        identity::config()
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.get_info()).with_ttl_ms(STATIC_TTL_MS))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        page::only_page(request.as_ref())?;
        // What a caller may not do it is not offered: clients show their model a refusal of HTTP without its words.
        let caller = self.sender(&context.extensions, None).map_err(|error| failed_request(&error))?;
        let may = |tool: &Tool| caller.may(needed_for_tool(&tool.name).unwrap_or(Scope::Admin));
        let tools = self.shared.offered.iter().map(|route| route.attr.clone()).filter(may);
        let tools = if is_stateless_era(&context) { tools.map(marked).collect() } else { tools.collect() };
        Ok(ListToolsResult::with_all_items(tools).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
    }

    /// rmcp compares the headers of requests since 2026-07-28 with what is marked here.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.route(name).map(|route| marked(route.attr.clone()))
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
        // Looking at a run and stopping it must work however many calls wait for runs.
        let (looks, stops) = (request.name == "task_status", request.name == "task_cancel");
        let work = async { (route.call)(ToolCallContext::new(&server, request, context)).await };
        let answered = if looks { server.looking(work).await } else { server.guarded(!stops, work).await };
        let answer = match answered {
            Ok(answer) => answer,
            Err(error) => Ok(failure::failed_call(&error).into()),
        };
        self.metrics().call(&route.attr.name, outcome(&answer));
        answer
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let server = self.reader(&context)?;
        server
            .guarded(true, resources::list(&server, request.as_ref()))
            .await
            .unwrap_or_else(|error| Err(failed_request(&error)))
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        page::only_page(request.as_ref())?;
        let forms = ListResourceTemplatesResult::with_all_items(resources::templates());
        Ok(forms.with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let server = self.reader(&context)?;
        match server.guarded(true, resources::read(&server, &request.uri)).await {
            Ok(Ok(contents)) => Ok(contents.into()),
            Ok(Err(error)) | Err(error) => Err(failure::failed_read(&error)),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let server = self.reader(&context)?;
        let work = self.shared.subscriptions.subscribe(&server, &request.uri, &context);
        server.guarded(true, work).await.unwrap_or_else(|error| Err(failed_request(&error)))
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.shared.subscriptions.unsubscribe(&request.uri, &context);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(subscriptions::accepted(requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        subscriptions::listen(&self.reader(context.request_context())?, context).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        prompts::list(self, request.as_ref())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let server = self.reader(&context)?;
        match server.guarded(true, prompts::get(&server, request)).await {
            Ok(Ok(prompt)) => Ok(prompt.into()),
            Ok(Err(error)) | Err(error) => Err(failed_request(&error)),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let server = self.reader(&context)?;
        match server.guarded(true, completion::complete(&server, &request)).await {
            Ok(Ok(values)) => Ok(values),
            Ok(Err(error)) | Err(error) => Err(failed_request(&error)),
        }
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListSkillsResult, ErrorData> {
        skills::list(request.as_ref())
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetSkillResult, ErrorData> {
        skills::get(&request.uri)
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        skills::folder(&request)
    }

    async fn set_level(&self, request: SetLevel, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        logging::set_level(self, &request, &context)
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Read)).map_err(|error| failed_request(&error))?;
        protocol_task::answered(server.looking(protocol_task::get(&server, &request.task_id, &context)).await)
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Validate)).map_err(|error| failed_request(&error))?;
        protocol_task::answered(server.guarded(true, protocol_task::update(&server, &request.task_id)).await)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let server = self.for_sender(&context, Some(Scope::Validate)).map_err(|error| failed_request(&error))?;
        protocol_task::answered(server.guarded(false, protocol_task::cancel(&server, &request.task_id)).await)
    }

    /// rmcp hands a known method with wrong parameters here, as if its method were unknown.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(methods::refusal(&request, is_stateless_era(&context), &self.get_info().capabilities))
    }
}
