//! Tasks: their private row and its way to the domain.

use sqlx::sqlite::SqliteRow;

use super::columns::read_columns;
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{Cause, Criteria, Task, TaskId, TaskStatus, Timestamp};

const TABLE: &str = "tasks";

const SELECT_ONE: &str = "SELECT id, title, description, criteria, criteria_digest, status, cause, attempt, created_at,
    updated_at FROM tasks WHERE project_id = $1 AND id = $2";

const SELECT_LATEST: &str = "SELECT id, title, description, criteria, criteria_digest, status, cause, attempt,
    created_at, updated_at FROM tasks WHERE project_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";

const INSERT: &str = "INSERT INTO tasks (project_id, id, title, description, criteria, criteria_digest, status, cause,
    attempt, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// A task as it lies in the file.
struct TaskRow {
    id: String,
    title: String,
    description: String,
    criteria: String,
    criteria_digest: String,
    status: String,
    cause: Option<String>,
    attempt: i64,
    created_at: i64,
    updated_at: i64,
}

impl TaskRow {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        read_columns!(row => TaskRow {
            id, title, description, criteria, criteria_digest, status, cause, attempt, created_at, updated_at,
        })
    }

    /// Criteria that were edited make the row unreadable: they must have the digest that was fixed with the task.
    fn into_domain(self) -> Result<Task, String> {
        let id = TaskId::parse(&self.id).map_err(|error| error.to_string())?;
        let criteria: Criteria =
            serde_json::from_str(&self.criteria).map_err(|error| format!("the criteria of {id}: {error}"))?;
        let digest = criteria.digest().map_err(|error| error.to_string())?;
        if digest != self.criteria_digest {
            return Err(format!("the criteria of {id} do not have their digest: they were changed"));
        }
        let cause = match &self.cause {
            None => None,
            Some(name) => Some(Cause::from_name(name).ok_or_else(|| format!("`{name}` is not a cause"))?),
        };
        Ok(Task {
            status: self.status.parse().map_err(|error| format!("{error}"))?,
            attempt: u32::try_from(self.attempt).map_err(|_| format!("the attempt of {id} is {}", self.attempt))?,
            id,
            title: self.title,
            description: self.description,
            criteria,
            criteria_digest: self.criteria_digest,
            cause,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
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
        let row = self.sql(SELECT_ONE).bind(id.as_str()).row().await?;
        self.task_of(&row.ok_or_else(|| StoreError::NoTask(id.clone()))?)
    }

    /// Reads the latest tasks, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, limit: u32) -> Result<Vec<Task>, StoreError> {
        self.is_in_place()?;
        let rows = self.sql(SELECT_LATEST).bind(i64::from(limit)).rows().await?;
        rows.iter().map(|row| self.task_of(row)).collect()
    }

    fn task_of(&self, row: &SqliteRow) -> Result<Task, StoreError> {
        let row = TaskRow::read(row).map_err(|error| self.failed(error))?;
        row.into_domain().map_err(|what| self.bad_row(TABLE, what))
    }
}

impl StoreTransaction {
    /// Reads a task.
    pub(crate) async fn task(&mut self, id: &TaskId) -> Result<Task, StoreError> {
        let row = self.sql(SELECT_ONE).bind(id.as_str()).row().await?;
        self.store.task_of(&row.ok_or_else(|| StoreError::NoTask(id.clone()))?)
    }

    /// Writes a new task.
    pub(crate) async fn insert_task(&mut self, task: &Task) -> Result<(), StoreError> {
        let criteria = serde_json::to_string(&task.criteria).map_err(|error| self.store.bad_row(TABLE, error))?;
        self.sql(INSERT)
            .bind(task.id.as_str())
            .bind(&task.title)
            .bind(&task.description)
            .bind(criteria)
            .bind(&task.criteria_digest)
            .bind(task.status.as_str())
            .bind(task.cause.map(Cause::as_str))
            .bind(i64::from(task.attempt))
            .bind(task.created_at.as_micros())
            .bind(task.updated_at.as_micros())
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
            .bind(id.as_str())
            .bind(status.as_str())
            .bind(cause.map(Cause::as_str))
            .bind(i64::from(attempt))
            .bind(at.as_micros())
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
        .bind(body_digest)
        .bind(instead)
        .run()
        .await
    }

    /// Puts `instead` in place of a task's title and description.
    pub(crate) async fn remove_texts_of(&mut self, id: &TaskId, instead: &str) -> Result<(), StoreError> {
        self.sql("UPDATE tasks SET title = $3, description = $3 WHERE project_id = $1 AND id = $2")
            .bind(id.as_str())
            .bind(instead.to_owned())
            .run()
            .await
    }

    /// Reads tasks after `after` (by id) beside what the chain says of them.
    pub(crate) async fn audit_tasks(&mut self, after: &str, limit: i64) -> Result<Vec<TaskAudit>, StoreError> {
        let rows = self
            .sql(
                "SELECT t.id, t.title, t.description, t.criteria, t.criteria_digest, t.status, t.cause, t.attempt,
                    (SELECT e.canonical FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'task_created' ORDER BY e.seq LIMIT 1),
                    x.seq, x.canonical,
                    (SELECT count(*) FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'run_started'),
                    (SELECT d.seq FROM decisions d WHERE d.project_id = t.project_id AND d.task_id = t.id
                       AND d.attempt = t.attempt AND d.passed AND d.seq < x.seq ORDER BY d.seq LIMIT 1),
                    (SELECT r.report FROM runs r WHERE r.project_id = t.project_id AND r.task_id = t.id
                       AND r.attempt = t.attempt AND r.state <> 'running'),
                    (SELECT b.body FROM ledger_entries e JOIN ledger_bodies b ON b.project_id = e.project_id
                       AND b.digest = e.body_digest WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'task_created' ORDER BY e.seq LIMIT 1),
                    (SELECT e.canonical FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                       AND e.kind = 'redaction' ORDER BY e.seq DESC LIMIT 1)
             FROM tasks t
             LEFT JOIN ledger_entries x ON x.project_id = t.project_id AND x.seq =
                  (SELECT max(e.seq) FROM ledger_entries e WHERE e.project_id = t.project_id AND e.task_id = t.id
                     AND e.kind = 'transition')
             WHERE t.project_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
            )
            .bind(after)
            .bind(limit)
            .rows()
            .await?;
        let audits = rows.iter().map(audit_of).collect::<Result<_, _>>();
        audits.map_err(|error| self.store.failed(error))
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

fn audit_of(row: &SqliteRow) -> Result<TaskAudit, sqlx::Error> {
    read_columns!(row => TaskAudit {
        id, title, description, criteria, criteria_digest, status, cause, attempt, created, transition_seq,
        transition, runs_started, passing_decision, report, created_body, criteria_redaction,
    })
}
