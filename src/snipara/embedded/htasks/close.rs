//! Closing a parent.

use serde_json::{Value, json};

use super::block::release_blocked_by;
use super::closure::{judge, waiver_forbidden};
use super::complete::check_open;
use super::swarm_transaction::{Change, SwarmTransaction};
use crate::domain::{CloseRequest, Closed, HTask, HTaskId, HTaskLevel, HTaskPolicy, HTaskStatus, Waiver};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::StoredHTask;

/// How a parent is closed.
#[derive(Debug)]
pub(super) struct ParentClosing<'a> {
    pub(super) actor: &'a str,
    pub(super) waiver: Option<Waiver>,
    pub(super) payload: Value,
}

/// Closes a parent whose children allow it, or with a waiver where one helps.
pub(super) async fn close(
    open: &mut SwarmTransaction,
    request: CloseRequest,
    policy: HTaskPolicy,
) -> Result<Closed, SniparaError> {
    request.check_waiver()?;
    let parent = open.task(&request.task_id).await?;
    let task_id = parent.task.task_id.clone();
    check_closable(&parent.task)?;
    let swarm_id = open.swarm.swarm_id.clone();
    let children = open.transaction.htask_children(&swarm_id, &task_id).await?;
    let children: Vec<HTask> = children.into_iter().map(|child| child.task).collect();
    if children.is_empty() {
        return Err(SniparaError::NotAllowed {
            code: "wrong_status",
            message: format!("htask {task_id} has no children: nothing shows that it is done"),
            hint: "add an N3_TASK under it and complete that with evidence; then close it".to_owned(),
        });
    }
    let closure = judge(&parent.task, &children, policy);
    let waiver = match (request.waiver_reason, request.waiver_approved_by) {
        (Some(waiver_reason), Some(waiver_approved_by)) if closure.passes_with_waiver() => {
            Some(Waiver { waiver_reason, waiver_approved_by, waiver_approved_at: Some(open.now) })
        }
        _ => None,
    };
    if !closure.passes() && waiver.is_none() {
        let needs_waiver = closure.passes_with_waiver();
        let blockers = closure.blockers();
        let no_waiver = waiver_forbidden(policy);
        return Err(SniparaError::ClosureRefused { task_id: task_id.to_string(), blockers, needs_waiver, no_waiver });
    }
    let closed_with_waiver = waiver.is_some();
    let actor = waiver.as_ref().map_or_else(|| parent.task.owner.clone(), |waiver| waiver.waiver_approved_by.clone());
    let payload = match &waiver {
        Some(waiver) => json!({ "waiver_reason": waiver.waiver_reason, "waiver_approved_by": waiver.waiver_approved_by,
                                "waived": closure.blockers() }),
        None => json!({}),
    };
    let released = close_parent(open, parent, ParentClosing { actor: &actor, waiver, payload }).await?;
    Ok(Closed { task_id, status: HTaskStatus::Completed, closed_with_waiver, released })
}

/// Writes that a parent is closed. Returns what was blocked until then.
pub(super) async fn close_parent(
    open: &mut SwarmTransaction,
    mut parent: StoredHTask,
    closing: ParentClosing<'_>,
) -> Result<Vec<HTaskId>, SniparaError> {
    let from = parent.task.status;
    parent.task.status = HTaskStatus::Completed;
    parent.status_before = None;
    parent.task.completed_at = Some(open.now);
    let what = if closing.waiver.is_some() { "waiver" } else { "close" };
    parent.task.waiver = closing.waiver;
    open.transaction.save_htask(&parent, open.now).await?;
    let ParentClosing { actor, payload, .. } = closing;
    open.record(Change { what, task: &parent.task, actor, from: Some(from), payload }).await?;
    release_blocked_by(open, &parent.task, actor).await
}

fn check_closable(parent: &HTask) -> Result<(), SniparaError> {
    if parent.level == HTaskLevel::N3 {
        let message = format!("htask {} is an N3_TASK: it is completed with evidence, not closed", parent.task_id);
        return Err(not_allowed("wrong_level", message, "use htask_complete with evidence"));
    }
    check_open(parent)?;
    if parent.blocker.is_some() {
        let message = format!("htask {} is BLOCKED", parent.task_id);
        return Err(not_allowed("wrong_status", message, "unblock it first with htask_unblock"));
    }
    Ok(())
}
