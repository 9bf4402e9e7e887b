//! `htask_next`: what to work on next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{NextBatch, NextQuery};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{self, Payload};
use crate::tools::htask_line::line;
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, flat_tasks, shorten_rows,
    shown_lines, told,
};

/// Says what `htask_next` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_next",
        title: "Next htasks",
        description: "What to work on next; claim it before you start.",
        toolset: Toolset::HTask,
        default: true,
        forms: vec![
            Form::of("htask_recommend_batch", "Next ready N3 tasks, claimed at once on demand.", published),
            Form::of(
                "task_claim",
                "Claim a given or the next ready flat task. Legacy; see htask_recommend_batch.",
                flat_tasks::claim,
            ),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

/// Htasks to work on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Tasks {
    tasks: Vec<Payload>,
    /// What you claimed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    already_yours: Vec<Payload>,
}

async fn published(orchestrator: Orchestrator, query: NextQuery) -> Result<JsonObject, FormError> {
    let swarm_id = orchestrator.swarm_or_default(query.swarm_id.as_ref()).await?;
    let query = NextQuery { swarm_id: Some(swarm_id.clone()), ..query.with_contract_limit() };
    let mut told = payload::next_batch(&orchestrator.next_htasks(query).await?);
    told.insert("swarm_id".to_owned(), swarm_id.as_str().into());
    Ok(told)
}

async fn call(context: CallContext, query: NextQuery) -> Answered<Tasks> {
    let renewed = query.renewal().is_some();
    let batch = context.orchestrator.next_htasks(query).await?;
    let mut lines = vec![format!("{} of {} ready", batch.tasks.len(), batch.total)];
    lines.extend(shown_lines(&batch.tasks, line));
    if !batch.already_yours.is_empty() {
        lines.push("already yours:".to_owned());
        lines.extend(shown_lines(&batch.already_yours, line));
    }
    let next_step = after_next(&batch, renewed);
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
