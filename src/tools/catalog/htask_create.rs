//! `htask_create`: makes one htask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{HTask, HTaskLevel, NewHTask, SwarmPlacement, one_line};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::htask_line::line;
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, flat_tasks, shorten_answer, told,
};

/// Says what `htask_create` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_create",
        title: "Create an htask",
        description: "When work has several pieces: plan each as an htask that others can see and take.",
        toolset: Toolset::HTask,
        default: true,
        forms: vec![
            Form::of("htask_create", "Create one task at level N0-N3.", published),
            Form::of(
                "task_create",
                "Queue a flat task: an N3 without parent. Legacy; see htask_create.",
                flat_tasks::create,
            ),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Created {
    task_id: String,
    swarm_id: String,
}

async fn published(
    orchestrator: Orchestrator,
    (task, placement): (NewHTask, SwarmPlacement),
) -> Result<JsonObject, FormError> {
    placement.check_named(task.swarm_id.as_ref())?;
    let swarm_id = orchestrator.placed_swarm(task.swarm_id.clone(), placement).await?;
    Ok(payload::htask_created(&orchestrator.create_htask(NewHTask { swarm_id, ..task }).await?))
}

async fn call(context: CallContext, task: NewHTask) -> Answered<Created> {
    let task = context.orchestrator.create_htask(task).await?;
    let lines = vec!["created".to_owned(), line(&task)];
    let mut payload = payload::htask_created(&task);
    shorten_answer(&mut payload);
    told(payload, lines, after_creation(&task))
}

fn after_creation(task: &HTask) -> String {
    let id = &task.task_id;
    match task.level {
        HTaskLevel::N3 if task.evidence_required.is_empty() => {
            format!("Take it with htask_next and claim_for_agent; prove it with run_task and htask_id {id}.")
        }
        HTaskLevel::N3 => {
            let kinds = task.evidence_required.iter().map(|item| one_line(&item.kind, 40)).collect::<Vec<_>>();
            format!("Take it with htask_next and claim_for_agent; complete it with evidence ({}).", kinds.join(", "))
        }
        HTaskLevel::N0 | HTaskLevel::N1 | HTaskLevel::N2 => {
            format!("Create what is under it with htask_create and parent_id {id}.")
        }
    }
}
