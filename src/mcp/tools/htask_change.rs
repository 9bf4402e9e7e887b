//! Blocking, unblocking and closing htasks.

use rmcp::handler::server::router::tool::ToolRouter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{BlockChange, BlockRequest, BlockerType, CloseRequest};
use crate::mcp::route::{About, Hints, route};
use crate::mcp::server::Server;
use crate::snipara::payload;

use super::htask::{htask_id, htask_ref};
use super::told::{Answered, Request, in_swarm, told};

/// Returns the routes of these tools.
pub(super) fn router() -> ToolRouter<Server> {
    let hints = || Hints { reads: false, destroys: false, idempotent: false, open_world: false };
    ToolRouter::new()
        .with_route(route(
            About {
                name: "htask_block",
                title: "Block an htask",
                description: "Say what is in the way of an htask; what is above it is blocked with it.",
                hints: hints(),
            },
            htask_block,
        ))
        .with_route(route(
            About {
                name: "htask_unblock",
                title: "Unblock an htask",
                description: "Say that nothing is in the way any more; restores what was before.",
                hints: hints(),
            },
            htask_unblock,
        ))
        .with_route(route(
            About {
                name: "htask_close",
                title: "Close a parent htask",
                description: "Close an N0, N1 or N2 whose children are completed, or with a waiver where that is allowed.",
                hints: hints(),
            },
            htask_close,
        ))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskBlockParams {
    #[serde(default)]
    swarm_id: Option<String>,
    task_id: String,
    blocker_type: BlockerType,
    blocker_reason: String,
    /// The htask that is in the way.
    #[serde(default)]
    blocked_by_task_id: Option<String>,
    /// What somebody must give.
    #[serde(default)]
    required_input: Option<String>,
    #[serde(default)]
    eta_recovery: Option<String>,
    /// Who is asked for help.
    #[serde(default)]
    escalation_to: Option<String>,
}

/// An htask and where it stands now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Changed {
    task_id: String,
    status: String,
}

async fn htask_block(server: Server, given: HTaskBlockParams, _request: Request) -> Answered<Changed> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let blocked_by = given.blocked_by_task_id.as_deref().map(|id| htask_id("blocked_by_task_id", id)).transpose()?;
    let (orchestrator, swarm) = in_swarm(&server, given.swarm_id.as_deref()).await?;
    let request = BlockRequest {
        task: htask_ref(swarm, task_id),
        blocker_type: given.blocker_type,
        blocker_reason: given.blocker_reason,
        blocked_by_task_id: blocked_by.clone(),
        required_input: given.required_input,
        eta_recovery: given.eta_recovery,
        escalation_to: given.escalation_to,
    };
    let change = orchestrator.block_htask(request).await?;
    let next_step = match blocked_by {
        Some(other) => format!("Work on {other} first, then call htask_unblock."),
        None => "Call htask_next for other work, and htask_unblock when nothing is in the way any more.".to_owned(),
    };
    told(payload::block_change(&change), changed(&change), next_step)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskUnblockParams {
    #[serde(default)]
    swarm_id: Option<String>,
    task_id: String,
    /// How it was solved.
    #[serde(default)]
    resolution: Option<String>,
}

async fn htask_unblock(server: Server, given: HTaskUnblockParams, _request: Request) -> Answered<Changed> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let (orchestrator, swarm) = in_swarm(&server, given.swarm_id.as_deref()).await?;
    let change = orchestrator.unblock_htask(htask_ref(swarm, task_id), given.resolution).await?;
    told(payload::block_change(&change), changed(&change), "Take it up again with htask_next.".to_owned())
}

fn changed(change: &BlockChange) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", change.status.as_str().to_lowercase(), change.task_id)];
    if !change.ancestors.is_empty() {
        let ids = change.ancestors.iter().map(ToString::to_string).collect::<Vec<_>>();
        lines.push(format!("changed with it: {}", ids.join(", ")));
    }
    lines
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskCloseParams {
    #[serde(default)]
    swarm_id: Option<String>,
    task_id: String,
    /// Why it is closed although children are open.
    #[serde(default)]
    waiver_reason: Option<String>,
    /// Who allows that.
    #[serde(default)]
    waiver_approved_by: Option<String>,
}

async fn htask_close(server: Server, given: HTaskCloseParams, _request: Request) -> Answered<Changed> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let (orchestrator, swarm) = in_swarm(&server, given.swarm_id.as_deref()).await?;
    let request = CloseRequest {
        task: htask_ref(swarm, task_id),
        waiver_reason: given.waiver_reason,
        waiver_approved_by: given.waiver_approved_by,
    };
    let closed = orchestrator.close_htask(request).await?;
    let (waived, next_step) = if closed.closed_with_waiver {
        (" with a waiver", "Say that it was closed with a waiver, and what stays open.")
    } else {
        ("", "Go on with htask_next.")
    };
    let line = format!("{}{waived}: {}", closed.status.as_str().to_lowercase(), closed.task_id);
    told(payload::closed(&closed), vec![line], next_step.to_owned())
}
