//! Blocking and unblocking an htask, and with it its ancestors.

use serde_json::json;

use super::blocking::{Standing, blocked, released};
use super::complete::check_open;
use super::hierarchy::check_no_cycle;
use super::lease::check_holder;
use super::swarm_transaction::{Change, SwarmTransaction, actor_of};
use crate::domain::{BlockChange, BlockRequest, Blocker, HTask, HTaskId, HTaskStatus, UnblockRequest, one_line};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::StoredHTask;

/// Blocks an htask; one that is blocked already gets the new cause.
pub(super) async fn block(open: &mut SwarmTransaction, request: BlockRequest) -> Result<BlockChange, SniparaError> {
    let mut task = open.task(&request.task_id).await?;
    check_open(&task.task)?;
    check_holder(&task, request.agent_id.as_deref(), request.fencing_token, open.now)?;
    if let Some(awaited) = &request.blocked_by_task_id {
        open.task(awaited).await?;
        let waits = open.transaction.htask_waits(&open.swarm.swarm_id).await?;
        check_no_cycle(&waits, "blocked_by_task_id", task.task.task_id.as_str(), awaited.as_str())?;
    }
    let from = task.task.status;
    let actor = request.agent_id.unwrap_or_else(|| actor_of(&task.task));
    let payload = json!({
        "blocker_type": request.blocker_type, "blocker_reason": one_line(&request.blocker_reason, 500),
        "blocked_by_task_id": request.blocked_by_task_id,
    });
    task.task.blocker = Some(Blocker {
        blocker_type: request.blocker_type,
        blocker_reason: request.blocker_reason,
        blocked_by_task_id: request.blocked_by_task_id,
        required_input: request.required_input,
        eta_recovery: request.eta_recovery,
        escalation_to: request.escalation_to,
        blocked_at: Some(open.now),
    });
    apply(&mut task, blocked);
    open.transaction.save_htask(&task, open.now).await?;
    let ancestors = recompute_ancestors(open, &task.task).await?;
    record(open, &task.task, ("block", &actor), from, payload, &ancestors).await?;
    Ok(BlockChange { task_id: task.task.task_id, status: task.task.status, ancestors: ids(ancestors) })
}

/// Unblocks an htask that has a blocker of its own.
pub(super) async fn unblock(open: &mut SwarmTransaction, request: UnblockRequest) -> Result<BlockChange, SniparaError> {
    let task = open.task(&request.task_id).await?;
    if task.task.blocker.is_none() {
        return Err(not_blocked(&task.task));
    }
    let actor = actor_of(&task.task);
    let resolution = request.resolution.map(|text| one_line(&text, 500));
    release(open, task, &actor, resolution).await
}

/// Unblocks what was blocked until this htask is completed. Returns their ids.
pub(super) async fn release_blocked_by(
    open: &mut SwarmTransaction,
    completed: &HTask,
    actor: &str,
) -> Result<Vec<HTaskId>, SniparaError> {
    let swarm_id = open.swarm.swarm_id.clone();
    let mut released = Vec::new();
    for id in open.transaction.htasks_blocked_by(&swarm_id, &completed.task_id).await? {
        let Ok(id) = HTaskId::parse(&id) else { continue };
        let task = open.task(&id).await?;
        if check_open(&task.task).is_ok() {
            release(open, task, actor, Some(format!("{} is completed", completed.task_id))).await?;
            released.push(id);
        }
    }
    Ok(released)
}

/// Takes the blocker of an htask away, and what it meant to those above.
async fn release(
    open: &mut SwarmTransaction,
    mut task: StoredHTask,
    actor: &str,
    resolution: Option<String>,
) -> Result<BlockChange, SniparaError> {
    let from = task.task.status;
    task.task.blocker = None;
    // Saved before the remaining causes are read, so that its own cause does not count any more.
    open.transaction.save_htask(&task, open.now).await?;
    let held_back = open.transaction.htasks_held_back(&open.swarm.swarm_id).await?;
    let remains = held_back.contains(task.task.task_id.as_str());
    apply(&mut task, |standing| released(standing, remains));
    open.transaction.save_htask(&task, open.now).await?;
    let ancestors = recompute_ancestors(open, &task.task).await?;
    let payload = json!({ "resolution": resolution });
    record(open, &task.task, ("unblock", actor), from, payload, &ancestors).await?;
    Ok(BlockChange { task_id: task.task.task_id, status: task.task.status, ancestors: ids(ancestors) })
}

/// An ancestor whose status changed: its id, its old status, its new status.
type Moved = (HTaskId, HTaskStatus, HTaskStatus);

/// Adjusts the statuses of the ancestors of an htask to what is blocked under them. Returns the changes, nearest first.
async fn recompute_ancestors(open: &mut SwarmTransaction, task: &HTask) -> Result<Vec<Moved>, SniparaError> {
    let held_back = open.transaction.htasks_held_back(&open.swarm.swarm_id).await?;
    let mut moved = Vec::new();
    for mut ancestor in open.ancestors(task).await? {
        let from = ancestor.task.status;
        let reason = ancestor.task.blocker.is_some() || held_back.contains(ancestor.task.task_id.as_str());
        apply(&mut ancestor, |standing| if reason { blocked(standing) } else { released(standing, false) });
        if ancestor.task.status != from {
            open.transaction.save_htask(&ancestor, open.now).await?;
            moved.push((ancestor.task.task_id, from, ancestor.task.status));
        }
    }
    Ok(moved)
}

fn apply(task: &mut StoredHTask, change: impl FnOnce(Standing) -> Standing) {
    let after = change(Standing { status: task.task.status, status_before: task.status_before });
    task.task.status = after.status;
    task.status_before = after.status_before;
}

async fn record(
    open: &mut SwarmTransaction,
    task: &HTask,
    (what, actor): (&'static str, &str),
    from: HTaskStatus,
    mut payload: serde_json::Value,
    ancestors: &[Moved],
) -> Result<(), SniparaError> {
    let ancestors: Vec<_> =
        ancestors.iter().map(|(id, from, to)| json!({ "task_id": id, "from_status": from, "to_status": to })).collect();
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("ancestors".to_owned(), json!(ancestors));
    }
    open.record(Change { what, task, actor, from: Some(from), payload }).await
}

fn ids(moved: Vec<Moved>) -> Vec<HTaskId> {
    moved.into_iter().map(|(id, ..)| id).collect()
}

fn not_blocked(task: &HTask) -> SniparaError {
    if task.status == HTaskStatus::Blocked {
        let message = format!("htask {} is BLOCKED only because something under it is", task.task_id);
        return not_allowed("wrong_status", message, "unblock that one: htask_tree shows it");
    }
    let message = format!("htask {} is {}, not BLOCKED", task.task_id, task.status);
    not_allowed("wrong_status", message, "nothing needs to be done")
}
