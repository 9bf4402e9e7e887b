//! Completing an N3 with evidence; adding evidence before, and recording that it was refused.

use serde_json::{Value, json};

use super::block::release_blocked_by;
use super::close::{ParentClosing, close_parent};
use super::closure::judge;
use super::lease::check_holder;
use super::memory::memory_of;
use super::swarm_transaction::{Change, SwarmTransaction, actor_of};
use crate::domain::{
    CompleteRequest, Completed, Evidence, EvidenceVerdict, HTask, HTaskId, HTaskLevel, HTaskPolicy, HTaskStatus,
    MemoryId, NewMemory, missing_evidence, one_line,
};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::StoredHTask;

/// Completes an N3. Returns the result, and the memory that the caller writes once the completion is committed.
pub(super) async fn complete(
    open: &mut SwarmTransaction,
    completion: CompleteRequest,
    given: Vec<Evidence>,
    policy: HTaskPolicy,
) -> Result<(Completed, Option<NewMemory>), SniparaError> {
    let mut task = open.task(&completion.task_id).await?;
    if task.task.status == HTaskStatus::Completed && task.task.level == HTaskLevel::N3 {
        return Ok((answer(task, true), None));
    }
    check_completable(&task.task)?;
    check_nothing_before_it(open, &task.task).await?;
    check_holder(&task, completion.agent_id.as_deref(), completion.fencing_token, open.now)?;
    let mut evidence = task.task.evidence_provided.clone();
    for item in given {
        // What a run attached before is often handed in once more.
        if !evidence.contains(&item) {
            evidence.push(item);
        }
    }
    check_evidence(&task.task, &evidence, policy)?;

    let from = task.task.status;
    let actor = completion.agent_id.unwrap_or_else(|| actor_of(&task.task));
    task.task.status = HTaskStatus::Completed;
    task.task.evidence_provided = evidence;
    task.task.result = completion.result;
    task.task.started_at = task.task.started_at.or(Some(open.now));
    task.task.completed_at = Some(open.now);
    task.learnings = completion.learnings;
    task.decision_impact = completion.decision_impact;
    task.release();
    open.transaction.save_htask(&task, open.now).await?;
    let mut released = release_blocked_by(open, &task.task, &actor).await?;
    let closed = close_direct_parent(open, &task.task, &actor, policy).await?;
    task.auto_closed_parent = closed.map(|(parent, more)| {
        released.extend(more);
        parent
    });
    if task.auto_closed_parent.is_some() {
        open.transaction.save_htask(&task, open.now).await?;
    }
    let payload = json!({
        "evidence": evidence_summary(&task.task.evidence_provided), "auto_closed_parent": task.auto_closed_parent,
    });
    open.record(Change { what: "complete", task: &task.task, actor: &actor, from: Some(from), payload }).await?;
    let memory = completion.create_memory.then(|| memory_of(&task, &actor, open.now));
    Ok((Completed { released, ..answer(task, false) }, memory))
}

/// Notes the memory of its completion on a completed htask.
pub(super) async fn link_memory(
    open: &mut SwarmTransaction,
    task_id: &HTaskId,
    memory_id: MemoryId,
) -> Result<(), SniparaError> {
    let mut task = open.task(task_id).await?;
    task.linked_memory_id = Some(memory_id);
    Ok(open.transaction.save_htask(&task, open.now).await?)
}

/// Adds evidence to an htask that is not finished.
pub(super) async fn attach(
    open: &mut SwarmTransaction,
    task_id: &HTaskId,
    evidence: Vec<Evidence>,
) -> Result<(), SniparaError> {
    let mut task = open.task(task_id).await?;
    check_open(&task.task)?;
    let new: Vec<Evidence> = evidence.into_iter().filter(|item| !task.task.evidence_provided.contains(item)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let payload = json!({ "evidence": evidence_summary(&new) });
    task.task.evidence_provided.extend(new);
    open.transaction.save_htask(&task, open.now).await?;
    note(open, &task.task, "attach", payload).await
}

/// Records that a completion was refused.
pub(super) async fn refuse(
    open: &mut SwarmTransaction,
    task_id: &HTaskId,
    evidence: &[Evidence],
    why: String,
) -> Result<(), SniparaError> {
    let task = open.task(task_id).await?;
    note(open, &task.task, "refuse", json!({ "why": why, "evidence": evidence_summary(evidence) })).await
}

async fn note(
    open: &mut SwarmTransaction,
    task: &HTask,
    what: &'static str,
    payload: Value,
) -> Result<(), SniparaError> {
    open.record(Change { what, task, actor: &actor_of(task), from: Some(task.status), payload }).await
}

fn check_completable(task: &HTask) -> Result<(), SniparaError> {
    if task.level != HTaskLevel::N3 {
        let message =
            format!("htask {} is an {}: only an N3_TASK is completed with evidence", task.task_id, task.level);
        return Err(not_allowed("wrong_level", message, "close it with htask_close once its children are completed"));
    }
    check_open(task)?;
    if task.status == HTaskStatus::Blocked {
        let message = format!("htask {} is BLOCKED", task.task_id);
        return Err(not_allowed("wrong_status", message, "unblock it first with htask_unblock"));
    }
    Ok(())
}

/// Refuses what waits for something that is not completed, by name.
async fn check_nothing_before_it(open: &mut SwarmTransaction, task: &HTask) -> Result<(), SniparaError> {
    let needs = open.transaction.open_needs(&task.task_id).await?;
    if needs.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = needs.iter().map(|(id, title)| format!("{id} ({})", one_line(title, 60))).collect();
    let message = format!("htask {} waits for {}, which is not completed", task.task_id, named.join(", "));
    Err(not_allowed("wrong_status", message, "complete what it depends on first"))
}

/// Refuses an htask that is finished or archived.
pub(super) fn check_open(task: &HTask) -> Result<(), SniparaError> {
    let stands = if task.archived_at.is_some() { "archived".to_owned() } else { task.status.to_string() };
    if task.archived_at.is_none() && !task.status.is_terminal() {
        return Ok(());
    }
    let message = format!("htask {} is {stands}: it is not changed any more", task.task_id);
    Err(not_allowed("wrong_status", message, "make a new htask for what is left to do"))
}

fn check_evidence(task: &HTask, evidence: &[Evidence], policy: HTaskPolicy) -> Result<(), SniparaError> {
    let missing = missing_evidence(&task.evidence_required, evidence);
    let usable = evidence.iter().any(|item| item.verdict != EvidenceVerdict::Refused);
    if missing.is_empty() && (usable || !policy.require_evidence_on_complete) {
        return Ok(());
    }
    Err(SniparaError::EvidenceMissing { task_id: task.task_id.to_string(), missing })
}

async fn close_direct_parent(
    open: &mut SwarmTransaction,
    task: &HTask,
    actor: &str,
    policy: HTaskPolicy,
) -> Result<Option<(HTaskId, Vec<HTaskId>)>, SniparaError> {
    let Some(parent_id) = &task.parent_id else { return Ok(None) };
    let parent = open.task(parent_id).await?;
    if parent.task.status == HTaskStatus::Blocked || check_open(&parent.task).is_err() {
        return Ok(None);
    }
    let swarm_id = open.swarm.swarm_id.clone();
    let children = open.transaction.htask_children(&swarm_id, parent_id).await?;
    let children: Vec<HTask> = children.into_iter().map(|child| child.task).collect();
    if !judge(&parent.task, &children, policy).passes() {
        return Ok(None);
    }
    let closing = ParentClosing { actor, waiver: None, payload: json!({ "completed_child": task.task_id }) };
    let released = close_parent(open, parent, closing).await?;
    Ok(Some((parent_id.clone(), released)))
}

fn evidence_summary(evidence: &[Evidence]) -> Vec<Value> {
    evidence
        .iter()
        .map(|item| {
            json!({ "type": item.given.kind, "verdict": item.verdict, "finding": item.finding,
                    "proof_id": item.given.proof_id, "task_id": item.given.task_id })
        })
        .collect()
}

fn answer(task: StoredHTask, repeated: bool) -> Completed {
    Completed {
        task_id: task.task.task_id,
        status: task.task.status,
        repeated,
        auto_closed_parent: task.auto_closed_parent,
        released: Vec::new(),
        linked_memory_id: task.linked_memory_id,
        evidence: task.task.evidence_provided,
        warnings: Vec::new(),
    }
}
