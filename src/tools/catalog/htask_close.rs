//! `htask_close`: closes a parent whose children are completed, or with a waiver, which a person signs.

use serde_json::{Value, json};

use crate::domain::{CloseRequest, Closed, one_line};
use crate::orchestrator::{Closing, OrchestratorError};
use crate::snipara::payload;
use crate::tools::htask_line::Changed;
use crate::tools::{
    Asked, CallContext, JsonObject, LINE, PayloadReply, Question, QuestionField, ToolCall, ToolReply, ToolSpec,
    Toolset, form, told,
};

/// How many open children a person is shown.
const SHOWN_BLOCKERS: usize = 5;

/// Says what `htask_close` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_close",
        title: "Close a parent htask",
        description: "Close an N0, N1 or N2 whose children are completed, or with a waiver, which a person signs.",
        toolset: Toolset::HTask,
        forms: vec![
            form!("htask_close", "Close a parent, with a waiver where policy allows.", close_htask => payload::closed)
                .asking_a_person(brings_a_waiver),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

fn brings_a_waiver(given: &JsonObject) -> bool {
    ["waiver_reason", "waiver_approved_by"]
        .into_iter()
        .any(|name| given.get(name).is_some_and(|text| *text != Value::Null))
}

async fn call(
    context: CallContext,
    request: CloseRequest,
) -> Result<ToolReply<PayloadReply<Changed>>, OrchestratorError> {
    let orchestrator = &context.orchestrator;
    let Some(reason) = request.waiver_reason.clone() else {
        return answer(&orchestrator.close_htask(request).await?);
    };
    let blockers = match orchestrator.close_htask_unwaived(request.clone()).await? {
        Closing::Closed(closed) => return answer(&closed),
        Closing::NeedsWaiver { blockers } => blockers,
    };
    let question = waiver_question(&request, &reason, &blockers);
    match context.person.ask(&question).await? {
        Asked::Pending => Ok(ToolReply::Asked),
        Asked::Answered(answered) => {
            // What the person typed is what is recorded, not what the agent said of the person.
            let waiver_reason = Some(answered.text("reason").map_or(reason, str::to_owned));
            let waiver_approved_by = answered.text("approved_by").map(str::to_owned);
            answer(&orchestrator.close_htask(CloseRequest { waiver_reason, waiver_approved_by, ..request }).await?)
        }
    }
}

fn answer(closed: &Closed) -> Result<ToolReply<PayloadReply<Changed>>, OrchestratorError> {
    let (waived, next_step) = if closed.closed_with_waiver {
        (" with a waiver", "Say that it was closed with a waiver, and what stays open.")
    } else {
        ("", "Go on with htask_next.")
    };
    let line = format!("{}{waived}: {}", closed.status.as_str().to_lowercase(), closed.task_id);
    Ok(ToolReply::Answer(told(payload::closed(closed), vec![line], next_step.to_owned())?))
}

fn waiver_question(request: &CloseRequest, reason: &str, blockers: &[String]) -> Question {
    let CloseRequest { task_id: id, swarm_id, waiver_approved_by: claimed, .. } = request;
    let mut message = vec![format!("An agent wants to close {id} although this is open:")];
    message.extend(blockers.iter().take(SHOWN_BLOCKERS).map(|line| format!("- {}", one_line(line, LINE))));
    if blockers.len() > SHOWN_BLOCKERS {
        message.push(format!("and {} more.", blockers.len() - SHOWN_BLOCKERS));
    }
    message.push(format!("Its reason: {}", one_line(reason, LINE)));
    if let Some(claimed) = claimed {
        message.push(format!("It says that this allows it: {}", one_line(claimed, LINE)));
    }
    let swarm = swarm_id.as_ref().map(|swarm_id| format!(" --swarm-id {swarm_id}")).unwrap_or_default();
    Question {
        tool: "htask_close",
        subject: json!({ "task": id, "swarm": swarm_id, "reason": reason, "approved_by": claimed, "open": blockers }),
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
