//! The shared state of a swarm.

use rmcp::handler::server::router::tool::ToolRouter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{FieldError, SetState, SwarmId, one_line};
use crate::mcp::route::{About, Hints, route};
use crate::mcp::server::Server;
use crate::snipara::payload;

use super::told::{Answered, LINE, Request, told};

/// Returns the routes of these tools.
pub(super) fn router() -> ToolRouter<Server> {
    ToolRouter::new()
        .with_route(route(
            About {
                name: "state_set",
                title: "Write shared state",
                description: "Write a key that the agents of a swarm share; expected_version keeps others' writes.",
                hints: Hints { reads: false, destroys: true, idempotent: false, open_world: false },
            },
            state_set,
        ))
        .with_route(route(
            About {
                name: "state_get",
                title: "Read shared state",
                description: "Read a key that the agents of a swarm share.",
                hints: Hints { reads: true, destroys: false, idempotent: true, open_world: false },
            },
            state_get,
        ))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StateSetParams {
    swarm_id: String,
    agent_id: String,
    key: String,
    /// Any JSON but null.
    value: Value,
    /// As read before; 0 when the key must not exist.
    #[serde(default)]
    #[schemars(range(min = 0))]
    expected_version: Option<i64>,
    #[serde(default)]
    #[schemars(range(min = 1, max = 315360000))]
    ttl_seconds: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Written {
    key: String,
    version: i64,
}

async fn state_set(server: Server, given: StateSetParams, _request: Request) -> Answered<Written> {
    let state = SetState {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        key: given.key,
        value: given.value,
        expected_version: given.expected_version,
        ttl_seconds: given.ttl_seconds,
    };
    state.check()?;
    let entry = server.orchestrator().await?.set_state(state).await?;
    let mut payload = payload::state_written(&entry);
    // The caller knows what it wrote.
    payload.shift_remove("value");
    let line = format!("{} has version {}", one_line(&entry.key, 120), entry.version);
    told(payload, vec![line], format!("Give expected_version {} when you write it again.", entry.version))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StateGetParams {
    swarm_id: String,
    key: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Read {
    found: bool,
    key: String,
}

async fn state_get(server: Server, given: StateGetParams, _request: Request) -> Answered<Read> {
    let swarm_id = SwarmId::parse(&given.swarm_id)?;
    if given.key.trim().is_empty() {
        return Err(FieldError::new("key", "is empty", "give the key that was written").into());
    }
    let key = given.key;
    let entry = server.orchestrator().await?.get_state(swarm_id, key.clone()).await?;
    let shown = one_line(&key, 120);
    let (line, next_step) = match &entry {
        Some(entry) => (
            format!("{shown} version {}: {}", entry.version, one_line(&entry.value.to_string(), LINE)),
            format!("Give expected_version {} when you write it.", entry.version),
        ),
        None => (
            format!("{shown} is not there"),
            "Write it with state_set and expected_version 0, or check the key.".to_owned(),
        ),
    };
    told(payload::state(&key, entry.as_ref()), vec![line], next_step)
}
