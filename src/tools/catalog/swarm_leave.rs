//! `swarm_leave`: lets an agent go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{LeaveSwarm, one_line, pluralize};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, told};

/// Says what `swarm_leave` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "swarm_leave",
        title: "Leave a swarm",
        description: "Leave a swarm; its claims and claimed htasks become free.",
        toolset: Toolset::Swarm,
        destructive: true,
        idempotent: true,
        forms: vec![Form::of("swarm_leave", "Remove an agent, its claims and its claimed htasks.", published)],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Left {
    was_member: bool,
}

async fn published(orchestrator: Orchestrator, asked: LeaveSwarm) -> Result<JsonObject, FormError> {
    Ok(payload::left(orchestrator.leave_swarm(asked.swarm_id, asked.agent_id).await?))
}

async fn call(context: CallContext, asked: LeaveSwarm) -> Answered<Left> {
    let agent = one_line(&asked.agent_id, 120);
    let left = context.orchestrator.leave_swarm(asked.swarm_id, asked.agent_id).await?;
    let (line, next_step) = if left.was_member {
        let (claims, tasks) = (left.claims_released, left.tasks_unassigned);
        let line = format!(
            "{agent} left: {} released, {} pending again",
            pluralize(claims, "claim", "claims"),
            pluralize(tasks, "htask", "htasks")
        );
        (line, "Start nothing more in this swarm.")
    } else {
        (format!("{agent} was not a member"), "Look at swarm_members if it should have been one.")
    };
    told(payload::left(left), vec![line], next_step.to_owned())
}
