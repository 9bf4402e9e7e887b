//! The messages that wait to be sent to the hosted service.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::columns::record;
use super::{Store, StoreError, StoreTransaction};
use crate::domain::{OutboxCounts, ProcessIdentity, TaskId, Timestamp};

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
        .bind(&message.task_id)
        .bind(message.attempt)
        .bind(&message.payload)
        .bind(message.created_at)
        .run()
        .await
    }

    /// Reads the messages that a process is sending.
    pub(crate) async fn sending_messages(&mut self, neighbour: &str) -> Result<Vec<StoredMessage>, StoreError> {
        self.sql("SELECT * FROM outbox WHERE project_id = $1 AND neighbour = $2 AND state = 'sending' ORDER BY id")
            .bind(neighbour)
            .read_all()
            .await
    }

    /// Reads the oldest message that is due.
    pub(crate) async fn next_message(
        &mut self,
        neighbour: &str,
        now: Timestamp,
    ) -> Result<Option<StoredMessage>, StoreError> {
        self.sql(
            "SELECT * FROM outbox WHERE project_id = $1 AND neighbour = $2 AND state = 'waiting' AND next_try_at <= $3
             ORDER BY created_at, id LIMIT 1",
        )
        .with((neighbour, now))
        .read_first()
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
        .bind(process.process_id)
        .bind(i64::try_from(process.start_ticks).unwrap_or(i64::MAX))
        .bind(&process.boot_id)
        .bind(now)
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
        .with((id, state.as_str(), reason, next_try_at))
        .run()
        .await
    }

    /// Returns the messages that may not have arrived and were not reported yet, and marks them as reported.
    pub(crate) async fn tell_lost_messages(&mut self, neighbour: &str) -> Result<Vec<StoredMessage>, StoreError> {
        self.sql(
            "UPDATE outbox SET told = TRUE
             WHERE project_id = $1 AND neighbour = $2 AND state IN ('unknown', 'refused') AND NOT told RETURNING *",
        )
        .bind(neighbour)
        .read_all()
        .await
    }

    /// Removes messages that were delivered before `before`.
    pub(crate) async fn remove_sent_messages(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.sql("DELETE FROM outbox WHERE project_id = $1 AND state = 'sent' AND created_at < $2")
            .bind(before)
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
        let rows: Vec<(String, u64)> = self
            .sql("SELECT state, count(*) FROM outbox WHERE project_id = $1 AND neighbour = $2 GROUP BY state")
            .bind(neighbour)
            .all()
            .await?;
        let of = |state: OutboxState| {
            let found = rows.iter().find(|(name, _)| name == state.as_str());
            found.map_or(0, |(_, count)| *count)
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

record! {
    row => StoredMessage in "outbox" {
        id, kind, task_id, attempt, payload, tries, created_at, sender = sender(row)?, reason,
    }
}

fn sender(row: &SqliteRow) -> Result<Option<(ProcessIdentity, Timestamp)>, sqlx::Error> {
    let process = (row.try_get("process_id")?, row.try_get("start_ticks")?, row.try_get("boot_id")?);
    Ok(match (process, row.try_get("sending_at")?) {
        ((Some(process_id), Some(start_ticks), Some(boot_id)), Some(since)) => {
            Some((ProcessIdentity { process_id, start_ticks, boot_id }, since))
        }
        _ => None,
    })
}
