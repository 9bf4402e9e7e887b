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
        self.sql(
            "INSERT INTO task_owners (project_id, task_id, owner, noted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (project_id, task_id) DO NOTHING",
        )
        .with((task_id, owner, at))
        .run()
        .await
    }
}

impl Store {
    /// Reads the owner of a task, or nothing when the task has no owner or does not exist.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn owner_of_task(&self, task_id: &TaskId) -> Result<Option<String>, StoreError> {
        self.sql("SELECT owner FROM task_owners WHERE project_id = $1 AND task_id = $2")
            .bind(task_id)
            .first_value()
            .await
    }

    /// Reads the latest tasks of an owner, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks_of_owner(&self, owner: &str, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.is_in_place()?;
        let tasks = self.sql(
            "SELECT t.* FROM tasks t JOIN task_owners o ON o.project_id = t.project_id AND o.task_id = t.id
             WHERE t.project_id = $1 AND o.owner = $2 ORDER BY t.created_at DESC, t.id DESC LIMIT $3",
        );
        self.checked_all(tasks.bind(owner).bind(limit).read_all().await?)
    }
}
