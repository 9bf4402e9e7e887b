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
        let (store, project) = (self.store.clone(), self.project());
        sqlx::query(
            "INSERT INTO task_htasks (project_id, task_id, swarm_id, htask_id, linked_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (project_id, task_id) DO NOTHING",
        )
        .bind(project)
        .bind(task_id.as_str())
        .bind(htask.swarm_id.as_str())
        .bind(htask.task_id.as_str())
        .bind(at.as_micros())
        .execute(self.connection())
        .await
        .map_err(|error| store.failed(error))?;
        Ok(())
    }
}

impl Store {
    /// Reads the htask that a task is for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn htask_of(&self, task_id: &TaskId) -> Result<Option<HTaskRef>, StoreError> {
        let row = sqlx::query("SELECT swarm_id, htask_id FROM task_htasks WHERE project_id = $1 AND task_id = $2")
            .bind(self.project().as_str())
            .bind(task_id.as_str())
            .fetch_optional(&self.parts.readers)
            .await
            .map_err(|error| self.failed(error))?;
        row.map(|row| self.htask_ref(&row)).transpose()
    }

    /// Reads the tasks that are for an htask, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks_of_htask(&self, htask: &HTaskRef) -> Result<Vec<TaskId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT task_id FROM task_htasks WHERE project_id = $1 AND swarm_id = $2 AND htask_id = $3
             ORDER BY linked_at, task_id",
        )
        .bind(self.project().as_str())
        .bind(htask.swarm_id.as_str())
        .bind(htask.task_id.as_str())
        .fetch_all(&self.parts.readers)
        .await
        .map_err(|error| self.failed(error))?;
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
