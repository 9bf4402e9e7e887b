//! The events of swarms: broadcasts, and changes of htasks.

use serde_json::Value;
use sqlx::SqliteConnection;

use super::columns::{document, record};
use super::statement::Statement;
use super::{StoreError, StoreTransaction};
use crate::domain::{EventId, HTaskId, HTaskStatus, SwarmId, Timestamp};

/// An event as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredEvent {
    /// Its place in the project's stream; the store gives it.
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

record! {
    row => StoredEvent in "swarm_events" {
        seq, id, swarm_id, task_id, event_type, agent_id, from_status, to_status,
        payload = document(row, "payload")?, created_at,
    }
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
    pub(crate) async fn append_event(&mut self, event: StoredEvent) -> Result<StoredEvent, StoreError> {
        let seq = self
            .sql(
                "INSERT INTO swarm_events (project_id, seq, id, swarm_id, task_id, event_type, agent_id, from_status,
                to_status, payload, created_at)
             SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM swarm_events
             WHERE project_id = $1 RETURNING seq",
            )
            .bind(&event.id)
            .bind(&event.swarm_id)
            .bind(&event.task_id)
            .bind(&event.event_type)
            .bind(&event.agent_id)
            .bind(event.from_status)
            .bind(event.to_status)
            .bind(event.payload.to_string())
            .bind(event.created_at)
            .value()
            .await?;
        Ok(StoredEvent { seq, ..event })
    }

    /// Reads events of a swarm, oldest first, and how many match without the limit.
    pub(crate) async fn events(
        &mut self,
        swarm_id: &SwarmId,
        selection: &EventSelection,
    ) -> Result<(Vec<StoredEvent>, u64), StoreError> {
        let order = if selection.newest { "DESC" } else { "ASC" };
        let total = self.select_events("count(*)", "", swarm_id, selection).value().await?;
        let rest = format!("ORDER BY seq {order} LIMIT $8");
        let select = self.select_events("*", &rest, swarm_id, selection);
        let mut events: Vec<StoredEvent> = select.bind(selection.limit).read_all().await?;
        if selection.newest {
            events.reverse();
        }
        Ok((events, total))
    }
    fn select_events(
        &mut self,
        what: &str,
        rest: &str,
        swarm_id: &SwarmId,
        selection: &EventSelection,
    ) -> Statement<&mut SqliteConnection> {
        self.sql(sqlx::AssertSqlSafe(format!("SELECT {what} FROM swarm_events WHERE {MATCHING} {rest}")))
            .bind(swarm_id)
            .bind(&selection.task_id)
            .bind(&selection.event_type)
            .bind(&selection.agent_id)
            .bind(selection.since.map_or(i64::MIN, Timestamp::as_micros))
            .bind(selection.after_seq)
    }
}
