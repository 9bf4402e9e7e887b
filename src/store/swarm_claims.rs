//! Exclusive claims on the resources of swarms.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{ClaimId, ResourceType, SwarmId, Timestamp};

const TABLE: &str = "swarm_claims";
const COLUMNS: &str = "id, resource_type, resource_id, agent_id, fencing_token, claimed_at, expires_at";

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

fn read(store: &Store, row: &SqliteRow) -> Result<StoredClaim, StoreError> {
    let failed = |error| store.failed(error);
    let id: String = row.try_get(0).map_err(failed)?;
    let resource_type: String = row.try_get(1).map_err(failed)?;
    Ok(StoredClaim {
        id: ClaimId::parse(&id).map_err(|error| store.bad_row(TABLE, error))?,
        resource_type: ResourceType::parse(&resource_type).map_err(|error| store.bad_row(TABLE, error))?,
        resource_id: row.try_get(2).map_err(failed)?,
        agent_id: row.try_get(3).map_err(failed)?,
        fencing_token: row.try_get(4).map_err(failed)?,
        claimed_at: Timestamp::from_micros(row.try_get(5).map_err(failed)?),
        expires_at: Timestamp::from_micros(row.try_get(6).map_err(failed)?),
    })
}

impl StoreTransaction {
    /// Reads the claim on a resource, expired or not.
    pub(crate) async fn swarm_claim_on(
        &mut self,
        swarm_id: &SwarmId,
        resource_type: ResourceType,
        resource_id: &str,
    ) -> Result<Option<StoredClaim>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM swarm_claims
             WHERE project_id = $1 AND swarm_id = $2 AND resource_type = $3 AND resource_id = $4"
        )))
        .bind(swarm_id.as_str())
        .bind(resource_type.as_str())
        .bind(resource_id)
        .read_first(read)
        .await
    }

    /// Reads a claim of a swarm by its id, expired or not.
    pub(crate) async fn swarm_claim(
        &mut self,
        swarm_id: &SwarmId,
        id: &ClaimId,
    ) -> Result<Option<StoredClaim>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM swarm_claims WHERE project_id = $1 AND swarm_id = $2 AND id = $3"
        )))
        .bind(swarm_id.as_str())
        .bind(id.as_str())
        .read_first(read)
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
        .bind(swarm_id.as_str())
        .bind(claim.resource_type.as_str())
        .bind(&claim.resource_id)
        .bind(claim.id.as_str())
        .bind(&claim.agent_id)
        .bind(claim.fencing_token)
        .bind(claim.claimed_at.as_micros())
        .bind(claim.expires_at.as_micros())
        .run()
        .await
    }

    /// Removes a claim.
    pub(crate) async fn delete_swarm_claim(&mut self, id: &ClaimId) -> Result<(), StoreError> {
        self.sql("DELETE FROM swarm_claims WHERE project_id = $1 AND id = $2").bind(id.as_str()).run().await
    }

    /// Removes all claims of an agent; answers how many still held.
    pub(crate) async fn delete_swarm_claims_of(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ends: Vec<i64> = self.sql(
            "DELETE FROM swarm_claims WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3 RETURNING expires_at",
        )
        .bind(swarm_id.as_str())
        .bind(agent_id).values().await?;
        Ok(ends.into_iter().map(|end| u64::from(end > now.as_micros())).sum())
    }
}
