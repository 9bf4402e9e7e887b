//! The project's own swarm at a neighbour. It is noted, because a host may make a new swarm for every request.

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{SwarmId, Timestamp};

impl Store {
    /// Reads the project's own swarm at a neighbour, and the agent id that joined it last.
    pub(crate) async fn default_swarm(&self, neighbour: &str) -> Result<Option<(SwarmId, Option<String>)>, StoreError> {
        self.sql("SELECT swarm_id, joined_as FROM default_swarms WHERE project_id = $1 AND neighbour = $2")
            .bind(neighbour)
            .first()
            .await
    }
}

impl StoreTransaction {
    /// Notes the project's own swarm at a neighbour and returns the noted one: the first stays.
    pub(crate) async fn note_default_swarm(
        &mut self,
        neighbour: &str,
        swarm_id: &SwarmId,
        at: Timestamp,
    ) -> Result<SwarmId, StoreError> {
        self.sql(
            "INSERT INTO default_swarms (project_id, neighbour, swarm_id, noted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (project_id, neighbour) DO UPDATE SET neighbour = excluded.neighbour RETURNING swarm_id",
        )
        .with((neighbour, swarm_id, at))
        .value()
        .await
    }

    /// Notes the agent id that joined the project's own swarm.
    pub(crate) async fn note_joined(&mut self, neighbour: &str, agent_id: &str) -> Result<(), StoreError> {
        self.sql("UPDATE default_swarms SET joined_as = $3 WHERE project_id = $1 AND neighbour = $2")
            .with((neighbour, agent_id))
            .run()
            .await
    }

    /// Forgets a swarm that the neighbour does not know any more.
    pub(crate) async fn forget_default_swarm(&mut self, neighbour: &str, id: &SwarmId) -> Result<(), StoreError> {
        self.sql("DELETE FROM default_swarms WHERE project_id = $1 AND neighbour = $2 AND swarm_id = $3")
            .with((neighbour, id))
            .run()
            .await
    }
}
