//! The next htasks: recommending them, claiming them in the same transaction, renewing a lease.

use serde_json::json;

use super::lease::check_token;
use super::swarm_transaction::{Change, SwarmTransaction};
use crate::domain::{HTask, HTaskClaim, HTaskId, HTaskLevel, HTaskStatus, NextBatch, NextQuery};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::{QueueSelection, StoredHTask};

/// How many htasks an agent is shown that it holds already.
const SHOWN_HELD: i64 = 20;

/// Recommends, and claims when an agent is named and the transaction writes.
pub(super) async fn next(open: &mut SwarmTransaction, query: NextQuery) -> Result<NextBatch, SniparaError> {
    if let Some(feature_id) = &query.feature_id {
        let feature = open.task(feature_id).await?;
        if feature.task.level == HTaskLevel::N3 {
            let message = format!("feature_id {feature_id} is an {}: nothing is under it", feature.task.level);
            return Err(not_allowed("wrong_level", message, "give the id of a feature, or leave feature_id out"));
        }
    }
    let limit = query.limit();
    let renewal = query.renewal().map(|(task_id, token)| (task_id.clone(), token));
    let selection = QueueSelection {
        owner: query.owner,
        under: query.feature_id,
        workstream_type: query.workstream_type,
        only: query.only,
    };
    let lease_s = query.lease_seconds.unwrap_or(open.swarm.task_timeout_s);
    let agent = query.claim_for_agent.as_deref();
    if let (Some((task_id, token)), Some(agent)) = (&renewal, agent) {
        let task = renew(open, task_id, *token, agent, lease_s).await?;
        let total = open.transaction.count_ready_htasks(&open.swarm.swarm_id, &selection).await?;
        return batch(open, vec![task], total, Vec::new()).await;
    }
    let swarm_id = open.swarm.swarm_id.clone();
    let total = open.transaction.count_ready_htasks(&swarm_id, &selection).await?;
    let already_yours = match agent {
        Some(agent) => open.transaction.htasks_held_by(&swarm_id, agent, open.now, SHOWN_HELD).await?,
        None => Vec::new(),
    };
    let mut tasks = Vec::new();
    for id in open.transaction.ready_htasks(&swarm_id, &selection, limit).await? {
        let mut task = open.task(&HTaskId::parse(&id)?).await?;
        if let Some(agent) = agent {
            claim(open, &mut task, agent, lease_s).await?;
        }
        tasks.push(task.task);
    }
    let left = limit - i64::try_from(tasks.len()).unwrap_or(limit);
    if !query.exclude_blocked && left > 0 {
        for id in open.transaction.blocked_htasks(&swarm_id, &selection, left).await? {
            tasks.push(open.task(&HTaskId::parse(&id)?).await?.task);
        }
    }
    let already_yours = already_yours.into_iter().map(|stored| stored.task).collect();
    batch(open, tasks, total, already_yours).await
}

async fn batch(
    open: &mut SwarmTransaction,
    tasks: Vec<HTask>,
    total: u64,
    already_yours: Vec<HTask>,
) -> Result<NextBatch, SniparaError> {
    let mut paths = Vec::new();
    for task in &tasks {
        let ancestors = open.ancestors(task).await?;
        paths.push(ancestors.into_iter().rev().map(|ancestor| ancestor.task.title).collect());
    }
    Ok(NextBatch { tasks, paths, total, already_yours })
}

async fn claim(
    open: &mut SwarmTransaction,
    task: &mut StoredHTask,
    agent: &str,
    lease_s: i64,
) -> Result<(), SniparaError> {
    let from = task.task.status;
    let fencing_token = open.transaction.next_fencing_token().await?;
    let lease_expires_at = open.now.plus_ms(lease_s.saturating_mul(1000));
    task.hold(HTaskClaim { claimed_by: agent.to_owned(), fencing_token, lease_expires_at });
    task.task.status = HTaskStatus::InProgress;
    task.task.started_at = task.task.started_at.or(Some(open.now));
    open.transaction.save_htask(task, open.now).await?;
    let payload = json!({ "fencing_token": fencing_token, "lease_expires_at": lease_expires_at });
    open.record(Change { what: "claim", task: &task.task, actor: agent, from: Some(from), payload }).await
}

async fn renew(
    open: &mut SwarmTransaction,
    task_id: &HTaskId,
    token: i64,
    agent: &str,
    lease_s: i64,
) -> Result<HTask, SniparaError> {
    let mut task = open.task(task_id).await?;
    if task.task.status.is_terminal() {
        let message = format!("htask {task_id} is {}: there is no lease to renew", task.task.status);
        return Err(not_allowed("wrong_status", message, "ask for other work"));
    }
    let mut held = check_token(&task, token, open.now)?;
    if held.claimed_by != agent {
        return Err(SniparaError::Held {
            resource: format!("htask {task_id}"),
            holder: held.claimed_by,
            expires_at: held.lease_expires_at,
        });
    }
    held.lease_expires_at = open.now.plus_ms(lease_s.saturating_mul(1000));
    let lease_expires_at = held.lease_expires_at;
    task.hold(held);
    open.transaction.save_htask(&task, open.now).await?;
    let payload = json!({ "fencing_token": token, "lease_expires_at": lease_expires_at });
    let from = Some(task.task.status);
    open.record(Change { what: "renew", task: &task.task, actor: agent, from, payload }).await?;
    Ok(task.task)
}
