//! The events of swarms: broadcasts, and changes of htasks.

use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{EventId, HTaskId, HTaskStatus, SwarmId, Timestamp};

const TABLE: &str = "swarm_events";

/// An event as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredEvent {
    /// Its place in the project's stream.
    pub(crate) seq: i64,
    pub(crate) id: EventId,
    pub(crate) swarm_id: SwarmId,
    /// The htask that changed; nothing for a broadcast.
    pub(crate) task_id: Option<HTaskId>,
    pub(crate) event_type: String,
    pub(crate) agent_id: Option<String>,
    pub(crate) from_status: Option<HTaskStatus>,
    pub(crate) to_status: Option<HTaskStatus>,
    pub(crate) payload: Value,
    pub(crate) created_at: Timestamp,
}

/// An event to append.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewEvent {
    pub(crate) swarm_id: SwarmId,
    pub(crate) task_id: Option<HTaskId>,
    pub(crate) event_type: String,
    pub(crate) agent_id: Option<String>,
    pub(crate) from_status: Option<HTaskStatus>,
    pub(crate) to_status: Option<HTaskStatus>,
    pub(crate) payload: Value,
    pub(crate) created_at: Timestamp,
}

/// Which events to read.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventSelection {
    pub(crate) task_id: Option<HTaskId>,
    pub(crate) event_type: Option<String>,
    pub(crate) agent_id: Option<String>,
    /// Later than this only.
    pub(crate) since: Option<Timestamp>,
    /// Behind this place only.
    pub(crate) after_seq: i64,
    /// Whether the newest are taken instead of the oldest; they come oldest first all the same.
    pub(crate) newest: bool,
    pub(crate) limit: i64,
}

const MATCHING: &str = "project_id = $1 AND swarm_id = $2 AND ($3 IS NULL OR task_id = $3)
    AND ($4 IS NULL OR event_type = $4) AND ($5 IS NULL OR agent_id = $5) AND created_at > $6 AND seq > $7";

impl StoreTransaction {
    /// Appends an event.
    pub(crate) async fn append_event(&mut self, event: NewEvent) -> Result<StoredEvent, StoreError> {
        let id = EventId::generate();
        let seq: i64 = self
            .sql(
                "INSERT INTO swarm_events (project_id, seq, id, swarm_id, task_id, event_type, agent_id, from_status,
                to_status, payload, created_at)
             SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM swarm_events
             WHERE project_id = $1 RETURNING seq",
            )
            .bind(id.as_str())
            .bind(event.swarm_id.as_str())
            .bind(event.task_id.as_ref().map(HTaskId::as_str))
            .bind(&event.event_type)
            .bind(&event.agent_id)
            .bind(event.from_status.map(HTaskStatus::as_str))
            .bind(event.to_status.map(HTaskStatus::as_str))
            .bind(event.payload.to_string())
            .bind(event.created_at.as_micros())
            .value()
            .await?;
        Ok(StoredEvent {
            seq,
            id,
            swarm_id: event.swarm_id,
            task_id: event.task_id,
            event_type: event.event_type,
            agent_id: event.agent_id,
            from_status: event.from_status,
            to_status: event.to_status,
            payload: event.payload,
            created_at: event.created_at,
        })
    }

    /// Reads events of a swarm, oldest first, and how many match without the limit.
    pub(crate) async fn events(
        &mut self,
        swarm_id: &SwarmId,
        selection: &EventSelection,
    ) -> Result<(Vec<StoredEvent>, u64), StoreError> {
        let since = selection.since.map_or(i64::MIN, Timestamp::as_micros);
        let order = if selection.newest { "DESC" } else { "ASC" };
        let total: i64 = self
            .sql(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM swarm_events WHERE {MATCHING}")))
            .bind(swarm_id.as_str())
            .bind(selection.task_id.as_ref().map(HTaskId::as_str))
            .bind(&selection.event_type)
            .bind(&selection.agent_id)
            .bind(since)
            .bind(selection.after_seq)
            .value()
            .await?;
        let rows = self
            .sql(sqlx::AssertSqlSafe(format!(
                "SELECT seq, id, swarm_id, task_id, event_type, agent_id, from_status, to_status, payload, created_at
             FROM swarm_events WHERE {MATCHING} ORDER BY seq {order} LIMIT $8"
            )))
            .bind(swarm_id.as_str())
            .bind(selection.task_id.as_ref().map(HTaskId::as_str))
            .bind(&selection.event_type)
            .bind(&selection.agent_id)
            .bind(since)
            .bind(selection.after_seq)
            .bind(selection.limit)
            .rows()
            .await?;
        let mut events = rows.iter().map(|row| read(&self.store, row)).collect::<Result<Vec<_>, _>>()?;
        if selection.newest {
            events.reverse();
        }
        Ok((events, u64::try_from(total).unwrap_or_default()))
    }
}

fn read(store: &Store, row: &SqliteRow) -> Result<StoredEvent, StoreError> {
    let failed = |error| store.failed(error);
    let bad = |what: String| store.bad_row(TABLE, what);
    let text = |index: usize| -> Result<Option<String>, StoreError> { row.try_get(index).map_err(failed) };
    let needed = |index: usize| -> Result<String, StoreError> { row.try_get(index).map_err(failed) };
    let status = |word: Option<String>| {
        word.map(|word| HTaskStatus::parse(&word)).transpose().map_err(|error| bad(error.to_string()))
    };
    let task_id = text(3)?.map(|id| HTaskId::parse(&id)).transpose().map_err(|error| bad(error.to_string()))?;
    Ok(StoredEvent {
        seq: row.try_get(0).map_err(failed)?,
        id: EventId::parse(&needed(1)?).map_err(|error| bad(error.to_string()))?,
        swarm_id: SwarmId::parse(&needed(2)?).map_err(|error| bad(error.to_string()))?,
        task_id,
        event_type: needed(4)?,
        agent_id: text(5)?,
        from_status: status(text(6)?)?,
        to_status: status(text(7)?)?,
        payload: serde_json::from_str(&needed(8)?).map_err(|error| bad(error.to_string()))?,
        created_at: Timestamp::from_micros(row.try_get(9).map_err(failed)?),
    })
}
