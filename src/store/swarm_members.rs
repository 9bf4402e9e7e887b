//! The agents of swarms.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{SwarmId, SwarmRole, Timestamp};

const TABLE: &str = "swarm_members";
const COLUMNS: &str = "agent_id, name, role, capabilities, joined_at, last_seen_at";

/// An agent of a swarm as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredMember {
    pub(crate) agent_id: String,
    pub(crate) name: Option<String>,
    pub(crate) role: SwarmRole,
    pub(crate) capabilities: Vec<String>,
    pub(crate) joined_at: Timestamp,
    /// When it gave the last sign of life.
    pub(crate) last_seen_at: Timestamp,
}

fn read(store: &Store, row: &SqliteRow) -> Result<StoredMember, StoreError> {
    let failed = |error| store.failed(error);
    let role: String = row.try_get(2).map_err(failed)?;
    let capabilities: String = row.try_get(3).map_err(failed)?;
    Ok(StoredMember {
        agent_id: row.try_get(0).map_err(failed)?,
        name: row.try_get(1).map_err(failed)?,
        role: SwarmRole::parse(&role).map_err(|error| store.bad_row(TABLE, error))?,
        capabilities: serde_json::from_str(&capabilities).map_err(|error| store.bad_row(TABLE, error))?,
        joined_at: Timestamp::from_micros(row.try_get(4).map_err(failed)?),
        last_seen_at: Timestamp::from_micros(row.try_get(5).map_err(failed)?),
    })
}

impl StoreTransaction {
    /// Reads one agent of a swarm.
    pub(crate) async fn swarm_member(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
    ) -> Result<Option<StoredMember>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3"
        )))
        .bind(swarm_id.as_str())
        .bind(agent_id)
        .read_first(read)
        .await
    }

    /// Reads the agents of a swarm by when they joined.
    pub(crate) async fn swarm_members(&mut self, swarm_id: &SwarmId) -> Result<Vec<StoredMember>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 ORDER BY joined_at, agent_id"
        )))
        .bind(swarm_id.as_str())
        .read_all(read)
        .await
    }

    /// Writes an agent of a swarm, new or renewed.
    pub(crate) async fn put_swarm_member(
        &mut self,
        swarm_id: &SwarmId,
        member: &StoredMember,
    ) -> Result<(), StoreError> {
        let capabilities = serde_json::Value::from(member.capabilities.clone()).to_string();
        self.sql(
            "INSERT INTO swarm_members (project_id, swarm_id, agent_id, name, role, capabilities, joined_at,
                last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (project_id, swarm_id, agent_id) DO UPDATE SET name = excluded.name, role = excluded.role,
                capabilities = excluded.capabilities, last_seen_at = excluded.last_seen_at",
        )
        .bind(swarm_id.as_str())
        .bind(&member.agent_id)
        .bind(&member.name)
        .bind(member.role.as_str())
        .bind(capabilities)
        .bind(member.joined_at.as_micros())
        .bind(member.last_seen_at.as_micros())
        .run()
        .await
    }

    /// Notes a sign of life. Nothing happens when the agent is not a member.
    pub(crate) async fn touch_swarm_member(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql("UPDATE swarm_members SET last_seen_at = $4 WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3")
            .bind(swarm_id.as_str())
            .bind(agent_id)
            .bind(at.as_micros())
            .run()
            .await
    }

    /// Removes an agent; tells whether it was there.
    pub(crate) async fn delete_swarm_member(&mut self, swarm_id: &SwarmId, agent_id: &str) -> Result<bool, StoreError> {
        let done = self
            .sql("DELETE FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3")
            .bind(swarm_id.as_str())
            .bind(agent_id)
            .changed()
            .await?;
        Ok(done > 0)
    }
}
