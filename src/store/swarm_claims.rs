//! Exclusive claims on the resources of swarms.

use super::columns::record;
use super::{StoreError, StoreTransaction};
use crate::domain::{ClaimId, ResourceType, SwarmId, Timestamp};

/// A claim as it lies in the file; it holds until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredClaim {
    pub(crate) id: ClaimId,
    pub(crate) resource_type: ResourceType,
    pub(crate) resource_id: String,
    pub(crate) agent_id: String,
    pub(crate) fencing_token: i64,
    pub(crate) claimed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

record! {
    row => StoredClaim in "swarm_claims" {
        id, resource_type, resource_id, agent_id, fencing_token, claimed_at, expires_at,
    }
}

impl StoreTransaction {
    /// Reads the claim on a resource, expired or not.
    pub(crate) async fn swarm_claim_on(
        &mut self,
        swarm_id: &SwarmId,
        resource_type: ResourceType,
        resource_id: &str,
    ) -> Result<Option<StoredClaim>, StoreError> {
        self.sql(
            "SELECT * FROM swarm_claims
             WHERE project_id = $1 AND swarm_id = $2 AND resource_type = $3 AND resource_id = $4",
        )
        .with((swarm_id, resource_type, resource_id))
        .read_first()
        .await
    }

    /// Reads a claim of a swarm by its id, expired or not.
    pub(crate) async fn swarm_claim(
        &mut self,
        swarm_id: &SwarmId,
        id: &ClaimId,
    ) -> Result<Option<StoredClaim>, StoreError> {
        self.sql("SELECT * FROM swarm_claims WHERE project_id = $1 AND swarm_id = $2 AND id = $3")
            .with((swarm_id, id))
            .read_first()
            .await
    }

    /// Writes the claim on a resource in the place of any before.
    pub(crate) async fn put_swarm_claim(&mut self, swarm_id: &SwarmId, claim: &StoredClaim) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO swarm_claims (project_id, swarm_id, resource_type, resource_id, id, agent_id, fencing_token,
                claimed_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (project_id, swarm_id, resource_type, resource_id) DO UPDATE SET id = excluded.id,
                agent_id = excluded.agent_id, fencing_token = excluded.fencing_token,
                claimed_at = excluded.claimed_at, expires_at = excluded.expires_at",
        )
        .bind(swarm_id)
        .bind(claim.resource_type)
        .bind(&claim.resource_id)
        .bind(&claim.id)
        .bind(&claim.agent_id)
        .bind(claim.fencing_token)
        .bind(claim.claimed_at)
        .bind(claim.expires_at)
        .run()
        .await
    }

    /// Removes a claim.
    pub(crate) async fn delete_swarm_claim(&mut self, id: &ClaimId) -> Result<(), StoreError> {
        self.sql("DELETE FROM swarm_claims WHERE project_id = $1 AND id = $2").bind(id).run().await
    }

    /// Removes all claims of an agent; answers how many still held.
    pub(crate) async fn delete_swarm_claims_of(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql =
            "DELETE FROM swarm_claims WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3 RETURNING expires_at";
        let ends: Vec<Timestamp> = self.sql(sql).bind(swarm_id).bind(agent_id).values().await?;
        Ok(ends.into_iter().map(|end| u64::from(end > now)).sum())
    }
}
