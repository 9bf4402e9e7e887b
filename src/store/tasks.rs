//! Tasks.

use super::columns::{Record, document, json, record};
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{Cause, Task, TaskId, TaskStatus, Timestamp};

const SELECT_ONE: &str = "SELECT * FROM tasks WHERE project_id = $1 AND id = $2";

const INSERT: &str = "INSERT INTO tasks (project_id, id, title, description, criteria, criteria_digest, status, cause,
    attempt, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

record! {
    row => Task in "tasks" {
        id, title, description, criteria = document(row, "criteria")?, criteria_digest, status, cause, attempt,
        created_at, updated_at,
    }
}

/// A task's row beside what the chain says of it; nothing is judged here.
#[derive(Debug)]
pub(crate) struct TaskAudit {
    /// The row's id, title, description, criteria, their digest, status, cause and attempt.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) criteria: String,
    pub(crate) criteria_digest: String,
    pub(crate) status: String,
    pub(crate) cause: Option<String>,
    pub(crate) attempt: i64,
    /// The entry that created it.
    pub(crate) created: Option<String>,
    /// The texts of that entry that lie beside the chain.
    pub(crate) created_body: Option<String>,
    /// Its last transition: number and text.
    pub(crate) transition_seq: Option<i64>,
    pub(crate) transition: Option<String>,
    /// How many runs were started, by the chain.
    pub(crate) runs_started: i64,
    /// The number of its passing decision in this attempt.
    pub(crate) passing_decision: Option<i64>,
    /// The report of its last attempt.
    pub(crate) report: Option<String>,
    /// The entry that says that its criteria were redacted.
    pub(crate) criteria_redaction: Option<String>,
}

impl Store {
    /// Reads a task.
    ///
    /// # Errors
    /// [`StoreError::NoTask`], or when the store cannot be read.
    pub async fn task(&self, id: &TaskId) -> Result<Task, StoreError> {
        self.is_in_place()?;
        let task = self.sql(SELECT_ONE).bind(id).read_first().await?;
        self.checked(task.ok_or_else(|| StoreError::NoTask(id.clone()))?)
    }

    /// Reads the latest tasks, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.is_in_place()?;
        let latest = self.sql("SELECT * FROM tasks WHERE project_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2");
        self.checked_all(latest.bind(limit).read_all().await?)
    }

    pub(super) fn checked_all(&self, tasks: Vec<Task>) -> Result<Vec<Task>, StoreError> {
        tasks.into_iter().map(|task| self.checked(task)).collect()
    }

    /// Criteria that were edited make the row unreadable: they must have the digest that was fixed with the task.
    fn checked(&self, task: Task) -> Result<Task, StoreError> {
        let digest = task.criteria.digest().map_err(|error| self.bad_row(Task::TABLE, error))?;
        if digest == task.criteria_digest {
            return Ok(task);
        }
        Err(self
            .bad_row(Task::TABLE, format!("the criteria of {} do not have their digest: they were changed", task.id)))
    }
}

impl StoreTransaction {
    /// Reads a task.
    pub(crate) async fn task(&mut self, id: &TaskId) -> Result<Task, StoreError> {
        let task = self.sql(SELECT_ONE).bind(id).read_first().await?;
        self.store.checked(task.ok_or_else(|| StoreError::NoTask(id.clone()))?)
    }

    /// Writes a new task.
    pub(crate) async fn insert_task(&mut self, task: &Task) -> Result<(), StoreError> {
        self.sql(INSERT)
            .bind(&task.id)
            .bind(&task.title)
            .bind(&task.description)
            .bind(json(&task.criteria))
            .bind(&task.criteria_digest)
            .bind(task.status)
            .bind(task.cause)
            .bind(task.attempt)
            .bind(task.created_at)
            .bind(task.updated_at)
            .run()
            .await
    }

    /// Writes the status of a task.
    pub(crate) async fn set_task_status(
        &mut self,
        id: &TaskId,
        status: TaskStatus,
        cause: Option<Cause>,
        attempt: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let updated = self
            .sql(
                "UPDATE tasks SET status = $3, cause = $4, attempt = $5, updated_at = $6
             WHERE project_id = $1 AND id = $2",
            )
            .with((id, status, cause, attempt, at))
            .changed()
            .await?;
        if updated == 0 {
            return Err(StoreError::NoTask(id.clone()));
        }
        Ok(())
    }

    /// Puts `instead` in place of title and description of the tasks that were created with a body.
    pub(crate) async fn remove_task_texts(&mut self, body_digest: &str, instead: &str) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tasks SET title = $3, description = $3 WHERE project_id = $1 AND id IN (SELECT e.task_id
             FROM ledger_entries e WHERE e.project_id = $1 AND e.kind = 'task_created' AND e.body_digest = $2)",
        )
        .with((body_digest, instead))
        .run()
        .await
    }

    /// Writes what is left of a task's title and description.
    pub(crate) async fn set_texts_of(&mut self, id: &TaskId, title: &str, description: &str) -> Result<(), StoreError> {
        self.sql("UPDATE tasks SET title = $3, description = $4 WHERE project_id = $1 AND id = $2")
            .bind(id.as_str())
            .bind(title)
            .bind(description)
            .run()
            .await
    }

    /// Reads tasks after `after` (by id) beside what the chain says of them.
    pub(crate) async fn audit_tasks(&mut self, after: &str, limit: i64) -> Result<Vec<TaskAudit>, StoreError> {
        self.sql(
            "SELECT t.id, t.title, t.description, t.criteria, t.criteria_digest, t.status, t.cause, t.attempt,
                    (SELECT e.canonical FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'task_created' ORDER BY e.seq LIMIT 1) AS created,
                    x.seq AS transition_seq, x.canonical AS transition,
                    (SELECT count(*) FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'run_started') AS runs_started,
                    (SELECT d.seq FROM decisions d WHERE d.project_id = t.project_id AND d.task_id = t.id
                       AND d.attempt = t.attempt AND d.passed AND d.seq < x.seq ORDER BY d.seq LIMIT 1)
                       AS passing_decision,
                    (SELECT r.report FROM runs r WHERE r.project_id = t.project_id AND r.task_id = t.id
                       AND r.attempt = t.attempt AND r.state <> 'running') AS report,
                    (SELECT b.body FROM ledger_entries e JOIN ledger_bodies b ON b.project_id = e.project_id
                       AND b.digest = e.body_digest WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'task_created' ORDER BY e.seq LIMIT 1) AS created_body,
                    (SELECT e.canonical FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'redaction' ORDER BY e.seq DESC LIMIT 1) AS criteria_redaction
             FROM tasks t
             LEFT JOIN ledger_entries x ON x.project_id = t.project_id AND x.seq =
                  (SELECT max(e.seq) FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                     AND e.kind = 'transition')
             WHERE t.project_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
        )
        .with((after, limit))
        .read_all()
        .await
    }

    /// Returns the first created task of the chain that has no row.
    pub(crate) async fn first_task_without_row(&mut self) -> Result<Option<(i64, String)>, StoreError> {
        self.sql(
            "SELECT e.seq, e.task_id FROM ledger_entries e WHERE e.project_id = $1 AND e.kind = 'task_created'
               AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.project_id = e.project_id AND t.id = e.task_id)
             ORDER BY e.seq LIMIT 1",
        )
        .first()
        .await
    }
}

record! {
    row => TaskAudit in "tasks" {
        id, title, description, criteria, criteria_digest, status, cause, attempt, created, created_body,
        transition_seq, transition, runs_started, passing_decision, report, criteria_redaction,
    }
}
