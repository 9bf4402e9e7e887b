//! The messages that wait to be sent to the hosted service.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{OutboxCounts, ProcessIdentity, TaskId, Timestamp};

const TABLE: &str = "outbox";
const COLUMNS: &str = "id, kind, task_id, attempt, payload, tries, created_at, process_id, start_ticks, boot_id,
    sending_at, reason";

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutboxState {
    /// It was certainly not delivered, and is tried again.
    Waiting,
    /// A process sends it.
    Sending,
    /// It was delivered.
    Sent,
    /// It is not known whether it was delivered. It is never sent again.
    Unknown,
    /// It was certainly not delivered, and never will be.
    Refused,
}

impl OutboxState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}

/// A message to put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewMessage {
    pub(crate) id: String,
    /// The neighbour that it goes to.
    pub(crate) neighbour: String,
    /// `memory`, `final_state` or `evidence`.
    pub(crate) kind: &'static str,
    pub(crate) task_id: TaskId,
    pub(crate) attempt: u32,
    pub(crate) payload: String,
    pub(crate) created_at: Timestamp,
}

/// A message of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredMessage {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) task_id: String,
    pub(crate) attempt: u32,
    pub(crate) payload: String,
    /// How many times a process began to send it.
    pub(crate) tries: u32,
    pub(crate) created_at: Timestamp,
    /// The process that sends it, and since when.
    pub(crate) sender: Option<(ProcessIdentity, Timestamp)>,
    /// Why it was not delivered.
    pub(crate) reason: Option<String>,
}

impl StoreTransaction {
    /// Puts a message into the outbox. A message of the same attempt and kind stays as it is.
    pub(crate) async fn insert_message(&mut self, message: &NewMessage) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO outbox (project_id, id, neighbour, kind, task_id, attempt, payload, state, tries, created_at,
                next_try_at, told)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, $8, $8, FALSE)
             ON CONFLICT DO NOTHING",
        )
        .bind(&message.id)
        .bind(&message.neighbour)
        .bind(message.kind)
        .bind(message.task_id.as_str())
        .bind(i64::from(message.attempt))
        .bind(&message.payload)
        .bind(message.created_at.as_micros())
        .run()
        .await
    }

    /// Reads the messages that a process is sending.
    pub(crate) async fn sending_messages(&mut self, neighbour: &str) -> Result<Vec<StoredMessage>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE project_id = $1 AND neighbour = $2 AND state = 'sending' ORDER BY id"
        )))
        .bind(neighbour)
        .read_all(read)
        .await
    }

    /// Reads the oldest message that is due.
    pub(crate) async fn next_message(
        &mut self,
        neighbour: &str,
        now: Timestamp,
    ) -> Result<Option<StoredMessage>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox
             WHERE project_id = $1 AND neighbour = $2 AND state = 'waiting' AND next_try_at <= $3
             ORDER BY created_at, id LIMIT 1"
        )))
        .bind(neighbour)
        .bind(now.as_micros())
        .read_first(read)
        .await
    }

    /// Notes that a process sends a waiting message.
    pub(crate) async fn claim_message(
        &mut self,
        id: &str,
        process: &ProcessIdentity,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE outbox SET state = 'sending', tries = tries + 1, process_id = $3, start_ticks = $4, boot_id = $5,
                sending_at = $6
             WHERE project_id = $1 AND id = $2 AND state = 'waiting'",
        )
        .bind(id)
        .bind(i64::from(process.process_id))
        .bind(i64::try_from(process.start_ticks).unwrap_or(i64::MAX))
        .bind(&process.boot_id)
        .bind(now.as_micros())
        .run()
        .await
    }

    /// Notes the outcome of sending a message. `next_try_at` counts only for a message that waits again.
    pub(crate) async fn settle_message(
        &mut self,
        id: &str,
        state: OutboxState,
        reason: Option<&str>,
        next_try_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE outbox SET state = $3, reason = $4, next_try_at = $5, process_id = NULL, start_ticks = NULL,
                boot_id = NULL, sending_at = NULL
             WHERE project_id = $1 AND id = $2 AND state = 'sending'",
        )
        .bind(id)
        .bind(state.as_str())
        .bind(reason)
        .bind(next_try_at.as_micros())
        .run()
        .await
    }

    /// Returns the messages that may not have arrived and were not reported yet, and marks them as reported.
    pub(crate) async fn tell_lost_messages(&mut self, neighbour: &str) -> Result<Vec<StoredMessage>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "UPDATE outbox SET told = TRUE
             WHERE project_id = $1 AND neighbour = $2 AND state IN ('unknown', 'refused') AND NOT told
             RETURNING {COLUMNS}"
        )))
        .bind(neighbour)
        .read_all(read)
        .await
    }

    /// Removes messages that were delivered before `before`.
    pub(crate) async fn remove_sent_messages(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.sql("DELETE FROM outbox WHERE project_id = $1 AND state = 'sent' AND created_at < $2")
            .bind(before.as_micros())
            .run()
            .await
    }
}

impl Store {
    /// Counts the messages to a neighbour by their state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn outbox_counts(&self, neighbour: &str) -> Result<OutboxCounts, StoreError> {
        let rows: Vec<(String, i64)> = self
            .sql("SELECT state, count(*) FROM outbox WHERE project_id = $1 AND neighbour = $2 GROUP BY state")
            .bind(neighbour)
            .all()
            .await?;
        let of = |state: OutboxState| {
            let found = rows.iter().find(|(name, _)| name == state.as_str());
            found.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or_default())
        };
        Ok(OutboxCounts {
            waiting: of(OutboxState::Waiting),
            sending: of(OutboxState::Sending),
            sent: of(OutboxState::Sent),
            unknown: of(OutboxState::Unknown),
            refused: of(OutboxState::Refused),
        })
    }
}

fn read(store: &Store, row: &SqliteRow) -> Result<StoredMessage, StoreError> {
    let failed = |error| store.failed(error);
    let number =
        |name: &str, value: i64| u32::try_from(value).map_err(|_| store.bad_row(TABLE, format!("{name} is {value}")));
    let process: Option<i64> = row.try_get(7).map_err(failed)?;
    let ticks: Option<i64> = row.try_get(8).map_err(failed)?;
    let boot: Option<String> = row.try_get(9).map_err(failed)?;
    let since: Option<i64> = row.try_get(10).map_err(failed)?;
    let sender = match (process, ticks, boot, since) {
        (Some(process), Some(ticks), Some(boot_id), Some(since)) => Some((
            ProcessIdentity {
                process_id: number("process_id", process)?,
                start_ticks: u64::try_from(ticks).unwrap_or_default(),
                boot_id,
            },
            Timestamp::from_micros(since),
        )),
        _ => None,
    };
    Ok(StoredMessage {
        id: row.try_get(0).map_err(failed)?,
        kind: row.try_get(1).map_err(failed)?,
        task_id: row.try_get(2).map_err(failed)?,
        attempt: number("attempt", row.try_get(3).map_err(failed)?)?,
        payload: row.try_get(4).map_err(failed)?,
        tries: number("tries", row.try_get(5).map_err(failed)?)?,
        created_at: Timestamp::from_micros(row.try_get(6).map_err(failed)?),
        sender,
        reason: row.try_get(11).map_err(failed)?,
    })
}
