//! Toolset `htask`: what to work on next, and what there is; the other verbs lie in `htask_create`, `htask_complete`
//! and `htask_change`.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{FieldError, HTask, HTaskId, HTaskRef, NextBatch, NextQuery, SwarmId, Workstream, one_line};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload::{self, Payload};

use super::payload_reply::{Answered, in_swarm, shorten_rows, shown_lines, told};

/// Says what `htask_next` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_next",
        title: "Next htasks",
        description: "What to work on next; claim it before you start.",
        toolset: Toolset::HTask,
        default: true,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_next),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskNextParams {
    #[serde(default)]
    swarm_id: Option<String>,
    /// Default 5, or 1 when you claim.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    feature_id: Option<String>,
    #[serde(default)]
    workstream_type: Option<String>,
    /// Your agent id: claims what is answered.
    #[serde(default)]
    claim_for_agent: Option<String>,
    #[serde(default)]
    #[schemars(range(min = 1, max = 86400))]
    lease_seconds: Option<i64>,
    /// Prolong your claim on this one instead.
    #[serde(default)]
    renew_task_id: Option<String>,
    /// Of that claim.
    #[serde(default)]
    fencing_token: Option<i64>,
}

/// Htasks to work on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Tasks {
    tasks: Vec<Payload>,
    /// What you claimed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    already_yours: Vec<Payload>,
}

impl Request for HTaskNextParams {}

async fn htask_next(context: CallContext, given: HTaskNextParams) -> Answered<Tasks> {
    let renew = match (given.renew_task_id.as_deref(), given.fencing_token) {
        (Some(id), Some(token)) => Some((htask_id("renew_task_id", id)?, token)),
        (None, None) => None,
        (Some(_), None) => {
            let message = "fencing_token is missing for a renewal";
            return Err(OrchestratorError::invalid(message, "Give the token that the claim answered."));
        }
        (None, Some(_)) => {
            let message = "fencing_token is given without renew_task_id";
            return Err(OrchestratorError::invalid(message, "Give renew_task_id, or leave fencing_token out."));
        }
    };
    let feature_id = given.feature_id.as_deref().map(|id| htask_id("feature_id", id)).transpose()?;
    let workstream_type = given.workstream_type.as_deref().map(Workstream::parse).transpose()?;
    let query = |swarm_id| {
        let usual = NextQuery::new(swarm_id);
        NextQuery {
            limit: given.limit.unwrap_or(if given.claim_for_agent.is_some() { 1 } else { usual.limit }),
            owner: given.owner.clone(),
            feature_id: feature_id.clone(),
            workstream_type,
            claim_for_agent: given.claim_for_agent.clone(),
            lease_seconds: given.lease_seconds,
            renew: renew.clone(),
            ..usual
        }
    };
    let (orchestrator, swarm) = in_swarm(&context, given.swarm_id.as_deref()).await?;
    let batch = orchestrator.next_htasks(query(swarm)).await?;
    let mut lines = vec![format!("{} of {} ready", batch.tasks.len(), batch.total)];
    lines.extend(shown_lines(&batch.tasks, line));
    if !batch.already_yours.is_empty() {
        lines.push("already yours:".to_owned());
        lines.extend(shown_lines(&batch.already_yours, line));
    }
    let next_step = after_next(&batch, renew.is_some());
    let mut payload = payload::next_batch(&batch);
    shorten_rows(&mut payload, "tasks");
    shorten_rows(&mut payload, "already_yours");
    told(payload, lines, next_step)
}

fn after_next(batch: &NextBatch, renewed: bool) -> String {
    if let (None, Some(held)) = (batch.tasks.first(), batch.already_yours.first())
        && let Some(claim) = &held.claim
    {
        let (id, token, end) = (&held.task_id, claim.fencing_token, claim.lease_expires_at);
        return format!(
            "Go on with {id}, which you hold: call htask_complete with fencing_token {token} before {end}."
        );
    }
    let Some(first) = batch.tasks.first() else {
        return "Look at htask_tree for what is blocked or claimed, or create work with htask_create.".to_owned();
    };
    let id = &first.task_id;
    let Some(claim) = &first.claim else {
        return format!("Call htask_next with claim_for_agent to take it: {id} comes first.");
    };
    let (token, end) = (claim.fencing_token, claim.lease_expires_at);
    match batch.tasks.len() {
        _ if renewed => format!("Go on with {id} and complete it with fencing_token {token} before {end}."),
        1 => format!("Work on {id} and call htask_complete with fencing_token {token} before {end}."),
        count => format!(
            "Work on all {count}, {id} first, and call htask_complete for each with its fencing_token before {end}."
        ),
    }
}

/// Says an htask on one line.
pub(super) fn line(task: &HTask) -> String {
    let level = task.level.as_str().split('_').next().unwrap_or_default();
    let claim = task.claim.as_ref().map(|claim| {
        let agent = one_line(&claim.claimed_by, 40);
        format!(", claimed by {agent} until {} with fencing_token {}", claim.lease_expires_at, claim.fencing_token)
    });
    let blocker = task.blocker.as_ref().map(|blocker| format!(", blocked: {}", one_line(&blocker.blocker_reason, 80)));
    let waiver = task.waiver.as_ref().map(|waiver| format!(", waived by {}", one_line(&waiver.waiver_approved_by, 80)));
    let title = one_line(&task.title, 120);
    format!(
        "- {} {level} {} {} {title}{}{}{}",
        task.task_id,
        task.priority,
        task.status.as_str().to_lowercase(),
        claim.unwrap_or_default(),
        blocker.unwrap_or_default(),
        waiver.unwrap_or_default()
    )
}

/// Reads an htask's id.
///
/// # Errors
/// Names the field when it has no form.
pub(super) fn htask_id(field: &str, given: &str) -> Result<HTaskId, OrchestratorError> {
    Ok(HTaskId::parse(given).map_err(|error| FieldError { field: field.to_owned(), ..error })?)
}

/// Names an htask of a swarm.
pub(super) const fn htask_ref(swarm_id: SwarmId, task_id: HTaskId) -> HTaskRef {
    HTaskRef { swarm_id, task_id }
}
