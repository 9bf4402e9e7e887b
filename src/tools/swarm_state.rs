//! The shared state of a swarm.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{FieldError, SetState, SwarmId, one_line};
use crate::snipara::payload;

use super::payload_reply::{Answered, LINE, told};

/// Says what `state_set` is.
pub(super) fn state_set_spec() -> ToolSpec {
    ToolSpec {
        name: "state_set",
        title: "Write shared state",
        description: "Write a key that the agents of a swarm share; expected_version keeps others' writes.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Write,
        destructive: true,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(state_set),
        forms: Vec::new(),
    }
}

/// Says what `state_get` is.
pub(super) fn state_get_spec() -> ToolSpec {
    ToolSpec {
        name: "state_get",
        title: "Read shared state",
        description: "Read a key that the agents of a swarm share.",
        toolset: Toolset::Swarm,
        default: false,
        scope: Scope::Read,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(state_get),
        forms: Vec::new(),
    }
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

impl Request for StateSetParams {}

async fn state_set(context: CallContext, given: StateSetParams) -> Answered<Written> {
    let state = SetState {
        swarm_id: SwarmId::parse(&given.swarm_id)?,
        agent_id: given.agent_id,
        key: given.key,
        value: given.value,
        expected_version: given.expected_version,
        ttl_seconds: given.ttl_seconds,
    };
    state.check()?;
    let entry = context.orchestrator.set_state(state).await?;
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

impl Request for StateGetParams {}

async fn state_get(context: CallContext, given: StateGetParams) -> Answered<Read> {
    let swarm_id = SwarmId::parse(&given.swarm_id)?;
    if given.key.trim().is_empty() {
        return Err(FieldError::new("key", "is empty", "give the key that was written").into());
    }
    let key = given.key;
    let entry = context.orchestrator.get_state(swarm_id, key.clone()).await?;
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
