//! Blocking, unblocking and closing htasks.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::question::{Asked, Question, QuestionField};
use super::reply::Reply;
use crate::domain::{BlockChange, BlockRequest, BlockerType, CloseRequest, Closed, HTaskRef, one_line};
use crate::orchestrator::{Closing, OrchestratorError};
use crate::snipara::payload;

use super::htask::{htask_id, htask_ref};
use super::payload_reply::{Answered, LINE, PayloadReply, in_swarm, told};

/// How many open children a person is shown.
const SHOWN_BLOCKERS: usize = 5;

/// Says what `htask_block` is.
pub(super) fn htask_block_spec() -> ToolSpec {
    ToolSpec {
        name: "htask_block",
        title: "Block an htask",
        description: "Say what is in the way of an htask; what is above it is blocked with it.",
        toolset: Toolset::HTask,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_block),
        forms: Vec::new(),
    }
}

/// Says what `htask_unblock` is.
pub(super) fn htask_unblock_spec() -> ToolSpec {
    ToolSpec {
        name: "htask_unblock",
        title: "Unblock an htask",
        description: "Say that nothing is in the way any more; restores what was before.",
        toolset: Toolset::HTask,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_unblock),
        forms: Vec::new(),
    }
}

/// Says what `htask_close` is.
pub(super) fn htask_close_spec() -> ToolSpec {
    ToolSpec {
        name: "htask_close",
        title: "Close a parent htask",
        description: "Close an N0, N1 or N2 whose children are completed, or with a waiver, which a person signs.",
        toolset: Toolset::HTask,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_close),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskBlockParams {
    #[serde(default)]
    swarm_id: Option<String>,
    /// The htask.
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
    #[serde(default)]
    agent_id: Option<String>,
    /// Of your claim.
    #[serde(default)]
    fencing_token: Option<i64>,
}

/// An htask and where it stands now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Changed {
    task_id: String,
    status: String,
}

impl Request for HTaskBlockParams {}

async fn htask_block(context: CallContext, given: HTaskBlockParams) -> Answered<Changed> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let blocked_by = given.blocked_by_task_id.as_deref().map(|id| htask_id("blocked_by_task_id", id)).transpose()?;
    let (orchestrator, swarm) = in_swarm(&context, given.swarm_id.as_deref()).await?;
    let request = BlockRequest {
        task: htask_ref(swarm, task_id),
        blocker_type: given.blocker_type,
        blocker_reason: given.blocker_reason,
        blocked_by_task_id: blocked_by.clone(),
        required_input: given.required_input,
        eta_recovery: given.eta_recovery,
        escalation_to: given.escalation_to,
        agent_id: given.agent_id,
        fencing_token: given.fencing_token,
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

impl Request for HTaskUnblockParams {}

async fn htask_unblock(context: CallContext, given: HTaskUnblockParams) -> Answered<Changed> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let (orchestrator, swarm) = in_swarm(&context, given.swarm_id.as_deref()).await?;
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

impl Request for HTaskCloseParams {}

async fn htask_close(
    context: CallContext,
    given: HTaskCloseParams,
) -> Result<Reply<PayloadReply<Changed>>, OrchestratorError> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let (orchestrator, swarm) = in_swarm(&context, given.swarm_id.as_deref()).await?;
    let task = htask_ref(swarm.clone(), task_id.clone());
    let close =
        |waiver_reason, waiver_approved_by| CloseRequest { task: task.clone(), waiver_reason, waiver_approved_by };
    let Some(reason) = given.waiver_reason.clone() else {
        // Half a waiver is refused like any other.
        return answer(&orchestrator.close_htask(close(None, given.waiver_approved_by)).await?);
    };
    let claimed = given.waiver_approved_by.clone();
    close(Some(reason.clone()), Some(claimed.clone().unwrap_or_else(|| "nobody".to_owned()))).check()?;
    let blockers = match orchestrator.close_htask_unwaived(task.clone()).await? {
        Closing::Closed(closed) => return answer(&closed),
        Closing::NeedsWaiver { blockers } => blockers,
    };
    let question = waiver_question(&task, given.swarm_id.is_some(), &reason, claimed.as_deref(), &blockers);
    match context.person.ask(&question).await? {
        Asked::Pending => Ok(Reply::Asked),
        Asked::Answered(answered) => {
            // What the person typed is what is recorded, not what the agent said of the person.
            let reason = answered.text("reason").map_or(reason, str::to_owned);
            let approver = answered.text("approved_by").map(str::to_owned);
            answer(&orchestrator.close_htask(close(Some(reason), approver)).await?)
        }
    }
}

fn answer(closed: &Closed) -> Result<Reply<PayloadReply<Changed>>, OrchestratorError> {
    let (waived, next_step) = if closed.closed_with_waiver {
        (" with a waiver", "Say that it was closed with a waiver, and what stays open.")
    } else {
        ("", "Go on with htask_next.")
    };
    let line = format!("{}{waived}: {}", closed.status.as_str().to_lowercase(), closed.task_id);
    Ok(Reply::Answer(told(payload::closed(closed), vec![line], next_step.to_owned())?))
}

fn waiver_question(
    task: &HTaskRef,
    swarm_was_named: bool,
    reason: &str,
    claimed: Option<&str>,
    blockers: &[String],
) -> Question {
    let id = &task.task_id;
    let mut message = vec![format!("An agent wants to close {id} although this is open:")];
    message.extend(blockers.iter().take(SHOWN_BLOCKERS).map(|line| format!("- {}", one_line(line, LINE))));
    if blockers.len() > SHOWN_BLOCKERS {
        message.push(format!("and {} more.", blockers.len() - SHOWN_BLOCKERS));
    }
    message.push(format!("Its reason: {}", one_line(reason, LINE)));
    if let Some(claimed) = claimed {
        message.push(format!("It says that this allows it: {}", one_line(claimed, LINE)));
    }
    let swarm = if swarm_was_named { format!(" --swarm-id {}", task.swarm_id) } else { String::new() };
    Question {
        tool: "htask_close",
        subject: json!({ "task": id, "swarm": task.swarm_id, "reason": reason, "approved_by": claimed, "open": blockers }),
        message: message.join("\n"),
        fields: vec![
            QuestionField {
                name: "approved_by",
                title: "Your name",
                description: "Type your name to allow it; it is recorded as the one who did.".to_owned(),
                required: true,
            },
            QuestionField {
                name: "reason",
                title: "Reason",
                description: "Your own reason, when it is not the agent's.".to_owned(),
                required: false,
            },
        ],
        instead: format!(
            "Complete the children, or a person runs at a terminal: `snipara-orchestrator htask-close {id}{swarm} --waiver-reason TEXT --waiver-approved-by NAME`"
        ),
    }
}
