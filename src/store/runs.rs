//! Attempts: the process that runs each, its lease, its token and its report.

use sqlx::Row;

use super::columns::{Record, document, record};
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{Fence, ProcessIdentity, RunHolder, RunRecord, RunState, TaskId, TaskReport, Timestamp};

const INSERT: &str =
    "INSERT INTO runs (project_id, task_id, attempt, token, state, holder_label, process_id, start_ticks,
    boot_id, cookie, started_at, lease_expires_at, cancel_requested, config_digest, production_origin)
    VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13)";

record! {
    row => RunRecord in "runs" {
        fence = Fence {
            task_id: row.try_get("task_id")?, attempt: row.try_get("attempt")?, token: row.try_get("token")?,
        },
        holder = RunHolder { label: row.try_get("holder_label")?, process: ProcessIdentity::read(row)? },
        state, cookie, started_at, lease_expires_at, ended_at, cancel_requested, config_digest, production_origin,
        report = document(row, "report")?,
    }
}

record! { row => ProcessIdentity in "runs" { process_id, start_ticks, boot_id } }

/// A new attempt.
#[derive(Debug)]
pub(crate) struct NewRun<'a> {
    pub(crate) fence: &'a Fence,
    pub(crate) holder: &'a RunHolder,
    pub(crate) cookie: &'a str,
    pub(crate) started_at: Timestamp,
    pub(crate) lease_expires_at: Timestamp,
    pub(crate) config_digest: &'a str,
    pub(crate) production_origin: &'a str,
}

impl Store {
    /// Reads an attempt; `None` when the task has no such attempt.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run(&self, id: &TaskId, attempt: u32) -> Result<Option<RunRecord>, StoreError> {
        self.sql("SELECT * FROM runs WHERE project_id = $1 AND task_id = $2 AND attempt = $3")
            .with((id, attempt))
            .read_first()
            .await
    }

    /// Reads all attempts that are marked as running, whether their lease holds or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn running(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.sql("SELECT * FROM runs WHERE project_id = $1 AND state = 'running' ORDER BY token").read_all().await
    }

    /// Reads the cookies of the runs of a boot that were interrupted, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn interrupted_cookies(&self, boot_id: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        self.sql(
            "SELECT cookie FROM runs WHERE project_id = $1 AND state = 'interrupted' AND boot_id = $2
             ORDER BY ended_at DESC LIMIT $3",
        )
        .bind(boot_id)
        .bind(i64::from(limit))
        .values()
        .await
    }

    /// Renews a run's lease and tells whether the run was asked to stop.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`] when the run is no longer this token's, or when the store cannot be written.
    pub async fn renew_lease(&self, fence: &Fence, expires_at: Timestamp) -> Result<bool, StoreError> {
        let cancel = self
            .writing_sql(
                "UPDATE runs SET lease_expires_at = $5
                 WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND token = $4 AND state = 'running'
                 RETURNING cancel_requested",
            )?
            .with((&fence.task_id, fence.attempt, token_of(fence), expires_at))
            .first_value()
            .await?;
        cancel.ok_or(StoreError::StaleFence)
    }

    /// Asks the running attempt of a task to stop; tells whether there was one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn request_cancel(&self, id: &TaskId) -> Result<bool, StoreError> {
        let asked = self.writing_sql(
            "UPDATE runs SET cancel_requested = TRUE WHERE project_id = $1 AND task_id = $2 AND state = 'running'",
        );
        Ok(asked?.bind(id).changed().await? > 0)
    }
}

impl StoreTransaction {
    /// Reads the running attempt of a task.
    pub(crate) async fn running_of(&mut self, id: &TaskId) -> Result<Option<RunRecord>, StoreError> {
        self.sql("SELECT * FROM runs WHERE project_id = $1 AND task_id = $2 AND state = 'running' ORDER BY token")
            .bind(id)
            .read_first()
            .await
    }

    /// Returns the token for the next run of the project.
    pub(crate) async fn next_token(&mut self) -> Result<u64, StoreError> {
        let last: i64 = self.sql("SELECT COALESCE(MAX(token), 0) FROM runs WHERE project_id = $1").value().await?;
        u64::try_from(last.saturating_add(1))
            .map_err(|_| self.store.bad_row(RunRecord::TABLE, format!("token is {last}")))
    }

    /// Writes a new attempt.
    pub(crate) async fn insert_run(&mut self, run: &NewRun<'_>) -> Result<(), StoreError> {
        let process = &run.holder.process;
        self.sql(INSERT)
            .bind(&run.fence.task_id)
            .bind(run.fence.attempt)
            .bind(token_of(run.fence))
            .bind(&run.holder.label)
            .bind(process.process_id)
            .bind(i64::try_from(process.start_ticks).unwrap_or(i64::MAX))
            .bind(&process.boot_id)
            .bind(run.cookie)
            .bind(run.started_at)
            .bind(run.lease_expires_at)
            .bind(run.config_digest)
            .bind(run.production_origin)
            .run()
            .await
    }

    /// Writes the end of a running attempt, with its state and its report.
    pub(crate) async fn end_run(
        &mut self,
        fence: &Fence,
        state: RunState,
        report: &TaskReport,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let report = serde_json::to_string(report).map_err(|error| self.store.bad_row(RunRecord::TABLE, error))?;
        let ended = self
            .sql(
                "UPDATE runs SET state = $5, ended_at = $6, report = $7
             WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND token = $4 AND state = 'running'",
            )
            .with((&fence.task_id, fence.attempt, token_of(fence), state, at, report))
            .changed()
            .await?;
        if ended == 0 {
            return Err(StoreError::StaleFence);
        }
        Ok(())
    }
}

/// Returns the token as SQLite stores it. No run has a token past SQLite's range.
fn token_of(fence: &Fence) -> i64 {
    i64::try_from(fence.token).unwrap_or(-1)
}
