//! One call of a published tool.

use serde_json::Value;

use crate::domain::{AUDIT_OK, Principal, Scope, one_line};
use crate::http::auth::Refusal;
use crate::mcp::Server;
use crate::snipara::catalog;
use crate::snipara::payload::Payload;
use crate::tools::release_object;

use super::documents;
use super::failure::{ToolFailure, failure_payload};
use super::published::{self, Implementation, Published};

/// What came out of a call.
#[derive(Debug)]
pub(super) enum CallOutcome {
    /// The tool's answer.
    Done(Payload),
    /// The tool's failure.
    Failed(Payload),
    /// There is no such tool anywhere; one line that says so.
    Unknown(String),
    /// The caller may not do this.
    Refused(Refusal),
}

/// Carries out one call; nulls among the arguments are absent.
pub(super) async fn call(server: &Server, principal: &Principal, name: &str, arguments: Payload) -> CallOutcome {
    let tool = published::find(name);
    let known = tool.as_ref().map_or("unknown", |tool| tool.name);
    let written = server.begin_call(principal, known, &arguments);
    let called = match &tool {
        Some(tool) => call_known(server, principal, tool, arguments).await,
        None => not_here(name),
    };
    let outcome = match &called {
        CallOutcome::Done(_) => "ok",
        _ if tool.is_none() => "refused",
        CallOutcome::Failed(_) => "failed",
        CallOutcome::Unknown(_) | CallOutcome::Refused(_) => "refused",
    };
    server.count(known, outcome);
    let text = |payload: &Payload, field: &str| payload.get(field).and_then(Value::as_str).map(str::to_owned);
    match &called {
        CallOutcome::Done(payload) => written.end(AUDIT_OK, text(payload, "task_id")),
        CallOutcome::Failed(payload) => written.end(&text(payload, "code").unwrap_or("failed".to_owned()), None),
        CallOutcome::Unknown(_) => written.end("unknown_tool", None),
        CallOutcome::Refused(refusal) => written.end(refusal.name(), None),
    }
    called
}

async fn call_known(server: &Server, principal: &Principal, tool: &Published, mut arguments: Payload) -> CallOutcome {
    if !principal.may(tool.scope()) {
        return CallOutcome::Refused(Refusal::InsufficientScope(tool.scope()));
    }
    // These routes have no way to ask a person: whoever may do everything answers for it.
    if tool.asks_a_person(&arguments) && !principal.may(Scope::Admin) {
        return CallOutcome::Refused(Refusal::InsufficientScope(Scope::Admin));
    }
    if !tool.is_offered_by(server) {
        return not_offered(tool.name, "this server was started with fewer tools");
    }
    arguments.retain(|_, value| !value.is_null());
    let answer = match server.guarded(true, dispatch(server, tool, &arguments)).await {
        Ok(answer) => answer,
        Err(error) => Err(ToolFailure::from(error)),
    };
    match answer {
        Ok(payload) => CallOutcome::Done(server.let_out_payload(payload)),
        Err(failure) => {
            let mut payload = failure.payload();
            let redactor = server.orchestrator().await.map(|own| own.redactor().clone()).unwrap_or_default();
            release_object(&mut payload, &redactor);
            CallOutcome::Failed(server.let_out_payload(payload))
        }
    }
}

async fn dispatch(server: &Server, tool: &Published, given: &Payload) -> Result<Payload, ToolFailure> {
    let orchestrator = server.orchestrator().await?;
    match tool.implementation {
        Implementation::Form(_, form) => Ok(form.run(orchestrator, given).await?),
        Implementation::Settings => Ok(documents::settings(orchestrator.project().as_str())),
        Implementation::Help => documents::help(server, given),
    }
}

fn not_here(name: &str) -> CallOutcome {
    if let Some(tool) = catalog::find(name) {
        return not_offered(tool.name, "tools/list shows those offered");
    }
    let shown = one_line(name, 60);
    CallOutcome::Unknown(match catalog::nearest_name(name) {
        Some(near) => format!("Unknown tool: {shown} (did you mean snipara_{near}?)"),
        None => format!("Unknown tool: {shown}"),
    })
}

fn not_offered(name: &str, hint: &str) -> CallOutcome {
    CallOutcome::Failed(failure_payload("not_offered", &format!("snipara_{name} is not offered by this server"), hint))
}
