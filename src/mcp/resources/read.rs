//! Reading one resource.

use std::time::Duration;

use rmcp::model::{ReadResourceResult, ResourceContents};
use serde::Serialize;
use serde_json::Value;

use crate::domain::{RunRequest, TaskReport, TaskStatus, clean_value};
use crate::mcp::pagination::PRIVATE;
use crate::mcp::server::Server;
use crate::mcp::skills;
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::payload;
use crate::tools::release_document;

use super::address::Address;

/// The media type of every resource except the skill.
pub(super) const JSON: &str = "application/json";
/// How long clients may cache a resource that only redaction can change, in milliseconds.
const LASTING_MS: u64 = 60_000;
/// How long clients may cache a resource that other callers can change, in milliseconds.
const CHANGING_MS: u64 = 0;

/// Reads one resource.
///
/// # Errors
/// When nothing has this address, or as the verb behind it.
pub(in crate::mcp) async fn read(server: &Server, uri: &str) -> Result<ReadResourceResult, OrchestratorError> {
    let address = Address::parse(uri)?;
    if let Address::Skill(file) = address {
        return Ok(skills::contents(file));
    }
    let (document, ttl_ms) = match &address {
        Address::Answer(id) => (server.whole_answer(id)?, LASTING_MS),
        address => {
            let orchestrator = server.orchestrator().await?;
            let (mut document, ttl_ms) = document_of(&orchestrator, address).await?;
            match address {
                // Its form is not ours.
                Address::Receipt(..) => clean_value(&mut document, orchestrator.redactor()),
                _ => release_document(&mut document, orchestrator.redactor()),
            };
            (document, ttl_ms)
        }
    };
    let contents = ResourceContents::text(document.to_string(), uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(ttl_ms).with_cache_scope(PRIVATE))
}

/// Returns a resource's document, and how long it may be kept.
async fn document_of(orchestrator: &Orchestrator, address: &Address) -> Result<(Value, u64), OrchestratorError> {
    Ok(match address {
        Address::Task(id) => {
            let report = orchestrator.task_status(id.as_str(), Duration::ZERO).await?;
            let ttl_ms = task_ttl_ms(&report);
            (document(&report)?, ttl_ms)
        }
        Address::Checklist(id) => {
            let request = RunRequest { task_id: Some(id.to_string()), ..RunRequest::default() };
            (document(&orchestrator.cutover_checklist(request).await?)?, LASTING_MS)
        }
        Address::Proof(seq) => (proof(orchestrator, *seq, address).await?, LASTING_MS),
        Address::ProofOfHash(hash) => {
            let seq = orchestrator.seq_of_hash(hash).await?;
            (proof(orchestrator, seq, address).await?, LASTING_MS)
        }
        Address::Head => (document(&orchestrator.ledger().head().await?)?, CHANGING_MS),
        Address::Receipt(id, attempt) => (orchestrator.export_receipt(id.as_str(), Some(*attempt)).await?, CHANGING_MS),
        Address::HTask(task) => {
            let task = orchestrator.htask(task.clone()).await?;
            (Value::Object(payload::htask(&task)), CHANGING_MS)
        }
        Address::Answer(_) | Address::Skill(_) => (Value::Null, CHANGING_MS),
    })
}

/// Returns how long a task's report may be cached. A proven task does not change any more. Others can be run again.
fn task_ttl_ms(report: &TaskReport) -> u64 {
    if report.status == TaskStatus::Done && !report.running { LASTING_MS } else { CHANGING_MS }
}

async fn proof(orchestrator: &Orchestrator, seq: u64, address: &Address) -> Result<Value, OrchestratorError> {
    let entry = orchestrator.entry(seq).await?;
    if entry.kind() == "proof" {
        return document(&entry);
    }
    Err(OrchestratorError::not_found(
        format!("there is no resource {address}: that entry is not a proof"),
        "`snipara-orchestrator proofs list` shows the numbers of the proofs",
    ))
}

fn document<T: Serialize>(value: &T) -> Result<Value, OrchestratorError> {
    serde_json::to_value(value)
        .map_err(|error| OrchestratorError::internal(format!("a resource has no JSON form: {error}")))
}
