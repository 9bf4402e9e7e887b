//! The events of a swarm.

use rmcp::handler::server::router::tool::ToolRouter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{Broadcast, EventPage, EventQuery, SwarmEvent, SwarmId, Timestamp, one_line};
use crate::mcp::route::{About, Hints, route};
use crate::mcp::server::Server;
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::{self, Payload};

use super::told::{Answered, Request, shorten_rows, shown_lines, told};

/// How many events are listed when a call does not say (snipara-wire.md §4.3).
const DEFAULT_EVENTS: i64 = 50;

/// Returns the routes of these tools.
pub(super) fn router() -> ToolRouter<Server> {
    ToolRouter::new()
        .with_route(route(
            About {
                name: "broadcast",
                title: "Broadcast an event",
                description: "Tell the agents of a swarm what happened.",
                hints: Hints { reads: false, destroys: false, idempotent: false, open_world: false },
            },
            broadcast,
        ))
        .with_route(route(
            About {
                name: "swarm_events",
                title: "Events of a swarm",
                description: "What happened in a swarm: broadcasts and changes of htasks; without cursor the newest.",
                hints: Hints { reads: true, destroys: false, idempotent: true, open_world: false },
            },
            swarm_events,
        ))
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

async fn broadcast(server: Server, given: BroadcastParams, _request: Request) -> Answered<Sent> {
    let broadcast = Broadcast {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        event_type: given.event_type,
        payload: Value::Object(given.payload.unwrap_or_default()),
    };
    broadcast.check()?;
    let event = server.orchestrator().await?.broadcast(broadcast).await?;
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

async fn swarm_events(server: Server, given: SwarmEventsParams, _request: Request) -> Answered<Events> {
    let query = EventQuery {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        event_type: given.event_type,
        agent_id: given.agent_id,
        since: given.since.as_deref().map(moment).transpose()?,
        cursor: given.cursor,
        limit: given.limit.unwrap_or(DEFAULT_EVENTS),
    };
    query.check()?;
    let page = server.orchestrator().await?.swarm_events(query).await?;
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
