//! From a tool's description and body to a route of rmcp: one place for schema, strict reading and answering.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use rmcp::RoleServer;
use rmcp::handler::server::router::tool::ToolRoute;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{Tool, ToolAnnotations};
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::orchestrator::OrchestratorError;

use super::reply::IntoReply;
use super::server::Server;
use super::word::Round;
use super::{failure, input, reply, schema};

/// What a model and a person read about a tool.
pub(super) struct About {
    /// The name on the wire.
    pub(super) name: &'static str,
    /// The name for people.
    pub(super) title: &'static str,
    /// What it does, when to use it.
    pub(super) description: &'static str,
    /// Hints for clients that ask before they call.
    pub(super) hints: Hints,
}

/// The four hints of MCP's tool annotations.
pub(super) struct Hints {
    /// Changes nothing.
    pub(super) reads: bool,
    /// May change or remove what is there.
    pub(super) destroys: bool,
    /// Again makes no difference.
    pub(super) idempotent: bool,
    /// Reaches out to other machines or runs commands.
    pub(super) open_world: bool,
}

/// Makes a route: the arguments are read strictly into `P`, the body's answer is written in both forms.
pub(super) fn route<P, R, B, F>(about: About, body: B) -> ToolRoute<Server>
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    R: IntoReply + Send + 'static,
    B: Fn(Server, P, RequestContext<RoleServer>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<R, OrchestratorError>> + Send + 'static,
{
    let input_schema = Arc::new(schema::input_schema::<P>());
    let annotations = ToolAnnotations::new()
        .read_only(about.hints.reads)
        .destructive(about.hints.destroys)
        .idempotent(about.hints.idempotent)
        .open_world(about.hints.open_world);
    let tool = Tool::new(Cow::Borrowed(about.name), about.description, input_schema.clone())
        .with_title(about.title)
        .with_raw_output_schema(Arc::new(schema::output_schema::<R::Output>()))
        .with_annotations(annotations);
    ToolRoute::new_dyn(tool, move |context: ToolCallContext<'_, Server>| {
        let server = context.service.clone();
        let schema = input_schema.clone();
        let arguments = context.arguments.unwrap_or_default();
        let mut request = context.request_context;
        if context.input_responses.is_some() || context.request_state.is_some() {
            let round = Round { responses: context.input_responses, state: context.request_state };
            request.extensions.insert(round);
        }
        async move {
            let answered = async {
                let parameters = input::read::<P>(about.name, &schema, arguments)?;
                reply::response(body(server, parameters, request).await?.into_reply())
            };
            Ok(answered.await.unwrap_or_else(|error: OrchestratorError| failure::failed_call(&error).into()))
        }
        .boxed()
    })
}
