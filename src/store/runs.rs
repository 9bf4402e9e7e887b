//! Attempts: the process that runs each, its lease, its token and its report.

use sqlx::sqlite::SqliteRow;

use super::columns::read_columns;
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{Fence, ProcessIdentity, RunHolder, RunRecord, RunState, TaskId, TaskReport, Timestamp};

const TABLE: &str = "runs";

const SELECT_ONE: &str =
    "SELECT task_id, attempt, token, state, holder_label, process_id, start_ticks, boot_id, cookie,
    started_at, lease_expires_at, ended_at, cancel_requested, config_digest, production_origin, report
    FROM runs WHERE project_id = $1 AND task_id = $2 AND attempt = $3";

const SELECT_RUNNING: &str = "SELECT task_id, attempt, token, state, holder_label, process_id, start_ticks, boot_id,
    cookie, started_at, lease_expires_at, ended_at, cancel_requested, config_digest, production_origin, report
    FROM runs WHERE project_id = $1 AND state = 'running' AND ($2 IS NULL OR task_id = $2) ORDER BY token";

const INSERT: &str =
    "INSERT INTO runs (project_id, task_id, attempt, token, state, holder_label, process_id, start_ticks,
    boot_id, cookie, started_at, lease_expires_at, cancel_requested, config_digest, production_origin)
    VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13)";

/// An attempt as it lies in the file.
struct RunRow {
    task_id: String,
    attempt: i64,
    token: i64,
    state: String,
    holder_label: String,
    process_id: i64,
    start_ticks: i64,
    boot_id: String,
    cookie: String,
    started_at: i64,
    lease_expires_at: i64,
    ended_at: Option<i64>,
    cancel_requested: bool,
    config_digest: String,
    production_origin: String,
    report: Option<String>,
}

impl RunRow {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        read_columns!(row => RunRow {
            task_id, attempt, token, state, holder_label, process_id, start_ticks, boot_id, cookie, started_at,
            lease_expires_at, ended_at, cancel_requested, config_digest, production_origin, report,
        })
    }

    fn into_domain(self) -> Result<RunRecord, String> {
        let number = |name: &str, value: i64| u32::try_from(value).map_err(|_| format!("{name} is {value}"));
        let long = |name: &str, value: i64| u64::try_from(value).map_err(|_| format!("{name} is {value}"));
        let report = match &self.report {
            None => None,
            Some(text) => {
                Some(serde_json::from_str(text).map_err(|error| format!("the report of {}: {error}", self.task_id))?)
            }
        };
        Ok(RunRecord {
            fence: Fence {
                task_id: TaskId::parse(&self.task_id).map_err(|error| error.to_string())?,
                attempt: number("attempt", self.attempt)?,
                token: long("token", self.token)?,
            },
            holder: RunHolder {
                label: self.holder_label,
                process: ProcessIdentity {
                    process_id: number("process_id", self.process_id)?,
                    start_ticks: long("start_ticks", self.start_ticks)?,
                    boot_id: self.boot_id,
                },
            },
            state: match self.state.as_str() {
                "running" => RunState::Running,
                "ended" => RunState::Ended,
                "interrupted" => RunState::Interrupted,
                other => return Err(format!("`{other}` is not a state of a run")),
            },
            cookie: self.cookie,
            started_at: Timestamp::from_micros(self.started_at),
            lease_expires_at: Timestamp::from_micros(self.lease_expires_at),
            ended_at: self.ended_at.map(Timestamp::from_micros),
            cancel_requested: self.cancel_requested,
            config_digest: self.config_digest,
            production_origin: self.production_origin,
            report,
        })
    }
}

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
        let row = self.sql(SELECT_ONE).bind(id.as_str()).bind(i64::from(attempt)).row().await?;
        row.as_ref().map(|row| self.run_of(row)).transpose()
    }

    /// Reads all attempts that are marked as running, whether their lease holds or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn running(&self) -> Result<Vec<RunRecord>, StoreError> {
        let rows = self.sql(SELECT_RUNNING).bind(None::<&str>).rows().await?;
        rows.iter().map(|row| self.run_of(row)).collect()
    }

    /// Renews a run's lease and tells whether the run was asked to stop.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`] when the run is no longer this token's, or when the store cannot be written.
    pub async fn renew_lease(&self, fence: &Fence, expires_at: Timestamp) -> Result<bool, StoreError> {
        let cancel: Option<bool> = sqlx::query_scalar(
            "UPDATE runs SET lease_expires_at = $5
             WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND token = $4 AND state = 'running'
             RETURNING cancel_requested",
        )
        .bind(self.project().as_str())
        .bind(fence.task_id.as_str())
        .bind(i64::from(fence.attempt))
        .bind(token_of(fence))
        .bind(expires_at.as_micros())
        .fetch_optional(self.writer()?)
        .await
        .map_err(|error| self.failed(error))?;
        cancel.ok_or(StoreError::StaleFence)
    }

    /// Asks the running attempt of a task to stop; tells whether there was one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn request_cancel(&self, id: &TaskId) -> Result<bool, StoreError> {
        let asked = sqlx::query(
            "UPDATE runs SET cancel_requested = TRUE WHERE project_id = $1 AND task_id = $2 AND state = 'running'",
        )
        .bind(self.project().as_str())
        .bind(id.as_str())
        .execute(self.writer()?)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(asked.rows_affected() > 0)
    }

    fn run_of(&self, row: &SqliteRow) -> Result<RunRecord, StoreError> {
        let row = RunRow::read(row).map_err(|error| self.failed(error))?;
        row.into_domain().map_err(|what| self.bad_row(TABLE, what))
    }
}

impl StoreTransaction {
    /// Reads the running attempt of a task.
    pub(crate) async fn running_of(&mut self, id: &TaskId) -> Result<Option<RunRecord>, StoreError> {
        let row = self.sql(SELECT_RUNNING).bind(id.as_str()).row().await?;
        row.as_ref().map(|row| self.store.run_of(row)).transpose()
    }

    /// Returns the token for the next run of the project.
    pub(crate) async fn next_token(&mut self) -> Result<u64, StoreError> {
        let last: i64 = self.sql("SELECT COALESCE(MAX(token), 0) FROM runs WHERE project_id = $1").value().await?;
        u64::try_from(last.saturating_add(1)).map_err(|_| self.store.bad_row(TABLE, format!("token is {last}")))
    }

    /// Writes a new attempt.
    pub(crate) async fn insert_run(&mut self, run: &NewRun<'_>) -> Result<(), StoreError> {
        let process = &run.holder.process;
        self.sql(INSERT)
            .bind(run.fence.task_id.as_str())
            .bind(i64::from(run.fence.attempt))
            .bind(token_of(run.fence))
            .bind(&run.holder.label)
            .bind(i64::from(process.process_id))
            .bind(i64::try_from(process.start_ticks).unwrap_or(i64::MAX))
            .bind(&process.boot_id)
            .bind(run.cookie)
            .bind(run.started_at.as_micros())
            .bind(run.lease_expires_at.as_micros())
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
        let report = serde_json::to_string(report).map_err(|error| self.store.bad_row(TABLE, error))?;
        let state = match state {
            RunState::Running => "running",
            RunState::Ended => "ended",
            RunState::Interrupted => "interrupted",
        };
        let ended = self
            .sql(
                "UPDATE runs SET state = $5, ended_at = $6, report = $7
             WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND token = $4 AND state = 'running'",
            )
            .bind(fence.task_id.as_str())
            .bind(i64::from(fence.attempt))
            .bind(token_of(fence))
            .bind(state)
            .bind(at.as_micros())
            .bind(report)
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
