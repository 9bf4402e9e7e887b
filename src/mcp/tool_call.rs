//! A call of a tool: from the protocol's request to a context, and from a reply to the protocol's response.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult, Resource,
};
use rmcp::service::RequestContext;
use serde_json::Value;

use crate::domain::{AUDIT_OK, AUDIT_RUNNING};
use crate::orchestrator::OrchestratorError;
use crate::tools::{CallContext, Link, ToolAnswer, ToolReply, ToolSpec};

use super::caller::principal_of;
use super::elicitation::{Elicitation, RetryState};
use super::progress::Progress;
use super::protocol_task;
use super::server::Server;

/// Carries a call out. A failure is told to the caller.
///
/// # Errors
/// As the tool does.
pub(super) async fn carry_out(
    server: &Server,
    spec: &'static ToolSpec,
    call: CallToolRequestParams,
    request: RequestContext<RoleServer>,
) -> Result<CallToolResponse, OrchestratorError> {
    let retry = RetryState { responses: call.input_responses, state: call.request_state };
    let pending = Arc::new(Mutex::new(None));
    let telling: Arc<Mutex<Option<Progress>>> = Arc::default();
    let opening = async {
        let orchestrator = server.orchestrator().await?;
        let (asked, redactor) = (request.clone(), orchestrator.redactor().clone());
        let (server_of_progress, told) = (server.clone(), telling.clone());
        Ok(CallContext {
            orchestrator,
            progress: Arc::new(move || {
                let progress = Progress::of(&server_of_progress, &asked, &redactor);
                let sink = progress.sink();
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
                sink
            }),
            cancel: request.ct.clone(),
            stopping: server.stopping().clone(),
            person: Arc::new(Elicitation::new(server.clone(), request.clone(), retry, pending.clone())),
            wants_handle: protocol_task::is_wanted(&request),
        })
    };
    let principal = principal_of(&request.extensions);
    let reply = spec.call.run(spec.name, &principal, call.arguments.unwrap_or_default(), opening).await;
    let progress = telling.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(progress) = progress {
        progress.finish().await;
    }
    match reply? {
        ToolReply::Answer(answer) => Ok(result(server.let_out(answer)).into()),
        ToolReply::Running(run) => Ok(protocol_task::created(server, &run).await?.into()),
        ToolReply::Asked => asked(&pending),
    }
}

fn asked(pending: &Mutex<Option<InputRequiredResult>>) -> Result<CallToolResponse, OrchestratorError> {
    let question = pending.lock().unwrap_or_else(PoisonError::into_inner).take();
    let lost = || OrchestratorError::internal("a call is answered by a question that nobody asked");
    Ok(question.ok_or_else(lost)?.into())
}

/// Makes the block of a link.
pub(super) fn resource_link(link: Link) -> ContentBlock {
    let resource = Resource::new(link.uri, link.name).with_description(link.description);
    ContentBlock::resource_link(resource.with_mime_type("application/json"))
}

/// Makes the result of a call: the text, the links, and the structured form beside them.
pub(super) fn result(answer: ToolAnswer<Value>) -> CallToolResult {
    let mut content = vec![ContentBlock::text(answer.text)];
    content.extend(answer.links.into_iter().map(resource_link));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(answer.output);
    result
}

/// Says from an answer's structured form whether its run goes on, and which task it is about.
pub(super) fn audited_outcome(output: Option<&Value>) -> (&'static str, Option<String>) {
    let field = |name: &str| output.and_then(|output| output.get(name));
    let running = field("running").and_then(Value::as_bool) == Some(true);
    let task_id = field("task_id").and_then(Value::as_str).map(str::to_owned);
    (if running { AUDIT_RUNNING } else { AUDIT_OK }, task_id)
}
