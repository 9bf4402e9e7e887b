//! `export_receipt`: exports the proofs of an attempt.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::{ReceiptRequest, TaskId};
use crate::orchestrator::OrchestratorError;
use crate::tools::{CallContext, Link, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// The longest receipt that an answer holds, in bytes of JSON; longer ones are behind the link.
const SHOWN_RECEIPT: usize = 8 * 1024;

/// Says what `export_receipt` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "export_receipt",
        title: "Export a receipt",
        description: "Export the proofs of an attempt as an unsigned in-toto Statement v1.",
        toolset: Toolset::Proofs,
        ..ToolSpec::reading(ToolCall::of(call))
    }
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

async fn call(context: CallContext, asked: ReceiptRequest) -> Result<ToolAnswer<Receipt>, OrchestratorError> {
    let orchestrator = &context.orchestrator;
    let id = orchestrator.task_meant(&asked.task_id).await?;
    let attempt = match asked.attempt {
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
    Ok(ToolAnswer { text, output, links: vec![Link::new(resource, "receipt", "The whole receipt.")] })
}
