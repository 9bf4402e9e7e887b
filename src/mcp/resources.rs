//! What the links in answers point to.

use std::time::Duration;

use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::one_line;
use crate::orchestrator::{OrchestratorError, RunRequest};

use super::server::Server;

const MEDIA_TYPE: &str = "application/json";

/// Returns the resources that always exist.
pub(super) fn fixed() -> Vec<Resource> {
    vec![
        Resource::new("ledger://head", "ledger head")
            .with_description("Where the ledger ends.")
            .with_mime_type(MEDIA_TYPE),
    ]
}

/// Returns the forms of the other resources.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    [
        ("task://{task_id}", "task report", "The whole report of a task."),
        ("checklist://{task_id}", "cutover checklist", "The cutover checklist of a task."),
        ("proof://{seq}", "proof", "One proof with its body, by its place in the ledger."),
        ("receipt://{task_id}/{attempt}", "receipt", "The proofs of an attempt as an unsigned in-toto Statement v1."),
    ]
    .into_iter()
    .map(|(form, name, about)| ResourceTemplate::new(form, name).with_description(about).with_mime_type(MEDIA_TYPE))
    .collect()
}

/// Reads one resource.
///
/// # Errors
/// When nothing has this address, or as the verb behind it.
pub(super) async fn read(server: &Server, uri: &str) -> Result<ReadResourceResult, OrchestratorError> {
    let address = Address::parse(uri)?;
    let orchestrator = server.orchestrator().await?;
    let document = match address {
        Address::Task(id) => document(&orchestrator.task_status(id, Duration::ZERO).await?)?,
        Address::Checklist(id) => {
            let request = RunRequest { task_id: Some(id.to_owned()), ..RunRequest::default() };
            document(&orchestrator.cutover_checklist(request).await?)?
        }
        Address::Proof(seq) => {
            let entry = document(&orchestrator.entry(seq).await?)?;
            if entry.get("kind") != Some(&json!("proof")) {
                return Err(not_found(uri));
            }
            entry
        }
        Address::Head => document(&orchestrator.ledger().head().await?)?,
        Address::Receipt(id, attempt) => orchestrator.export_receipt(id, Some(attempt)).await?,
    };
    let contents = ResourceContents::text(document.to_string(), uri).with_mime_type(MEDIA_TYPE);
    Ok(ReadResourceResult::new(vec![contents]))
}

fn document<T: Serialize>(value: &T) -> Result<Value, OrchestratorError> {
    serde_json::to_value(value)
        .map_err(|error| OrchestratorError::Bug { message: format!("a resource has no JSON form: {error}") })
}

#[derive(Debug, PartialEq)]
enum Address<'a> {
    Task(&'a str),
    Checklist(&'a str),
    Proof(u64),
    Head,
    Receipt(&'a str, u32),
}

impl<'a> Address<'a> {
    fn parse(uri: &'a str) -> Result<Self, OrchestratorError> {
        let (scheme, rest) = uri.split_once("://").ok_or_else(|| not_found(uri))?;
        match scheme {
            "task" => Ok(Self::Task(rest)),
            "checklist" => Ok(Self::Checklist(rest)),
            "ledger" if rest == "head" => Ok(Self::Head),
            "proof" => rest.parse().map(Self::Proof).map_err(|_| not_found(uri)),
            "receipt" => {
                let (id, attempt) = rest.rsplit_once('/').ok_or_else(|| not_found(uri))?;
                Ok(Self::Receipt(id, attempt.parse().map_err(|_| not_found(uri))?))
            }
            _ => Err(not_found(uri)),
        }
    }
}

fn not_found(uri: &str) -> OrchestratorError {
    OrchestratorError::not_found(
        format!("there is no resource {}", one_line(uri, 120)),
        "resources/templates/list shows the forms of addresses.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_others_refused() {
        assert_eq!(Address::parse("task://task_1").expect("read"), Address::Task("task_1"));
        assert_eq!(Address::parse("proof://12").expect("read"), Address::Proof(12));
        assert_eq!(Address::parse("ledger://head").expect("read"), Address::Head);
        assert_eq!(Address::parse("receipt://task_1/2").expect("read"), Address::Receipt("task_1", 2));
        for wrong in ["", "task", "ledger://tail", "proof://-1", "proof://x", "receipt://task_1", "file:///etc/passwd"]
        {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
