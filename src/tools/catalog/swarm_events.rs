//! `swarm_events`: lists what happened in a swarm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{EventPage, EventQuery, Redactor, SwarmEvent, one_line};
use crate::snipara::payload::{self, Payload};
use crate::tools::{
    Answered, CallContext, ToolCall, ToolSpec, Toolset, form, quoted_json, shorten_rows, shown_lines, told,
};

/// Says what `swarm_events` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_events",
        title: "Events of a swarm",
        description: "What happened in a swarm: broadcasts and changes of htasks; without cursor the newest.",
        toolset: Toolset::Swarm,
        forms: vec![
            form!("swarm_events", "List broadcasts and htask events of a swarm.", swarm_events => payload::event_page),
        ],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Events {
    events: Vec<Payload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    has_more: bool,
}

async fn call(context: CallContext, query: EventQuery) -> Answered<Events> {
    let page = context.orchestrator.swarm_events(query).await?;
    let mut lines = vec![format!("{} of {} events", page.events.len(), page.total)];
    lines.extend(shown_lines(&page.events, |event| event_line(event, context.orchestrator.redactor())));
    let next_step = after_page(&page);
    let mut payload = payload::event_page(&page);
    shorten_rows(&mut payload, "events");
    told(payload, lines, next_step)
}

fn event_line(event: &SwarmEvent, redactor: &Redactor) -> String {
    let agent = event.agent_id.as_ref().map(|agent| format!(" by {}", one_line(agent, 40))).unwrap_or_default();
    let when = event.timestamp.map(|when| format!("{when} ")).unwrap_or_default();
    let payload = if event.payload.is_null() { String::new() } else { quoted_json(&event.payload, 120, redactor) };
    format!("> {when}{}{agent}: {payload}", one_line(&event.event_type, 60))
}

fn after_page(page: &EventPage) -> String {
    match &page.next_cursor {
        Some(cursor) if page.has_more => format!("Call swarm_events with cursor {cursor} for more."),
        Some(cursor) => format!("Call swarm_events with cursor {cursor} later for what is new."),
        None => "Call swarm_events again later.".to_owned(),
    }
}
