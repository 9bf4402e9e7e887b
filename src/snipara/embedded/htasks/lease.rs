//! Leases on htasks: they end by time, by giving them back, or when the work is done.

use std::collections::BTreeMap;

use serde_json::json;

use super::blocking::{Standing, lease_ended};
use super::open_swarm::{Change, OpenSwarm};
use crate::domain::{HTaskClaim, Swarm, SwarmId, Timestamp};
use crate::snipara::SniparaError;
use crate::store::{StoreTransaction, StoredHTask};

/// Ends every lease of the swarm whose time is over: what was in progress is pending again.
pub(super) async fn end_expired(open: &mut OpenSwarm) -> Result<(), SniparaError> {
    for task in open.transaction.expired_htasks(&open.swarm.swarm_id, open.now).await? {
        end(open, task, "expire").await?;
    }
    Ok(())
}

async fn end(open: &mut OpenSwarm, mut task: StoredHTask, what: &'static str) -> Result<(), SniparaError> {
    let Some(claim) = task.task.claim.clone() else { return Ok(()) };
    let from = task.task.status;
    let ended = lease_ended(Standing { status: from, status_before: task.status_before });
    task.task.status = ended.status;
    task.status_before = ended.status_before;
    task.release();
    open.transaction.save_htask(&task, open.now).await?;
    open.record(Change {
        what,
        task_id: &task.task.task_id,
        actor: Some(&claim.claimed_by),
        from: Some(from),
        to: ended.status,
        payload: json!({ "fencing_token": claim.fencing_token, "lease_expires_at": claim.lease_expires_at }),
    })
    .await
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

/// Gives back everything that an agent has claimed in a swarm; answers how many htasks that were.
pub(in crate::snipara::embedded) async fn unassign(
    transaction: StoreTransaction,
    swarm: Swarm,
    agent_id: &str,
    now: Timestamp,
) -> Result<(StoreTransaction, u64), SniparaError> {
    let mut open = OpenSwarm { transaction, swarm, now };
    let mut count = 0;
    for task in open.transaction.claimed_htasks(&open.swarm.swarm_id).await? {
        if task.task.claim.as_ref().is_some_and(|claim| claim.claimed_by == agent_id) {
            end(&mut open, task, "release").await?;
            count += 1;
        }
    }
    Ok((open.transaction, count))
}

/// Returns the htask that each agent of a swarm has claimed; its newest when it has several.
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
