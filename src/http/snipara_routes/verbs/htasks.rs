//! Hierarchical tasks.

use serde_json::{Value, json};

use crate::domain::{FieldError, HTaskLevel, HTaskRef, NewFeature, NewHTask, TreeQuery};
use crate::http::snipara_routes::evidence::as_handed_in;
use crate::http::snipara_routes::failure::Failure;
use crate::orchestrator::{CompletionRequest, Orchestrator};
use crate::snipara::payload::{self, Payload, arguments};

use super::carry_out::Told;
use super::swarms::with_swarm;

pub(super) async fn create(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let mut task = arguments::new_htask(&with_swarm(orchestrator, given).await?)?;
    task.check()?;
    if let Some(query) = given.get("context_query").and_then(Value::as_str) {
        task.context_refs.extend(orchestrator.context_references(query.to_owned()).await?);
    }
    Ok(payload::htask_created(&orchestrator.create_htask(task).await?))
}

/// The contract makes starter tasks when nobody says; our own tool does not.
pub(super) async fn create_feature(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let mut given = with_swarm(orchestrator, given).await?;
    given.entry("create_actionable_tasks").or_insert(Value::Bool(true));
    let mut feature = arguments::new_feature(&given)?;
    feature.check()?;
    let wants_initiative = given.get("create_initiative") == Some(&Value::Bool(true));
    if wants_initiative && feature.parent_id.is_none() {
        let initiative = orchestrator.create_htask(initiative(&given, &feature)).await?;
        feature.parent_id = Some(initiative.task_id);
    }
    let initiative_id = wants_initiative.then(|| feature.parent_id.clone()).flatten();
    let mut told = payload::feature(&orchestrator.create_feature(feature).await?);
    if let Some(id) = initiative_id {
        told.insert("initiative_id".to_owned(), id.as_str().into());
    }
    Ok(told)
}

fn initiative(given: &Payload, feature: &NewFeature) -> NewHTask {
    let text = |name: &str, usual: &str| {
        let text = given.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        text.unwrap_or(usual).to_owned()
    };
    let title = text("initiative_title", &feature.title);
    let description = text("initiative_description", &feature.description);
    NewHTask {
        level: HTaskLevel::N0,
        ..NewHTask::new(feature.swarm_id.clone(), title, description, feature.owner.clone())
    }
}

pub(super) async fn get(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let reference = arguments::task_ref(given)?;
    let mut told = payload::htask(&orchestrator.htask(reference.clone()).await?);
    if given.get("include_children") != Some(&Value::Bool(false)) {
        let children = children(orchestrator, reference).await?;
        told.insert("children".to_owned(), children);
    }
    Ok(told)
}

async fn children(orchestrator: &Orchestrator, task: HTaskRef) -> Result<Value, Failure> {
    let query = TreeQuery { task_id: Some(task.task_id), max_depth: 2, ..TreeQuery::new(task.swarm_id) };
    let tree = orchestrator.htask_tree(query).await?;
    let roots = tree.trees.into_iter().flat_map(|root| root.children);
    Ok(roots.map(|child| Value::Object(payload::htask(&child.task))).collect())
}

pub(super) async fn tree(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::tree_query(given)?;
    query.check()?;
    Ok(payload::tree(&orchestrator.htask_tree(query).await?))
}

/// Adds evidence, which is how another server of ours tells what a run has proven; it stays that server's claim.
pub(super) async fn update(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let reference = arguments::task_ref(given)?;
    let updates = given.get("updates").and_then(Value::as_object);
    let known = |name: &&String| !matches!(name.as_str(), "evidenceProvided" | "evidence_provided");
    if let Some(other) = updates.and_then(|updates| updates.keys().find(known)) {
        let field = format!("updates.{other}");
        return Err(FieldError::new(field, "cannot be updated on this server", "send evidenceProvided alone").into());
    }
    let Some(evidence) = arguments::attached_evidence(given)? else {
        return Err(FieldError::new("updates", "changes nothing", "send evidenceProvided").into());
    };
    let task_id = reference.task_id.clone();
    orchestrator.attach_claims(reference, as_handed_in(evidence)).await?;
    let told = json!({ "success": true, "task_id": task_id, "updated_fields": ["evidenceProvided"] });
    Ok(told.as_object().cloned().unwrap_or_default())
}

pub(super) async fn block(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let mut request = arguments::block(given)?;
    request.check()?;
    if request.fencing_token.is_none() && request.agent_id.is_none() {
        request.agent_id = holder(orchestrator, &request.task).await?;
    }
    Ok(payload::block_change(&orchestrator.block_htask(request).await?))
}

pub(super) async fn unblock(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let (task, resolution) = arguments::unblock(given)?;
    Ok(payload::block_change(&orchestrator.unblock_htask(task, resolution).await?))
}

pub(super) async fn complete(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let mut completion = arguments::completion(given)?;
    if completion.fencing_token.is_none() && completion.agent_id.is_none() {
        completion.agent_id = holder(orchestrator, &completion.task).await?;
    }
    let request = CompletionRequest {
        evidence: as_handed_in(completion.evidence),
        result: completion.result,
        learnings: completion.learnings,
        decision_impact: completion.decision_impact,
        create_memory: completion.create_memory,
        agent_id: completion.agent_id,
        fencing_token: completion.fencing_token,
        ..CompletionRequest::new(completion.task)
    };
    Ok(payload::completed(&orchestrator.complete_htask(request).await?))
}

/// The contract's clients have no word for who they are here (snipara-wire.md §4.6): one that names neither agent
/// nor token is taken for the holder, as the public server takes it.
async fn holder(orchestrator: &Orchestrator, task: &HTaskRef) -> Result<Option<String>, Failure> {
    Ok(orchestrator.htask(task.clone()).await?.claim.map(|claim| claim.claimed_by))
}

pub(super) async fn close(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let request = arguments::close(given)?;
    request.check()?;
    Ok(payload::closed(&orchestrator.close_htask(request).await?))
}

pub(super) async fn recommend_batch(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::next_query(given)?;
    query.check()?;
    let swarm_id = query.swarm_id.clone();
    let mut told = payload::next_batch(&orchestrator.next_htasks(query).await?);
    told.insert("swarm_id".to_owned(), swarm_id.as_str().into());
    Ok(told)
}

pub(super) async fn audit_trail(orchestrator: &Orchestrator, given: &Payload) -> Told {
    Ok(payload::audit_trail(&orchestrator.htask_audit_trail(arguments::task_ref(given)?).await?))
}
