//! Toolset `proofs`: verify the ledger, export a receipt.

use rmcp::RoleServer;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{TaskId, one_line};
use crate::mcp::reply::{Answer, Link};
use crate::mcp::route::{About, Hints, route};
use crate::mcp::server::Server;
use crate::orchestrator::OrchestratorError;

/// The longest receipt that an answer holds, in bytes of JSON; longer ones are behind the link.
const SHOWN_RECEIPT: usize = 8 * 1024;

type Request = RequestContext<RoleServer>;
type Answered<O> = Result<Answer<O>, OrchestratorError>;

/// Returns the routes of this toolset.
pub(super) fn router() -> ToolRouter<Server> {
    let hints = || Hints { reads: true, destroys: false, idempotent: true, open_world: false };
    ToolRouter::new()
        .with_route(route(
            About {
                name: "verify_proofs",
                title: "Verify the ledger",
                description: "Verify the whole chain of recorded proofs; names the first broken link.",
                hints: hints(),
            },
            verify_proofs,
        ))
        .with_route(route(
            About {
                name: "export_receipt",
                title: "Export a receipt",
                description: "Export the proofs of an attempt as an unsigned in-toto Statement v1.",
                hints: hints(),
            },
            export_receipt,
        ))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VerifyProofsParams {}

#[derive(Debug, Serialize, JsonSchema)]
struct Verification {
    verified: bool,
    entries: u64,
    /// The hash of the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    redacted_bodies: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    next_step: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Problem {
    /// The number of the entry, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    what: String,
}

async fn verify_proofs(server: Server, _given: VerifyProofsParams, _request: Request) -> Answered<Verification> {
    let report = server.orchestrator().await?.verify_proofs().await?;
    let next_step = if report.verified {
        "The ledger holds: go on."
    } else {
        "Tell a person that the ledger was changed: nothing after this entry proves anything."
    };
    let output = Verification {
        verified: report.verified,
        entries: report.entries,
        head: report.head.map(|head| head.hash),
        redacted_bodies: report.redacted_bodies,
        problem: report.problem.map(|found| Problem { seq: found.seq, what: one_line(&found.what, 240) }),
        next_step: next_step.to_owned(),
    };
    let verdict = if output.verified { "verified" } else { "NOT verified" };
    let mut lines = vec![format!("{verdict}: {} entries, {} bodies removed", output.entries, output.redacted_bodies)];
    lines.extend(output.problem.as_ref().map(|problem| format!("problem: {}", problem.what)));
    lines.extend(output.head.as_ref().map(|head| format!("head: {head}")));
    lines.push(format!("next_step: {next_step}"));
    Ok(Answer { text: lines.join("\n"), output, links: Vec::new() })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExportReceiptParams {
    task_id: String,
    /// Default the last.
    #[serde(default)]
    attempt: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Receipt {
    task_id: TaskId,
    signed: bool,
    /// How many things it is about.
    subjects: u64,
    /// The receipt, when it is short; else behind the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Map<String, Value>>,
    resource: String,
    next_step: String,
}

async fn export_receipt(server: Server, given: ExportReceiptParams, _request: Request) -> Answered<Receipt> {
    let id = TaskId::parse(&given.task_id)
        .map_err(|error| OrchestratorError::invalid(error.to_string(), "Give a task's id."))?;
    let attempt = given.attempt.map(attempt_number).transpose()?;
    let orchestrator = server.orchestrator().await?;
    let attempt = match attempt {
        Some(attempt) => attempt,
        None => orchestrator.task(id.as_str()).await?.attempt,
    };
    let receipt = orchestrator.export_receipt(id.as_str(), Some(attempt)).await?;
    let resource = format!("receipt://{id}/{attempt}");
    let next_step = "Store the receipt beside the release; it is unsigned, so keep the ledger as well.".to_owned();
    let subjects = receipt.get("subject").and_then(Value::as_array).map_or(0, Vec::len);
    let short = receipt.to_string().len() <= SHOWN_RECEIPT;
    let text = format!(
        "receipt of {id} attempt {attempt}: {subjects} subjects, signed: false\nread resource {resource}\nnext_step: {next_step}"
    );
    let output = Receipt {
        task_id: id,
        signed: false,
        subjects: u64::try_from(subjects).unwrap_or(u64::MAX),
        receipt: receipt.as_object().filter(|_| short).cloned(),
        resource: resource.clone(),
        next_step,
    };
    Ok(Answer { text, output, links: vec![Link::new(resource, "receipt", "The whole receipt.")] })
}

fn attempt_number(given: i64) -> Result<u32, OrchestratorError> {
    u32::try_from(given).ok().filter(|attempt| *attempt > 0).ok_or_else(|| {
        OrchestratorError::invalid(format!("attempt is {given}: attempts count from 1"), "Leave it out for the last.")
    })
}
