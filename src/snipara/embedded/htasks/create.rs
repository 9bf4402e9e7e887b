//! Making one htask.

use serde_json::json;

use super::hierarchy::{check_no_cycle, check_parent};
use super::ranking::eta_rank;
use super::swarm_transaction::{Change, SwarmTransaction};
use crate::domain::{HTask, HTaskId, HTaskLevel, HTaskStatus, NewHTask};
use crate::snipara::SniparaError;
use crate::store::StoredHTask;

/// Makes one htask.
pub(super) async fn create(open: &mut SwarmTransaction, mut new: NewHTask) -> Result<HTask, SniparaError> {
    if let Some(parent_id) = &new.parent_id {
        let parent = open.task(parent_id).await?;
        check_parent(&parent.task, new.level)?;
    }
    new.number_criteria();
    let task_id = HTaskId::generate();
    let mut depends_on = new.depends_on;
    depends_on.sort();
    depends_on.dedup();
    for needed in &depends_on {
        open.task(needed).await?;
    }
    if let Some(parent_id) = new.parent_id.as_ref().filter(|_| !depends_on.is_empty()) {
        // No htask can depend on one that does not exist yet, but its ancestors wait for it.
        let mut waits = open.transaction.htask_waits(&open.swarm.swarm_id).await?;
        waits.push((task_id.to_string(), parent_id.to_string(), "under".to_owned()));
        if new.is_blocking {
            waits.push((parent_id.to_string(), task_id.to_string(), "part".to_owned()));
        }
        for needed in &depends_on {
            check_no_cycle(&waits, "depends_on", task_id.as_str(), needed.as_str())?;
        }
    }
    let swarm_id = open.swarm.swarm_id.clone();
    let sequence_number = open.transaction.next_htask_sequence(&swarm_id, new.parent_id.as_ref()).await?;
    let task = HTask {
        task_id,
        swarm_id: Some(swarm_id.clone()),
        level: new.level,
        parent_id: new.parent_id,
        sequence_number,
        workstream_type: new.workstream_type,
        custom_workstream_type: new.custom_workstream_type.filter(|_| new.level == HTaskLevel::N2),
        title: new.title,
        description: new.description,
        owner: new.owner,
        execution_target: new.execution_target,
        priority: new.priority,
        eta_target: new.eta_target,
        acceptance_criteria: new.acceptance_criteria,
        context_refs: new.context_refs,
        depends_on,
        evidence_required: new.evidence_required,
        evidence_provided: Vec::new(),
        status: HTaskStatus::Pending,
        is_blocking: new.is_blocking,
        blocker: None,
        waiver: None,
        claim: None,
        result: None,
        created_at: Some(open.now),
        started_at: None,
        completed_at: None,
        archived_at: None,
    };
    let rank = eta_rank(task.eta_target.as_deref());
    open.transaction.insert_htask(&swarm_id, &StoredHTask::new(task.clone()), rank, open.now).await?;
    let payload = json!({ "title": task.title, "level": task.level, "parent_id": task.parent_id });
    open.record(Change { what: "create", task: &task, actor: &task.owner, from: None, payload }).await?;
    Ok(task)
}
