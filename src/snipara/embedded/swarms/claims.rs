//! Exclusive claims on resources, until they expire.

use crate::domain::{Claim, ClaimId, ClaimRequest, ReleaseRequest, Released, ResourceType, Swarm, Timestamp, one_line};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::{StoreTransaction, StoredClaim};

use super::lookup::existing_swarm;

/// Claims a resource for a member. Its own claim is extended, never cut short, and keeps its fencing token. An expired
/// claim of any member is replaced, with a larger token.
pub(super) async fn claim(
    transaction: &mut StoreTransaction,
    request: ClaimRequest,
    now: Timestamp,
) -> Result<Claim, SniparaError> {
    let swarm = existing_swarm(transaction, &request.swarm_id).await?;
    if transaction.swarm_member(&swarm.swarm_id, &request.agent_id).await?.is_none() {
        return Err(not_a_member(&swarm, &request.agent_id));
    }
    transaction.touch_swarm_member(&swarm.swarm_id, &request.agent_id, now).await?;
    let seconds = request.timeout_seconds.unwrap_or(swarm.claim_timeout_s);
    let expires_at = now.plus_ms(seconds.saturating_mul(1000));
    let before = transaction.swarm_claim_on(&swarm.swarm_id, request.resource_type, &request.resource_id).await?;
    let holding = before.filter(|claim| claim.expires_at > now);
    if let Some(held) = holding.as_ref().filter(|claim| claim.agent_id != request.agent_id) {
        return Err(SniparaError::Held {
            resource: resource(held.resource_type, &held.resource_id),
            holder: one_line(&held.agent_id, 80),
            expires_at: held.expires_at,
        });
    }
    let extended = holding.is_some();
    let stored = match holding {
        Some(own) => StoredClaim { expires_at: own.expires_at.max(expires_at), ..own },
        None => StoredClaim {
            id: ClaimId::generate(),
            resource_type: request.resource_type,
            resource_id: request.resource_id,
            agent_id: request.agent_id,
            fencing_token: transaction.next_fencing_token().await?,
            claimed_at: now,
            expires_at,
        },
    };
    transaction.put_swarm_claim(&swarm.swarm_id, &stored).await?;
    Ok(Claim {
        claim_id: stored.id,
        resource_type: stored.resource_type,
        resource_id: stored.resource_id,
        agent_id: stored.agent_id,
        extended,
        expires_at: Some(stored.expires_at),
        fencing_token: Some(stored.fencing_token),
    })
}

/// Gives a claim back. This is safe to repeat (snipara-wire.md §S6: the public server fails a repetition).
pub(super) async fn release(
    transaction: &mut StoreTransaction,
    request: ReleaseRequest,
    now: Timestamp,
) -> Result<Released, SniparaError> {
    existing_swarm(transaction, &request.swarm_id).await?;
    transaction.touch_swarm_member(&request.swarm_id, &request.agent_id, now).await?;
    let found = match (&request.claim_id, request.resource_type, &request.resource_id) {
        (Some(id), _, _) => transaction.swarm_claim(&request.swarm_id, id).await?,
        (None, Some(kind), Some(id)) => transaction.swarm_claim_on(&request.swarm_id, kind, id).await?,
        _ => None,
    };
    let Some(claim) = found else { return Ok(Released { claim_id: None, released: false }) };
    let holds = claim.expires_at > now;
    if claim.agent_id == request.agent_id {
        transaction.delete_swarm_claim(&claim.id).await?;
        return Ok(Released { claim_id: Some(claim.id), released: holds });
    }
    if !holds {
        return Ok(Released { claim_id: None, released: false });
    }
    let message = format!(
        "{} is claimed by {} until {}, not by {}",
        resource(claim.resource_type, &claim.resource_id),
        one_line(&claim.agent_id, 80),
        claim.expires_at,
        one_line(&request.agent_id, 80)
    );
    Err(not_allowed("not_yours", message, "wait until then, or ask its holder to release it"))
}

fn resource(kind: ResourceType, id: &str) -> String {
    format!("{kind} {}", one_line(id, 120))
}

fn not_a_member(swarm: &Swarm, agent_id: &str) -> SniparaError {
    let message = format!("{} is not a member of swarm {}", one_line(agent_id, 80), swarm.swarm_id);
    not_allowed("not_a_member", message, "join first: swarm_join with this swarm_id and agent_id")
}
