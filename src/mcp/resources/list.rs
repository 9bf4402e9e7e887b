//! The list of resources: those that always exist, the latest tasks, the latest proofs.

use rmcp::ErrorData;
use rmcp::model::{ListResourcesResult, PaginatedRequestParams, Resource};

use crate::domain::{Proof, Task, marked, one_line};
use crate::mcp::pagination::{self, PRIVATE};
use crate::mcp::server::Server;
use crate::mcp::skills;
use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::address::Address;
use super::read::JSON;

/// How many of the latest tasks are listed and offered for completion.
pub(in crate::mcp) const RECENT_TASKS: u32 = 200;
/// How many of the latest proofs are listed.
const RECENT_PROOFS: u32 = 100;
/// How many resources a page holds.
const PAGE: usize = 50;
/// How long a client may keep a page, in milliseconds: tasks come and go.
const TTL_MS: u64 = 2_000;

/// Lists a page of resources, always in the same order: what always exists, tasks newest first, proofs newest first.
///
/// # Errors
/// When no list gave the cursor, or when the store cannot be opened or read.
pub(in crate::mcp) async fn list(
    server: &Server,
    request: Option<&PaginatedRequestParams>,
) -> Result<ListResourcesResult, ErrorData> {
    // A list without tasks would say that there are none.
    let orchestrator = server.orchestrator().await?;
    let mut all = fixed();
    all.extend(recent(&orchestrator, server.is_locked_down()).await?);
    let (resources, next_cursor) = pagination::paginate(all, request, PAGE, |resource| &resource.uri)?;
    let mut result = ListResourcesResult::with_all_items(resources).with_ttl_ms(TTL_MS).with_cache_scope(PRIVATE);
    result.next_cursor = next_cursor;
    Ok(result)
}

/// Returns the resources that always exist.
fn fixed() -> Vec<Resource> {
    let head = Resource::new(Address::Head.to_string(), "ledger-head")
        .with_title("Ledger head")
        .with_description("Where the ledger ends.")
        .with_mime_type(JSON);
    vec![head, skills::listed()]
}

async fn recent(orchestrator: &Orchestrator, locked: bool) -> Result<Vec<Resource>, OrchestratorError> {
    let tasks = orchestrator.tasks(RECENT_TASKS).await?;
    let proofs = orchestrator.proofs(None, RECENT_PROOFS).await?;
    let mut recent: Vec<Resource> = tasks.iter().map(task).chain(proofs.iter().filter_map(proof)).collect();
    if locked {
        // A title is what somebody called it.
        recent.iter_mut().for_each(|resource| resource.title = None);
    }
    Ok(recent)
}

fn task(task: &Task) -> Resource {
    Resource::new(Address::Task(task.id.clone()).to_string(), task.id.as_str())
        .with_title(one_line(&marked(&task.title), 100))
        .with_description(format!("A task: {}, attempt {}.", task.status, task.attempt))
        .with_mime_type(JSON)
}

fn proof(proof: &Proof) -> Option<Resource> {
    let seq = proof.seq?;
    let resource = Resource::new(Address::Proof(seq).to_string(), format!("proof-{seq}"))
        .with_title(one_line(&marked(&proof.label()), 100))
        .with_description(format!("A proof: {}.", proof.result.as_str()))
        .with_mime_type(JSON);
    Some(resource)
}
