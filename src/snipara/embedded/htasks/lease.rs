//! Leases on htasks: they end by time, by giving them back, or when the work is done.

use std::collections::BTreeMap;

use serde_json::json;

use super::blocking::{Standing, lease_ended};
use super::swarm_transaction::{Change, record};
use crate::domain::{HTaskClaim, SwarmId, Timestamp};
use crate::snipara::SniparaError;
use crate::store::{StoreTransaction, StoredHTask};

/// Ends every lease of a swarm whose time is over. Its htask is pending again when it was in progress.
pub(super) async fn end_expired(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    now: Timestamp,
) -> Result<(), SniparaError> {
    for task in transaction.expired_htasks(swarm_id, now).await? {
        end(transaction, swarm_id, task, "expire", now).await?;
    }
    Ok(())
}

async fn end(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    mut task: StoredHTask,
    what: &'static str,
    now: Timestamp,
) -> Result<(), SniparaError> {
    let Some(claim) = task.task.claim.clone() else { return Ok(()) };
    let from = task.task.status;
    let ended = lease_ended(Standing { status: from, status_before: task.status_before });
    task.task.status = ended.status;
    task.status_before = ended.status_before;
    task.release();
    transaction.save_htask(&task, now).await?;
    let payload = json!({ "fencing_token": claim.fencing_token, "lease_expires_at": claim.lease_expires_at });
    let change = Change { what, task: &task.task, actor: &claim.claimed_by, from: Some(from), payload };
    record(transaction, swarm_id, change, now).await
}

/// Refuses a token that is not the last one of the htask, or whose lease is over.
pub(super) fn check_token(task: &StoredHTask, given: i64, now: Timestamp) -> Result<HTaskClaim, SniparaError> {
    let resource = format!("htask {}", task.task.task_id);
    let current = task.last_token.unwrap_or_default();
    if given != current {
        return Err(SniparaError::StaleToken { resource, given, current });
    }
    match &task.task.claim {
        Some(claim) if claim.lease_expires_at > now => Ok(claim.clone()),
        _ => {
            let expired_at = task.last_lease_end.unwrap_or(now);
            Err(SniparaError::LeaseExpired { resource, expired_at })
        }
    }
}

/// Refuses an agent that is not the holder of a present claim. A given token must be the claim's, and without a token the
/// agent must be the holder. An htask without a claim is open to all.
pub(super) fn check_holder(
    task: &StoredHTask,
    agent_id: Option<&str>,
    token: Option<i64>,
    now: Timestamp,
) -> Result<(), SniparaError> {
    if let Some(token) = token {
        return check_token(task, token, now).map(drop);
    }
    match &task.task.claim {
        Some(claim) if claim.lease_expires_at > now && agent_id != Some(claim.claimed_by.as_str()) => {
            Err(SniparaError::Held {
                resource: format!("htask {}", task.task.task_id),
                holder: claim.claimed_by.clone(),
                expires_at: claim.lease_expires_at,
            })
        }
        _ => Ok(()),
    }
}

/// Gives back everything that an agent has claimed in a swarm. Returns the number of htasks.
pub(in crate::snipara::embedded) async fn unassign(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    agent_id: &str,
    now: Timestamp,
) -> Result<u64, SniparaError> {
    end_expired(transaction, swarm_id, now).await?;
    let mut count = 0;
    for task in transaction.claimed_htasks(swarm_id).await? {
        if task.task.claim.as_ref().is_some_and(|claim| claim.claimed_by == agent_id) {
            end(transaction, swarm_id, task, "release", now).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Returns the htask that each agent of a swarm has claimed, or its newest when it has several.
pub(in crate::snipara::embedded) async fn claimed_tasks(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    now: Timestamp,
) -> Result<BTreeMap<String, String>, SniparaError> {
    let claimed = transaction.claimed_htasks(swarm_id).await?.into_iter().filter_map(|task| {
        let claim = task.task.claim.filter(|claim| claim.lease_expires_at > now)?;
        Some((claim.claimed_by, task.task.task_id.to_string()))
    });
    Ok(claimed.collect())
}
