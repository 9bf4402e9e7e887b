//! Which htask a task is for.

use sqlx::Row;

use super::columns::record;
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{HTaskRef, TaskId, Timestamp};

record! { row => HTaskRef in "task_htasks" { swarm_id, task_id = row.try_get("htask_id")? } }

impl StoreTransaction {
    /// Notes that a task is for an htask; a task is for one htask, and the first stays.
    pub(crate) async fn link_htask(
        &mut self,
        task_id: &TaskId,
        htask: &HTaskRef,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO task_htasks (project_id, task_id, swarm_id, htask_id, linked_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (project_id, task_id) DO NOTHING",
        )
        .with((task_id, &htask.swarm_id, &htask.task_id, at))
        .run()
        .await
    }
}

impl Store {
    /// Reads the htask that a task is for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn htask_of(&self, task_id: &TaskId) -> Result<Option<HTaskRef>, StoreError> {
        self.sql("SELECT * FROM task_htasks WHERE project_id = $1 AND task_id = $2").bind(task_id).read_first().await
    }

    /// Reads the tasks that are for an htask, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks_of_htask(&self, htask: &HTaskRef) -> Result<Vec<TaskId>, StoreError> {
        self.sql(
            "SELECT task_id FROM task_htasks WHERE project_id = $1 AND swarm_id = $2 AND htask_id = $3
             ORDER BY linked_at, task_id",
        )
        .with((&htask.swarm_id, &htask.task_id))
        .values()
        .await
    }
}
