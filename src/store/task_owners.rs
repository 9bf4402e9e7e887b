//! The owners of tasks.

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{Task, TaskId, Timestamp};

impl StoreTransaction {
    /// Notes the owner of a task. The first owner stays.
    pub(crate) async fn set_task_owner(
        &mut self,
        task_id: &TaskId,
        owner: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (store, project) = (self.store.clone(), self.project());
        sqlx::query(
            "INSERT INTO task_owners (project_id, task_id, owner, noted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (project_id, task_id) DO NOTHING",
        )
        .bind(project)
        .bind(task_id.as_str())
        .bind(owner)
        .bind(at.as_micros())
        .execute(self.connection())
        .await
        .map_err(|error| store.failed(error))?;
        Ok(())
    }
}

impl Store {
    /// Reads the owner of a task, or nothing when the task has no owner or does not exist.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn owner_of_task(&self, task_id: &TaskId) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT owner FROM task_owners WHERE project_id = $1 AND task_id = $2")
            .bind(self.project().as_str())
            .bind(task_id.as_str())
            .fetch_optional(&self.parts.readers)
            .await
            .map_err(|error| self.failed(error))
    }

    /// Reads the latest tasks of an owner, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks_of_owner(&self, owner: &str, limit: u32) -> Result<Vec<Task>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT t.id FROM tasks t JOIN task_owners o ON o.project_id = t.project_id AND o.task_id = t.id
             WHERE t.project_id = $1 AND o.owner = $2 ORDER BY t.created_at DESC, t.id DESC LIMIT $3",
        )
        .bind(self.project().as_str())
        .bind(owner)
        .bind(i64::from(limit))
        .fetch_all(&self.parts.readers)
        .await
        .map_err(|error| self.failed(error))?;
        let mut tasks = Vec::with_capacity(ids.len());
        for id in ids {
            let id = TaskId::parse(&id).map_err(|error| self.bad_row("task_owners", error))?;
            tasks.push(self.task(&id).await?);
        }
        Ok(tasks)
    }
}
