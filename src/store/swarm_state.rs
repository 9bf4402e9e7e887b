//! The shared state of swarms: keys with a value and a version.

use sqlx::Row;

use super::columns::{document, record};
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{StateEntry, SwarmId, Timestamp};

/// The columns of a key as it is at the time `$4`; an expired one has no value.
const SELECT: &str = "SELECT k.key, k.version, k.updated_by, k.updated_at, k.expires_at,
    CASE WHEN k.expires_at <= $4 THEN NULL ELSE k.value END AS value";

record! {
    row => StateEntry in "swarm_state" {
        key, value = document(row, "value")?, version, updated_at, updated_by, expires_at,
    }
}

impl Store {
    /// Reads a key as it is at this time; the value of one that has expired is null. Returns nothing when there is no such
    /// swarm.
    ///
    /// Agents that wait for each other ask this again and again. One statement sees one moment by itself. A transaction
    /// around it would cost more than the reading.
    pub(crate) async fn swarm_key(
        &self,
        swarm_id: &SwarmId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Option<StateEntry>>, StoreError> {
        self.is_in_place()?;
        let row = self
            .sql(sqlx::AssertSqlSafe(format!(
                "{SELECT} FROM swarms s
                 LEFT JOIN swarm_state k ON k.project_id = s.project_id AND k.swarm_id = s.id AND k.key = $3
                 WHERE s.project_id = $1 AND s.id = $2"
            )))
            .with((swarm_id, key, now))
            .row()
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found: Option<String> = row.try_get("key").map_err(|error| self.failed(error))?;
        found.map(|_| self.read(&row)).transpose().map(Some)
    }
}

impl StoreTransaction {
    /// Reads a key as it is at this time; the value of one that has expired is null, and its version goes on.
    pub(crate) async fn swarm_state(
        &mut self,
        swarm_id: &SwarmId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<StateEntry>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "{SELECT} FROM swarm_state k WHERE k.project_id = $1 AND k.swarm_id = $2 AND k.key = $3"
        )))
        .with((swarm_id, key, now))
        .read_first()
        .await
    }

    /// Writes a key in the place of what it was.
    pub(crate) async fn put_swarm_state(&mut self, swarm_id: &SwarmId, state: &StateEntry) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO swarm_state (project_id, swarm_id, key, value, version, updated_by, updated_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (project_id, swarm_id, key) DO UPDATE SET value = excluded.value, version = excluded.version,
                updated_by = excluded.updated_by, updated_at = excluded.updated_at, expires_at = excluded.expires_at",
        )
        .bind(swarm_id)
        .bind(&state.key)
        .bind(state.value.to_string())
        .bind(state.version)
        .bind(&state.updated_by)
        .bind(state.updated_at)
        .bind(state.expires_at)
        .run()
        .await
    }

    /// Removes the values of expired keys; their versions stay.
    pub(crate) async fn sweep_swarm_state(&mut self, swarm_id: &SwarmId, now: Timestamp) -> Result<(), StoreError> {
        self.sql(
            "UPDATE swarm_state SET value = '' WHERE project_id = $1 AND swarm_id = $2 AND expires_at <= $3
                AND value <> ''",
        )
        .with((swarm_id, now))
        .run()
        .await
    }
}
