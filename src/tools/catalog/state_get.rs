//! `state_get`: reads a key that the agents of a swarm share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{StateQuery, one_line};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, LINE, ToolCall, ToolSpec, Toolset, quoted_json, told,
};

/// Says what `state_get` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "state_get",
        title: "Read shared state",
        description: "Read a key that the agents of a swarm share.",
        toolset: Toolset::Swarm,
        forms: vec![Form::of("state_get", "Read one versioned shared key.", published)],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Read {
    found: bool,
    key: String,
}

async fn published(orchestrator: Orchestrator, query: StateQuery) -> Result<JsonObject, FormError> {
    let StateQuery { swarm_id, key } = query;
    Ok(payload::state(&key, orchestrator.get_state(swarm_id, key.clone()).await?.as_ref()))
}

async fn call(context: CallContext, query: StateQuery) -> Answered<Read> {
    let StateQuery { swarm_id, key } = query;
    let entry = context.orchestrator.get_state(swarm_id, key.clone()).await?;
    let shown = one_line(&key, 120);
    let (line, next_step) = match &entry {
        Some(entry) => (
            format!(
                "> {shown} version {}{}: {}",
                entry.version,
                entry.updated_by.as_ref().map(|who| format!(" by {}", one_line(who, 40))).unwrap_or_default(),
                quoted_json(&entry.value, LINE, context.orchestrator.redactor())
            ),
            format!("Give expected_version {} when you write it.", entry.version),
        ),
        None => (
            format!("{shown} is not there"),
            "Write it with state_set and expected_version 0, or check the key.".to_owned(),
        ),
    };
    told(payload::state(&key, entry.as_ref()), vec![line], next_step)
}
