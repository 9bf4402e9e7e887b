//! Swarms, and the counter of fencing tokens.

use sqlx::Row;

use super::columns::record;
use super::{StoreError, StoreTransaction};
use crate::domain::{Swarm, SwarmId, Timestamp};

record! {
    row => Swarm in "swarms" {
        swarm_id = row.try_get("id")?, name, description, max_agents, task_timeout_s, claim_timeout_s, reused = true,
    }
}

impl StoreTransaction {
    /// Reads a swarm.
    pub(crate) async fn swarm(&mut self, id: &SwarmId) -> Result<Option<Swarm>, StoreError> {
        self.sql("SELECT * FROM swarms WHERE project_id = $1 AND id = $2").bind(id).read_first().await
    }

    /// Reads the oldest swarm of a name.
    pub(crate) async fn swarm_named(&mut self, name: &str) -> Result<Option<Swarm>, StoreError> {
        self.sql("SELECT * FROM swarms WHERE project_id = $1 AND name = $2 ORDER BY created_at, id LIMIT 1")
            .bind(name)
            .read_first()
            .await
    }

    /// Reads the ids and names of all swarms, for the nearest name in an error.
    pub(crate) async fn swarm_names(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        self.sql("SELECT id, name FROM swarms WHERE project_id = $1 ORDER BY created_at DESC LIMIT 1000").all().await
    }

    /// Writes a new swarm.
    pub(crate) async fn insert_swarm(&mut self, swarm: &Swarm, at: Timestamp) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO swarms (project_id, id, name, description, max_agents, task_timeout_s, claim_timeout_s,
                created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&swarm.swarm_id)
        .bind(&swarm.name)
        .bind(&swarm.description)
        .bind(swarm.max_agents)
        .bind(swarm.task_timeout_s)
        .bind(swarm.claim_timeout_s)
        .bind(at)
        .run()
        .await
    }

    /// Returns the next fencing token of the project: greater than every one before.
    pub(crate) async fn next_fencing_token(&mut self) -> Result<i64, StoreError> {
        self.sql(
            "INSERT INTO fencing_tokens (project_id, last_token) VALUES ($1, 1)
             ON CONFLICT (project_id) DO UPDATE SET last_token = last_token + 1 RETURNING last_token",
        )
        .value()
        .await
    }
}
