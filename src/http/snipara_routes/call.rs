//! One call of a published tool.

use crate::domain::one_line;
use crate::domain::{Principal, Scope};
use crate::http::auth::Refusal;
use crate::mcp::Server;
use crate::snipara::catalog;
use crate::snipara::payload::Payload;

use super::documents;
use super::failure::{Failure, failed};
use super::published::{self, CarriedOutBy, Published};

/// What came out of a call.
#[derive(Debug)]
pub(super) enum Called {
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
pub(super) async fn call(server: &Server, principal: &Principal, name: &str, arguments: Payload) -> Called {
    let Some(tool) = published::find(name) else {
        server.count("unknown", "refused");
        return not_here(name);
    };
    let called = known(server, principal, &tool, arguments).await;
    let outcome = match &called {
        Called::Done(_) => "ok",
        Called::Failed(_) => "failed",
        Called::Unknown(_) | Called::Refused(_) => "refused",
    };
    server.count(tool.name, outcome);
    called
}

async fn known(server: &Server, principal: &Principal, tool: &Published, mut arguments: Payload) -> Called {
    if !principal.may(tool.scope()) {
        return Called::Refused(Refusal::InsufficientScope(tool.scope()));
    }
    // These routes have no way to ask a person: whoever may do everything answers for it.
    if tool.asks_a_person(&arguments) && !principal.may(Scope::Admin) {
        return Called::Refused(Refusal::InsufficientScope(Scope::Admin));
    }
    if !tool.is_offered_by(server) {
        return not_offered(tool.name, "this server was started with fewer tools");
    }
    arguments.retain(|_, value| !value.is_null());
    let answer = match server.guarded(true, carry_out(server, tool, &arguments)).await {
        Ok(answer) => answer,
        Err(error) => Err(Failure::from(error)),
    };
    match answer {
        Ok(payload) => Called::Done(payload),
        Err(failure) => Called::Failed(failure.payload()),
    }
}

async fn carry_out(server: &Server, tool: &Published, given: &Payload) -> Result<Payload, Failure> {
    let orchestrator = server.orchestrator().await?;
    match tool.by {
        CarriedOutBy::Form(_, form) => Ok(form.run(orchestrator.clone(), given).await?),
        CarriedOutBy::Settings => Ok(documents::settings(orchestrator.project().as_str())),
        CarriedOutBy::Help => documents::help(server, given),
    }
}

fn not_here(name: &str) -> Called {
    if let Some(tool) = catalog::find(name) {
        return not_offered(tool.name, "tools/list shows those offered");
    }
    let shown = one_line(name, 60);
    Called::Unknown(match catalog::nearest_name(name) {
        Some(near) => format!("Unknown tool: {shown} (did you mean snipara_{near}?)"),
        None => format!("Unknown tool: {shown}"),
    })
}

fn not_offered(name: &str, hint: &str) -> Called {
    Called::Failed(failed("not_offered", &format!("snipara_{name} is not offered by this server"), hint))
}
