//! `broadcast`: tells the agents of a swarm what happened.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Broadcast, one_line};
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `broadcast` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "broadcast",
        title: "Broadcast an event",
        description: "Tell the agents of a swarm what happened.",
        toolset: Toolset::Swarm,
        forms: vec![form!("broadcast", "Append an event to the swarm's stream.", broadcast => payload::swarm_event)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Sent {
    event_id: String,
}

async fn call(context: CallContext, broadcast: Broadcast) -> Answered<Sent> {
    let event = context.orchestrator.broadcast(broadcast).await?;
    let line = format!("sent {}: {}", event.event_id, one_line(&event.event_type, 120));
    let mut payload = payload::swarm_event(&event);
    // The caller knows what it sent.
    payload.shift_remove("payload");
    told(payload, vec![line], "Go on: others read it with swarm_events.".to_owned())
}
