//! `state_set`: writes a key that the agents of a swarm share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{SetState, one_line};
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, ToolCall, ToolSpec, Toolset, form, told};

/// Says what `state_set` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "state_set",
        title: "Write shared state",
        description: "Write a key that the agents of a swarm share; expected_version keeps others' writes.",
        toolset: Toolset::Swarm,
        destructive: true,
        forms: vec![
            form!("state_set", "Write a shared key, with version check and TTL on demand.", set_state => payload::state_written),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Written {
    key: String,
    version: i64,
}

async fn call(context: CallContext, state: SetState) -> Answered<Written> {
    let entry = context.orchestrator.set_state(state).await?;
    let mut payload = payload::state_written(&entry);
    // The caller knows what it wrote.
    payload.shift_remove("value");
    let line = format!("{} has version {}", one_line(&entry.key, 120), entry.version);
    told(payload, vec![line], format!("Give expected_version {} when you write it again.", entry.version))
}
