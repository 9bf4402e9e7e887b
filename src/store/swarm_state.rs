//! The shared state of swarms: keys with a value and a version.

use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{SwarmId, Timestamp};

const TABLE: &str = "swarm_state";

/// A key as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredState {
    pub(crate) key: String,
    /// The value, or nothing when it has expired.
    pub(crate) value: Option<Value>,
    /// The version, which never starts anew, even when the key expired in between.
    pub(crate) version: i64,
    pub(crate) updated_by: String,
    pub(crate) updated_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

fn read(store: &Store, row: &SqliteRow, now: Timestamp) -> Result<StoredState, StoreError> {
    let failed = |error| store.failed(error);
    let expires_at: Option<i64> = row.try_get(5).map_err(failed)?;
    let value: String = row.try_get(1).map_err(failed)?;
    let value = match expires_at {
        Some(end) if end <= now.as_micros() => None,
        _ => Some(serde_json::from_str(&value).map_err(|error| store.bad_row(TABLE, error))?),
    };
    Ok(StoredState {
        key: row.try_get(0).map_err(failed)?,
        value,
        version: row.try_get(2).map_err(failed)?,
        updated_by: row.try_get(3).map_err(failed)?,
        updated_at: Timestamp::from_micros(row.try_get(4).map_err(failed)?),
        expires_at: expires_at.map(Timestamp::from_micros),
    })
}

impl Store {
    /// Reads a key as it is at this time. Returns nothing when there is no such swarm.
    ///
    /// Agents that wait for each other ask this again and again. One statement sees one moment by itself. A transaction
    /// around it would cost more than the reading.
    pub(crate) async fn swarm_key(
        &self,
        swarm_id: &SwarmId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Option<StoredState>>, StoreError> {
        self.is_in_place()?;
        let row = self
            .sql(
                "SELECT k.key, k.value, k.version, k.updated_by, k.updated_at, k.expires_at FROM swarms s
             LEFT JOIN swarm_state k ON k.project_id = s.project_id AND k.swarm_id = s.id AND k.key = $3
             WHERE s.project_id = $1 AND s.id = $2",
            )
            .bind(swarm_id.as_str())
            .bind(key)
            .row()
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found: Option<String> = row.try_get(0).map_err(|error| self.failed(error))?;
        found.map(|_| read(self, &row, now)).transpose().map(Some)
    }
}

impl StoreTransaction {
    /// Reads a key as it is at this time.
    pub(crate) async fn swarm_state(
        &mut self,
        swarm_id: &SwarmId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<StoredState>, StoreError> {
        let row = self
            .sql(
                "SELECT key, value, version, updated_by, updated_at, expires_at FROM swarm_state
             WHERE project_id = $1 AND swarm_id = $2 AND key = $3",
            )
            .bind(swarm_id.as_str())
            .bind(key)
            .row()
            .await?;
        row.map(|row| read(&self.store, &row, now)).transpose()
    }

    /// Writes a key in the place of what it was.
    pub(crate) async fn put_swarm_state(&mut self, swarm_id: &SwarmId, state: &StoredState) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO swarm_state (project_id, swarm_id, key, value, version, updated_by, updated_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (project_id, swarm_id, key) DO UPDATE SET value = excluded.value, version = excluded.version,
                updated_by = excluded.updated_by, updated_at = excluded.updated_at, expires_at = excluded.expires_at",
        )
        .bind(swarm_id.as_str())
        .bind(&state.key)
        .bind(state.value.as_ref().map(Value::to_string).unwrap_or_default())
        .bind(state.version)
        .bind(&state.updated_by)
        .bind(state.updated_at.as_micros())
        .bind(state.expires_at.map(Timestamp::as_micros))
        .run()
        .await
    }

    /// Removes the values of expired keys; their versions stay.
    pub(crate) async fn sweep_swarm_state(&mut self, swarm_id: &SwarmId, now: Timestamp) -> Result<(), StoreError> {
        self.sql(
            "UPDATE swarm_state SET value = '' WHERE project_id = $1 AND swarm_id = $2 AND expires_at <= $3
                AND value <> ''",
        )
        .bind(swarm_id.as_str())
        .bind(now.as_micros())
        .run()
        .await
    }
}
