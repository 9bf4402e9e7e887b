//! Toolset `proofs`: verify the ledger, export a receipt.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reply::{Answer, Link};
use crate::domain::{TaskId, one_line};
use crate::orchestrator::OrchestratorError;

/// The longest receipt that an answer holds, in bytes of JSON; longer ones are behind the link.
const SHOWN_RECEIPT: usize = 8 * 1024;

type Answered<O> = Result<Answer<O>, OrchestratorError>;

/// Says what `verify_proofs` is.
pub(super) fn verify_proofs_spec() -> ToolSpec {
    ToolSpec {
        name: "verify_proofs",
        title: "Verify the ledger",
        description: "Verify the whole chain of recorded proofs; names the first broken link.",
        toolset: Toolset::Proofs,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(verify_proofs),
        forms: Vec::new(),
    }
}

/// Says what `export_receipt` is.
pub(super) fn export_receipt_spec() -> ToolSpec {
    ToolSpec {
        name: "export_receipt",
        title: "Export a receipt",
        description: "Export the proofs of an attempt as an unsigned in-toto Statement v1.",
        toolset: Toolset::Proofs,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(export_receipt),
        forms: Vec::new(),
    }
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

impl Request for VerifyProofsParams {}

async fn verify_proofs(context: CallContext, _given: VerifyProofsParams) -> Answered<Verification> {
    let report = context.orchestrator.verify_proofs().await?;
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

impl Request for ExportReceiptParams {}

async fn export_receipt(context: CallContext, given: ExportReceiptParams) -> Answered<Receipt> {
    let id = TaskId::parse(&given.task_id)
        .map_err(|error| OrchestratorError::invalid(error.to_string(), "Give a task's id."))?;
    let attempt = given.attempt.map(attempt_number).transpose()?;
    let orchestrator = &context.orchestrator;
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
