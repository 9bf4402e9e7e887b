//! The agents of swarms.

use super::columns::{document, json, record};
use super::{StoreError, StoreTransaction};
use crate::domain::{SwarmId, SwarmRole, Timestamp};

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

record! {
    row => StoredMember in "swarm_members" {
        agent_id, name, role, capabilities = document(row, "capabilities")?, joined_at, last_seen_at,
    }
}

impl StoreTransaction {
    /// Reads one agent of a swarm.
    pub(crate) async fn swarm_member(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
    ) -> Result<Option<StoredMember>, StoreError> {
        self.sql("SELECT * FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3")
            .with((swarm_id, agent_id))
            .read_first()
            .await
    }

    /// Reads the agents of a swarm by when they joined.
    pub(crate) async fn swarm_members(&mut self, swarm_id: &SwarmId) -> Result<Vec<StoredMember>, StoreError> {
        self.sql("SELECT * FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 ORDER BY joined_at, agent_id")
            .bind(swarm_id)
            .read_all()
            .await
    }

    /// Writes an agent of a swarm, new or renewed.
    pub(crate) async fn put_swarm_member(
        &mut self,
        swarm_id: &SwarmId,
        member: &StoredMember,
    ) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO swarm_members (project_id, swarm_id, agent_id, name, role, capabilities, joined_at,
                last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (project_id, swarm_id, agent_id) DO UPDATE SET name = excluded.name, role = excluded.role,
                capabilities = excluded.capabilities, last_seen_at = excluded.last_seen_at",
        )
        .bind(swarm_id)
        .bind(&member.agent_id)
        .bind(&member.name)
        .bind(member.role)
        .bind(json(&member.capabilities))
        .bind(member.joined_at)
        .bind(member.last_seen_at)
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
            .with((swarm_id, agent_id, at))
            .run()
            .await
    }

    /// Removes an agent; tells whether it was there.
    pub(crate) async fn delete_swarm_member(&mut self, swarm_id: &SwarmId, agent_id: &str) -> Result<bool, StoreError> {
        let delete = self.sql("DELETE FROM swarm_members WHERE project_id = $1 AND swarm_id = $2 AND agent_id = $3");
        Ok(delete.bind(swarm_id).bind(agent_id).changed().await? > 0)
    }
}
