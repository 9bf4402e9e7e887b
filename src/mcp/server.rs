//! The server: which tools it offers, for whom it works, and the guard around every call.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use rmcp::model::{Extensions, RequestStateCodec};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde::Serialize;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::domain::{AuditSink, AuditedCall, nearest, one_line};
use crate::orchestrator::{InternalError, Orchestrator, OrchestratorError, UnavailableError};
use crate::tools::{self, ToolSpec};

use super::caller::{CallerScope, permitted};
use super::concurrency::CallLimit;
use super::elicitation::UsedStates;
use super::left_out::LeftOut;
use super::limits::CallLimits;
use super::logging::Threshold;
use super::options::{ServerOptions, ServerOptionsError};
use super::subscriptions::Subscriptions;
use crate::domain::{Principal, Scope};

/// Gives each call its orchestrator: it opens one at the first call (no work before the handshake), keeps it, and gives one of
/// the same store when the settings have changed. A failure is answered to that call and tried again at the next.
pub type Opener =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Orchestrator, OrchestratorError>> + Send>> + Send + Sync>;

/// Counts a tool call and how it ended: `ok`, `failed` or `refused`.
pub type CallCounter = Arc<dyn Fn(&'static str, &'static str) + Send + Sync>;

/// One MCP server, whatever carries its messages. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
    caller_scope: CallerScope,
    /// The sender's name, where callers have names.
    sender: Option<Arc<str>>,
    session: Arc<Session>,
    counter: Option<CallCounter>,
    audit: Option<AuditSink>,
}

/// What one client's session holds; clones of a server serve the same session.
#[derive(Default)]
struct Session {
    threshold: Threshold,
}

struct Shared {
    options: ServerOptions,
    offered: Vec<&'static ToolSpec>,
    open: Opener,
    /// The one that was given last; all of them share their runs.
    orchestrator: Mutex<Option<Orchestrator>>,
    limits: CallLimits,
    calls: CallLimit,
    subscriptions: Arc<Subscriptions>,
    stopping: CancellationToken,
    request_states: OnceCell<RequestStateCodec>,
    used_states: UsedStates,
    left_out: LeftOut,
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
        let offered = options.offered()?;
        let shared = Shared {
            options: options.clone(),
            offered,
            open,
            orchestrator: Mutex::default(),
            limits,
            calls: CallLimit::new(limits),
            subscriptions: Arc::default(),
            stopping: CancellationToken::new(),
            request_states: OnceCell::new(),
            used_states: UsedStates::default(),
            left_out: LeftOut::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            caller_scope: CallerScope::Shared,
            sender: None,
            session: Arc::default(),
            counter: None,
            audit: None,
        })
    }

    /// Returns the same server for another session; a transport with several sessions gives each its own.
    #[must_use]
    pub fn for_session(&self) -> Self {
        Self { session: Arc::default(), ..self.clone() }
    }

    /// Stops every run and waits until each has written its end. New runs are refused from now on.
    pub async fn shut_down(&self) {
        self.shared.stopping.cancel();
        let opened = self.shared.orchestrator.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(orchestrator) = opened {
            orchestrator.shut_down().await;
        }
    }

    /// Returns the same server whose calls are counted.
    #[must_use]
    pub fn counting(self, counter: CallCounter) -> Self {
        Self { counter: Some(counter), ..self }
    }

    /// Returns the same server whose calls are written into this trail.
    #[must_use]
    pub fn auditing(self, audit: Option<AuditSink>) -> Self {
        Self { audit, ..self }
    }

    /// Begins a call that is written into the trail with its end.
    pub(crate) fn begin_call<T: Serialize>(
        &self,
        principal: &Principal,
        what: &'static str,
        arguments: &T,
    ) -> AuditedCall {
        AuditedCall::begin(self.audit.as_ref(), principal.name().unwrap_or("caller"), what, arguments)
    }

    /// Counts a call and how it ended.
    pub(crate) fn count(&self, tool: &'static str, outcome: &'static str) {
        if let Some(counter) = &self.counter {
            counter(tool, outcome);
        }
    }

    /// Tells when the server begins to stop.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.shared.stopping
    }

    /// Returns the orchestrator as the caller sees it, with the settings as they are now; opens it when this is the first call.
    pub(crate) async fn orchestrator(&self) -> Result<Orchestrator, OrchestratorError> {
        let whole = (self.shared.open)().await?;
        *self.shared.orchestrator.lock().unwrap_or_else(PoisonError::into_inner) = Some(whole.clone());
        self.caller_scope.orchestrator(whole)
    }

    /// Returns this server for the sender of a message. Every handler works on it, and never on the shared server.
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

    /// Returns the sender of a message when they have this scope.
    pub(super) fn sender(
        &self,
        extensions: &Extensions,
        needed: Option<Scope>,
    ) -> Result<Principal, OrchestratorError> {
        let principal = permitted(extensions, needed)?;
        if matches!(self.caller_scope, CallerScope::Unauthenticated) && principal.name().is_none() {
            // Where callers have names, a message without one has lost it on the way.
            return Err(OrchestratorError::internal("nobody sent this"));
        }
        Ok(principal)
    }

    /// Returns this server for a caller who asks to read something.
    pub(super) fn reader(&self, context: &RequestContext<RoleServer>) -> Result<Self, ErrorData> {
        Ok(self.for_sender(context, Some(Scope::Read))?)
    }

    /// Returns this server as a principal sees it.
    pub(crate) fn for_principal(&self, principal: &Principal) -> Self {
        Self { caller_scope: CallerScope::of(principal), sender: principal.name().map(Arc::from), ..self.clone() }
    }

    /// Returns this server for a transport whose callers have names: a handler sees nothing before it has asked who
    /// sends.
    pub(crate) fn for_named_senders(&self) -> Self {
        Self { caller_scope: CallerScope::Unauthenticated, ..self.clone() }
    }

    /// Tells whether the options let callers do what one of our tools does, under whatever name.
    pub(crate) fn lets(&self, tool: &str) -> bool {
        self.shared.options.lets(tool)
    }

    /// Tells whether answers leave out what others wrote.
    pub(super) fn is_locked_down(&self) -> bool {
        self.shared.options.lockdown
    }

    /// Returns what was left out of answers.
    pub(super) fn left_out(&self) -> &LeftOut {
        &self.shared.left_out
    }

    /// Returns the sender's name, where callers have names.
    pub(super) const fn sender_name(&self) -> Option<&Arc<str>> {
        self.sender.as_ref()
    }

    /// Tells whether a tool is offered.
    pub(super) fn offers(&self, tool: &str) -> bool {
        self.tool(tool).is_some()
    }

    /// Returns from which level on this session is told what a run does.
    pub(super) fn threshold(&self) -> &Threshold {
        &self.session.threshold
    }

    /// Returns what seals the state of questions: every process of a state folder opens the other's.
    pub(super) async fn request_states(&self) -> Result<&RequestStateCodec, OrchestratorError> {
        let made = async {
            let key = self.orchestrator().await?.sealing_key().await?;
            RequestStateCodec::try_new(key.to_vec()).map_err(|error| OrchestratorError::internal(error.to_string()))
        };
        self.shared.request_states.get_or_try_init(|| made).await
    }

    /// Returns what is watched.
    pub(super) fn subscriptions(&self) -> &Arc<Subscriptions> {
        &self.shared.subscriptions
    }

    /// Returns the tools that are offered, in their order.
    pub(super) fn offered(&self) -> impl Iterator<Item = &'static ToolSpec> {
        self.shared.offered.iter().copied()
    }

    /// Returns the questions that were answered already.
    pub(super) fn used_states(&self) -> &UsedStates {
        &self.shared.used_states
    }

    /// Returns a tool that is offered.
    pub(super) fn tool(&self, name: &str) -> Option<&'static ToolSpec> {
        self.offered().find(|tool| tool.name == name)
    }

    /// A name that no model should have used; said so that it can do better.
    pub(super) fn unknown_tool(&self, name: &str) -> ErrorData {
        let name = one_line(name, 60);
        if tools::find(&name).is_some() {
            let message = format!("tool `{name}` is not offered: this server was started with fewer tools");
            return ErrorData::invalid_params(message, None);
        }
        let offered = self.offered().map(|tool| tool.name);
        let message = match nearest(&name, offered) {
            Some(meant) => format!("unknown tool `{name}`: did you mean `{meant}`?"),
            None => format!("unknown tool `{name}`: tools/list shows those offered"),
        };
        ErrorData::invalid_params(message, None)
    }

    /// Carries out one piece of work: in turn, within its time, and answered even when it panics.
    pub(crate) async fn guarded<T>(
        &self,
        waits_for_turn: bool,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, OrchestratorError> {
        let _permit =
            if waits_for_turn { Some(self.shared.calls.acquire(self.sender.as_deref()).await?) } else { None };
        self.carried_out(work).await
    }

    /// Carries out what looks where a run stands, as [`Server::guarded`] does, but outside of every turn: a caller who waits for a
    /// run keeps nobody from working, and is not kept from looking.
    pub(super) async fn looking<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, OrchestratorError> {
        let _observer = self.shared.calls.observer(self.sender.as_deref())?;
        self.carried_out(work).await
    }

    async fn carried_out<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, OrchestratorError> {
        let limits = self.shared.limits;
        match tokio::time::timeout(limits.whole, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(panic)) => Err(InternalError::Panicked(panic_message(panic.as_ref())).into()),
            Err(_) => Err(timed_out(limits.whole.as_secs())),
        }
    }
}

fn timed_out(seconds: u64) -> OrchestratorError {
    UnavailableError::TimedOut { seconds }.into()
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    one_line(&text, 200)
}
