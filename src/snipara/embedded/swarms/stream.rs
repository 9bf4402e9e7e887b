//! The event stream: broadcasts, and changes of htasks.

use serde_json::{Value, json};

use crate::domain::{Broadcast, EventId, EventPage, EventQuery, FieldError, SwarmEvent, Timestamp, one_line};
use crate::snipara::SniparaError;
use crate::snipara::embedded::htasks::EVENT_PREFIX;
use crate::store::{EventSelection, StoreTransaction, StoredEvent};

use super::lookup::existing_swarm;

/// Appends an event. A sender need not be a member (snipara-wire.md §3). A member's event is a sign of life.
pub(super) async fn broadcast(
    transaction: &mut StoreTransaction,
    broadcast: Broadcast,
    now: Timestamp,
) -> Result<SwarmEvent, SniparaError> {
    if broadcast.event_type.starts_with(EVENT_PREFIX) {
        let problem = format!("`{}` would read as a change of an htask", one_line(&broadcast.event_type, 60));
        return Err(FieldError::new("event_type", problem, "give a word that does not begin with `htask.`").into());
    }
    existing_swarm(transaction, &broadcast.swarm_id).await?;
    transaction.touch_swarm_member(&broadcast.swarm_id, &broadcast.agent_id, now).await?;
    let event = StoredEvent {
        seq: 0,
        id: EventId::generate(),
        swarm_id: broadcast.swarm_id,
        task_id: None,
        event_type: broadcast.event_type,
        agent_id: Some(broadcast.agent_id),
        from_status: None,
        to_status: None,
        payload: broadcast.payload,
        created_at: now,
    };
    Ok(shown(transaction.append_event(event).await?))
}

/// Lists events: the newest page without a cursor, else the events after it. No event is lost between two pages.
pub(super) async fn events(transaction: &mut StoreTransaction, query: EventQuery) -> Result<EventPage, SniparaError> {
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    existing_swarm(transaction, &query.swarm_id).await?;
    let all = EventSelection {
        task_id: None,
        event_type: query.event_type,
        agent_id: query.agent_id,
        since: query.since,
        after_seq: 0,
        newest: true,
        limit: query.limit,
    };
    let (events, total, has_more) = match after {
        None => {
            let (events, total) = transaction.events(&query.swarm_id, &all).await?;
            (events, total, false)
        }
        Some(after_seq) => {
            let (_, total) = transaction.events(&query.swarm_id, &EventSelection { limit: 0, ..all.clone() }).await?;
            let selection = EventSelection { after_seq, newest: false, ..all };
            let (events, left) = transaction.events(&query.swarm_id, &selection).await?;
            let has_more = left > u64::try_from(events.len()).unwrap_or(u64::MAX);
            (events, total, has_more)
        }
    };
    let end = events.last().map_or(after.unwrap_or(0), |event| event.seq);
    let events = events.into_iter().map(shown).collect();
    Ok(EventPage { events, total, next_cursor: Some(write_cursor(end)), has_more })
}

/// Shows a stored event. The payload of an htask's change names the htask and both statuses, which a reader of the
/// swarm's stream does not know otherwise.
fn shown(event: StoredEvent) -> SwarmEvent {
    let payload = match (&event.task_id, event.payload) {
        (Some(task_id), Value::Object(mut fields)) => {
            fields.insert("task_id".to_owned(), json!(task_id));
            for (name, status) in [("from_status", event.from_status), ("to_status", event.to_status)] {
                fields.extend(status.map(|status| (name.to_owned(), json!(status))));
            }
            Value::Object(fields)
        }
        (_, payload) => payload,
    };
    SwarmEvent {
        event_id: event.id,
        event_type: event.event_type,
        agent_id: event.agent_id,
        payload,
        timestamp: Some(event.created_at),
    }
}

fn write_cursor(seq: i64) -> String {
    format!("after_{seq:x}")
}

fn read_cursor(cursor: &str) -> Result<i64, FieldError> {
    let digits = cursor.strip_prefix("after_").filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    digits.and_then(|digits| i64::from_str_radix(digits, 16).ok()).ok_or_else(|| {
        let problem = format!("`{}` is not a cursor", one_line(cursor, 60));
        FieldError::new("cursor", problem, "give next_cursor of a page before, or none for the newest events")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nonsense_is_refused() {
        for seq in [0, 1, 255, i64::MAX] {
            assert_eq!(read_cursor(&write_cursor(seq)), Ok(seq));
        }
        for nonsense in ["", "7", "after_", "after_-1", "after_+1", "after_x", "after_ffffffffffffffff"] {
            assert_eq!(read_cursor(nonsense).expect_err(nonsense).field, "cursor");
        }
    }
}
