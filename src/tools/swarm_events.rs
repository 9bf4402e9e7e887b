//! The events of a swarm.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{Broadcast, EventPage, EventQuery, SwarmEvent, SwarmId, Timestamp, one_line};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::{self, Payload};

use super::payload_reply::{Answered, shorten_rows, shown_lines, told};

/// How many events are listed when a call does not say (snipara-wire.md §4.3).
const DEFAULT_EVENTS: i64 = 50;

/// Says what `broadcast` is.
pub(super) fn broadcast_spec() -> ToolSpec {
    ToolSpec {
        name: "broadcast",
        title: "Broadcast an event",
        description: "Tell the agents of a swarm what happened.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(broadcast),
        forms: Vec::new(),
    }
}

/// Says what `swarm_events` is.
pub(super) fn swarm_events_spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_events",
        title: "Events of a swarm",
        description: "What happened in a swarm: broadcasts and changes of htasks; without cursor the newest.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(swarm_events),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BroadcastParams {
    swarm_id: String,
    agent_id: String,
    /// Your own word, such as deployed.
    event_type: String,
    #[serde(default)]
    payload: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Sent {
    event_id: String,
}

impl Request for BroadcastParams {}

async fn broadcast(context: CallContext, given: BroadcastParams) -> Answered<Sent> {
    let broadcast = Broadcast {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        event_type: given.event_type,
        payload: Value::Object(given.payload.unwrap_or_default()),
    };
    broadcast.check()?;
    let event = context.orchestrator.broadcast(broadcast).await?;
    let line = format!("sent {}: {}", event.event_id, one_line(&event.event_type, 120));
    let mut payload = payload::swarm_event(&event);
    // The caller knows what it sent.
    payload.shift_remove("payload");
    told(payload, vec![line], "Go on: others read it with swarm_events.".to_owned())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwarmEventsParams {
    swarm_id: String,
    #[serde(default)]
    event_type: Option<String>,
    #[serde(default)]
    agent_id: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    since: Option<String>,
    /// next_cursor of a page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 500))]
    limit: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Events {
    events: Vec<Payload>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    has_more: bool,
}

impl Request for SwarmEventsParams {}

async fn swarm_events(context: CallContext, given: SwarmEventsParams) -> Answered<Events> {
    let query = EventQuery {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        event_type: given.event_type,
        agent_id: given.agent_id,
        since: given.since.as_deref().map(moment).transpose()?,
        cursor: given.cursor,
        limit: given.limit.unwrap_or(DEFAULT_EVENTS),
    };
    query.check()?;
    let page = context.orchestrator.swarm_events(query).await?;
    let mut lines = vec![format!("{} of {} events", page.events.len(), page.total)];
    lines.extend(shown_lines(&page.events, event_line));
    let next_step = after_page(&page);
    let mut payload = payload::event_page(&page);
    shorten_rows(&mut payload, "events");
    told(payload, lines, next_step)
}

fn event_line(event: &SwarmEvent) -> String {
    let agent = event.agent_id.as_ref().map(|agent| format!(" by {}", one_line(agent, 40))).unwrap_or_default();
    let when = event.timestamp.map(|when| format!("{when} ")).unwrap_or_default();
    let payload = if event.payload.is_null() { String::new() } else { event.payload.to_string() };
    format!("- {when}{}{agent} {}", one_line(&event.event_type, 60), one_line(&payload, 120))
}

fn after_page(page: &EventPage) -> String {
    match &page.next_cursor {
        Some(cursor) if page.has_more => format!("Call swarm_events with cursor {cursor} for more."),
        Some(cursor) => format!("Call swarm_events with cursor {cursor} later for what is new."),
        None => "Call swarm_events again later.".to_owned(),
    }
}

fn moment(text: &str) -> Result<Timestamp, OrchestratorError> {
    Timestamp::parse_rfc3339(text)
        .map_err(|error| OrchestratorError::invalid(format!("since: {error}"), "Write it like 2026-01-31T12:00:00Z."))
}
