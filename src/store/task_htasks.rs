//! Which htask a task is for.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{HTaskId, HTaskRef, SwarmId, TaskId, Timestamp};

const TABLE: &str = "task_htasks";

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
        .bind(task_id.as_str())
        .bind(htask.swarm_id.as_str())
        .bind(htask.task_id.as_str())
        .bind(at.as_micros())
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
        let row = self
            .sql("SELECT swarm_id, htask_id FROM task_htasks WHERE project_id = $1 AND task_id = $2")
            .bind(task_id.as_str())
            .row()
            .await?;
        row.map(|row| self.htask_ref(&row)).transpose()
    }

    /// Reads the tasks that are for an htask, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks_of_htask(&self, htask: &HTaskRef) -> Result<Vec<TaskId>, StoreError> {
        let ids: Vec<String> = self
            .sql(
                "SELECT task_id FROM task_htasks WHERE project_id = $1 AND swarm_id = $2 AND htask_id = $3
             ORDER BY linked_at, task_id",
            )
            .bind(htask.swarm_id.as_str())
            .bind(htask.task_id.as_str())
            .values()
            .await?;
        ids.iter().map(|id| TaskId::parse(id).map_err(|error| self.bad_row(TABLE, error))).collect()
    }

    fn htask_ref(&self, row: &SqliteRow) -> Result<HTaskRef, StoreError> {
        let text =
            |index: usize| -> Result<String, StoreError> { row.try_get(index).map_err(|error| self.failed(error)) };
        Ok(HTaskRef {
            swarm_id: SwarmId::parse(&text(0)?).map_err(|error| self.bad_row(TABLE, error))?,
            task_id: HTaskId::parse(&text(1)?).map_err(|error| self.bad_row(TABLE, error))?,
        })
    }
}
