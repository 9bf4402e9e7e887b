//! `swarm_create`: makes a swarm.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{InvalidRequest, NewSwarm, one_line};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::{
    Answered, CallContext, Form, FormError, FormRequest, JsonObject, ToolCall, ToolSpec, Toolset, told,
};

/// Says what `swarm_create` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_create",
        title: "Create a swarm",
        description: "Create a swarm of agents that share state, events and claims; one of that name is reused.",
        toolset: Toolset::Swarm,
        forms: vec![Form::of("swarm_create", "Create (or reuse by name) a coordination swarm.", published)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CreatedSwarm {
    swarm_id: String,
    reused: bool,
}

/// The same request with one default of the contract's own: a swarm is reused by its name only when that is asked for
/// (snipara-wire.md §4.3); MCP and the command line reuse it unless told otherwise.
struct PublishedSwarm(NewSwarm);

impl FormRequest for PublishedSwarm {
    fn schema() -> JsonObject {
        <NewSwarm as FormRequest>::schema()
    }

    fn read(given: &JsonObject) -> Result<Self, InvalidRequest> {
        let mut given = given.clone();
        let reuse = given.entry("reuse_existing").or_insert(Value::Null);
        if reuse.is_null() {
            *reuse = false.into();
        }
        <NewSwarm as FormRequest>::read(&given).map(Self)
    }
}

async fn published(orchestrator: Orchestrator, PublishedSwarm(swarm): PublishedSwarm) -> Result<JsonObject, FormError> {
    Ok(payload::swarm(&orchestrator.create_swarm(swarm).await?))
}

async fn call(context: CallContext, swarm: NewSwarm) -> Answered<CreatedSwarm> {
    let swarm = context.orchestrator.create_swarm(swarm).await?;
    let how = if swarm.reused { "reused" } else { "created" };
    let line = format!("{how} {}: {}", swarm.swarm_id, one_line(&swarm.name, 120));
    let next_step = format!("Join it with swarm_join and swarm_id {}.", swarm.swarm_id);
    told(payload::swarm(&swarm), vec![line], next_step)
}
