//! What a tool is: everything that any door knows about it, in one place.

use std::future::Future;
use std::sync::LazyLock;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::domain::{Principal, Request, Scope, words};
use crate::orchestrator::OrchestratorError;

use super::context::{CallContext, insufficient_scope};
use super::form::Form;
use super::reply::{IntoReply, ToolReply};
use super::{arguments, schema};

/// A JSON object: the arguments of a call, or a schema.
pub type JsonObject = Map<String, Value>;

/// The groups in which a server offers its tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say what they are about")]
pub enum Toolset {
    Validate,
    Memory,
    HTask,
    Context,
    Swarm,
    Proofs,
    /// Needs a Snipara key.
    Hosted,
}

// In the order of tools/list, by the names that `--toolsets` takes.
words! {
    Toolset, name {
        Validate = "validate", Memory = "memory", HTask = "htask", Context = "context", Swarm = "swarm",
        Proofs = "proofs", Hosted = "hosted",
    }
}

/// How a call waits for its turn among the calls of all callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queueing {
    /// It takes a turn.
    Turn,
    /// It looks at a run and takes no turn: waiting for a run keeps nobody from working.
    Observer,
    /// It takes no turn and is never refused for want of one: a run must be stoppable however busy the server is.
    Immediate,
}

/// A parameter that clients since 2026-07-28 repeat in a header of their HTTP request, so that what stands in front of
/// several servers can route by it without reading bodies (SEP-2243).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterHeader {
    /// The parameter.
    pub parameter: &'static str,
    /// The header's name behind `Mcp-Param-`.
    pub header: &'static str,
}

/// One tool: what is told about it, who may call it, and what it does.
pub struct ToolSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// When to use it, and what it does.
    pub description: &'static str,
    /// The toolset that it belongs to.
    pub toolset: Toolset,
    /// Whether it belongs to the default profile.
    pub default: bool,
    /// What a caller needs. Whatever needs more than [`Scope::Read`] writes or runs commands.
    pub scope: Scope,
    /// Whether it may change or remove what is there.
    pub destructive: bool,
    /// Whether a second call with the same arguments makes no difference.
    pub idempotent: bool,
    /// Whether it reaches out to other machines or runs commands.
    pub open_world: bool,
    /// How a call waits for its turn.
    pub queueing: Queueing,
    /// The parameter that is repeated in a header. It must be optional and seldom given: a client that never listed the
    /// tools does not know that it must repeat it, and is refused when it gives it.
    pub header: Option<ParameterHeader>,
    /// What it takes, what it answers, and the call itself.
    pub call: ToolCall,
    /// The published Snipara names that it serves.
    pub forms: Vec<Form>,
}

impl ToolSpec {
    /// Makes what a tool has in common with most that only read; its spec names it and says what is unusual.
    pub(super) fn reading(call: ToolCall) -> Self {
        Self {
            name: "",
            title: "",
            description: "",
            toolset: Toolset::Hosted,
            default: false,
            scope: Scope::Read,
            destructive: false,
            idempotent: true,
            open_world: false,
            queueing: Queueing::Turn,
            header: None,
            call,
            forms: Vec::new(),
        }
    }

    /// Makes what a tool has in common with most that write.
    pub(super) fn writing(call: ToolCall) -> Self {
        Self { scope: Scope::Write, idempotent: false, ..Self::reading(call) }
    }

    /// Tells whether it neither writes nor runs commands.
    pub fn read_only(&self) -> bool {
        self.scope == Scope::Read
    }
}

type Opening<'a> = BoxFuture<'a, Result<CallContext, OrchestratorError>>;
type Answering<'a> = BoxFuture<'a, Result<ToolReply<Value>, OrchestratorError>>;
type Run = Box<dyn for<'a> Fn(Called<'a>, JsonObject, Opening<'a>) -> Answering<'a> + Send + Sync>;

/// Who calls what.
struct Called<'a> {
    tool: &'static str,
    schema: &'a JsonObject,
    principal: &'a Principal,
}

/// A tool's request, answer and body, whatever their types are.
pub struct ToolCall {
    input: LazyLock<JsonObject>,
    output: LazyLock<JsonObject>,
    run: Run,
}

impl ToolCall {
    /// Makes a call of a body: the arguments are read strictly into its request.
    pub fn of<P, R, B, F>(body: B) -> Self
    where
        P: Request,
        R: IntoReply + Send + 'static,
        B: Fn(CallContext, P) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<R, OrchestratorError>> + Send + 'static,
    {
        Self {
            input: LazyLock::new(schema::input_schema::<P>),
            output: LazyLock::new(schema::output_schema::<R::Output>),
            run: Box::new(move |called, given, opening| {
                async move {
                    let request = arguments::read::<P>(called.tool, called.schema, given)?;
                    request.check()?;
                    if let Some(scope) = request.also_needs().filter(|scope| !called.principal.may(*scope)) {
                        return Err(insufficient_scope(scope));
                    }
                    let context = opening.await?;
                    let redactor = context.orchestrator.redactor().clone();
                    body(context, request).await?.into_reply().released(&redactor)
                }
                .boxed()
            }),
        }
    }

    /// Returns the JSON Schema of what it takes, with everything that its reader accepts.
    pub fn input_schema(&self) -> &JsonObject {
        &self.input
    }

    /// Returns the JSON Schema of what it takes as models are shown it.
    pub fn listed_schema(&self) -> JsonObject {
        schema::listed(self.input_schema())
    }

    /// Returns the JSON Schema of what it answers.
    pub fn output_schema(&self) -> &JsonObject {
        &self.output
    }

    /// Reads the arguments, opens the context when they can be used, and carries the call out.
    ///
    /// # Errors
    /// As the tool does; with arguments that cannot be read, nothing is opened.
    pub async fn run(
        &self,
        tool: &'static str,
        principal: &Principal,
        given: JsonObject,
        opening: impl Future<Output = Result<CallContext, OrchestratorError>> + Send,
    ) -> Result<ToolReply<Value>, OrchestratorError> {
        let called = Called { tool, schema: self.input_schema(), principal };
        (self.run)(called, given, opening.boxed()).await
    }
}
