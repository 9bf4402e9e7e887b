//! `htask_complete`: completes an htask with evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::{
    CompleteRequest, Completed, Evidence, EvidenceVerdict, FieldError, HTaskId, HTaskRef, InvalidRequest, Request,
    SwarmId, one_line,
};
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::payload::{self, Payload, read};
use crate::tools::flat_tasks;
use crate::tools::handed_in::as_handed_in;
use crate::tools::{
    Answered, CallContext, Form, FormError, FormRequest, JsonObject, LINE, ToolCall, ToolSpec, Toolset, shorten_rows,
    shown_lines, told,
};

/// Says what `htask_complete` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_complete",
        title: "Complete an htask",
        description: "When an htask is finished: complete it with evidence. A proof or run that is named is looked \
                          up; words alone stay unverified.",
        toolset: Toolset::HTask,
        default: true,
        idempotent: true,
        forms: vec![
            Form::of("htask_complete", "Finish a leaf N3 with evidence; may write a memory.", published),
            Form::of(
                "htask_update",
                "Add evidence to an htask: `updates.evidenceProvided`; nothing else.",
                published_update,
            ),
            Form::of(
                "task_complete",
                "Finish a flat task, or block it when it failed. Legacy; see htask_complete.",
                flat_tasks::complete,
            ),
        ],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CompletedTask {
    task_id: String,
    status: String,
    evidence: Vec<Payload>,
}

/// A completion whose evidence may carry the verdicts of its sender.
struct SentCompletion(CompleteRequest);

impl FormRequest for SentCompletion {
    fn schema() -> JsonObject {
        <CompleteRequest as FormRequest>::schema()
    }

    fn read(given: &JsonObject) -> Result<Self, InvalidRequest> {
        let evidence = as_handed_in(read::evidence(given, "evidence"));
        let mut given = given.clone();
        given.insert("evidence".to_owned(), json!(evidence));
        Ok(Self(<CompleteRequest as FormRequest>::read(&given)?))
    }
}

async fn published(
    orchestrator: Orchestrator,
    SentCompletion(mut request): SentCompletion,
) -> Result<JsonObject, FormError> {
    if request.fencing_token.is_none() && request.agent_id.is_none() {
        request.agent_id = holder(&orchestrator, request.swarm_id.as_ref(), &request.task_id).await?;
    }
    Ok(payload::completed(&orchestrator.complete_htask(request).await?))
}

/// The contract's clients cannot say who they are here (snipara-wire.md §4.6). A client that names neither agent nor
/// token is taken for the holder, as the public server takes it.
pub(super) async fn holder(
    orchestrator: &Orchestrator,
    swarm_id: Option<&SwarmId>,
    task_id: &HTaskId,
) -> Result<Option<String>, OrchestratorError> {
    let swarm_id = orchestrator.swarm_or_default(swarm_id).await?;
    let task = orchestrator.htask(HTaskRef { swarm_id, task_id: task_id.clone() }).await?;
    Ok(task.claim.map(|claim| claim.claimed_by))
}

/// What changes of an htask.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
struct Updates {
    /// The fields by name: evidenceProvided.
    updates: JsonObject,
}

impl Request for Updates {}

/// Adds evidence, which is how another server of ours tells what a run has proven; it stays that server's claim.
async fn published_update(
    orchestrator: Orchestrator,
    (task, Updates { updates }): (HTaskRef, Updates),
) -> Result<JsonObject, FormError> {
    let names = ["evidenceProvided", "evidence_provided"];
    if let Some(other) = updates.keys().find(|name| !names.contains(&name.as_str())) {
        let field = format!("updates.{other}");
        return Err(FieldError::new(field, "cannot be updated on this server", "send evidenceProvided alone").into());
    }
    let Some(name) = names.into_iter().find(|name| updates.contains_key(*name)) else {
        return Err(FieldError::new("updates", "changes nothing", "send evidenceProvided").into());
    };
    let told = json!({ "success": true, "task_id": task.task_id, "updated_fields": ["evidenceProvided"] });
    orchestrator.attach_claims(task, as_handed_in(read::evidence(&updates, name))).await?;
    Ok(told.as_object().cloned().unwrap_or_default())
}

async fn call(context: CallContext, request: CompleteRequest) -> Answered<CompletedTask> {
    let orchestrator = &context.orchestrator;
    orchestrator.check_evidence_kinds(&request).await?;
    let completed = orchestrator.complete_htask(request).await?;
    let again = if completed.repeated { ", as it was before" } else { "" };
    let mut lines = vec![format!("{}: {}{again}", completed.status.as_str().to_lowercase(), completed.task_id)];
    lines.extend(shown_lines(&completed.evidence, evidence_line));
    lines.extend(completed.auto_closed_parent.iter().map(|id| format!("closed with it: {id}")));
    lines.extend(completed.released.iter().map(|id| format!("not blocked any more: {id}")));
    lines.extend(completed.linked_memory_id.iter().map(|id| format!("remembered: {id}")));
    lines.extend(completed.warnings.iter().map(|warning| format!("> warning: {}", one_line(warning, LINE))));
    let next_step = after_completion(&completed);
    let mut payload = payload::completed(&completed);
    shorten_rows(&mut payload, "evidence");
    told(payload, lines, next_step)
}

fn evidence_line(item: &Evidence) -> String {
    let given = &item.given;
    let what = [&given.task_id, &given.proof_id, &given.url, &given.description].into_iter().flatten().next();
    let what = what.map(|text| one_line(text, 120)).unwrap_or_default();
    let finding = item.finding.as_ref().map(|finding| format!(" ({})", one_line(finding, 120))).unwrap_or_default();
    format!("> evidence {} {what}: {}{finding}", one_line(&given.kind, 40), item.verdict)
}

fn after_completion(completed: &Completed) -> String {
    if completed.repeated {
        return "Go on with htask_next: it was completed before, and nothing was changed.".to_owned();
    }
    if !completed.evidence.iter().any(|item| item.verdict == EvidenceVerdict::Verified) {
        let id = &completed.task_id;
        return format!("Say that it is unverified: nothing was looked up. Prove it with run_task and htask_id {id}.");
    }
    "Go on with htask_next.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{HTaskStatus, NewEvidence};

    fn completed(verdicts: &[EvidenceVerdict], repeated: bool) -> Completed {
        let given = NewEvidence { kind: "test".to_owned(), ..NewEvidence::default() };
        let item = |verdict: &EvidenceVerdict| Evidence { verdict: *verdict, ..Evidence::claimed(given.clone()) };
        Completed {
            task_id: HTaskId::parse("htask_1").expect("an id"),
            status: HTaskStatus::Completed,
            repeated,
            auto_closed_parent: None,
            released: Vec::new(),
            linked_memory_id: None,
            evidence: verdicts.iter().map(item).collect(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn what_was_only_claimed_is_said_to_be_unverified_with_the_way_to_prove_it() {
        for verdicts in [&[][..], &[EvidenceVerdict::Claimed][..]] {
            let step = after_completion(&completed(verdicts, false));
            assert!(step.contains("unverified") && step.contains("run_task and htask_id htask_1"), "{step}");
        }
        let mixed = completed(&[EvidenceVerdict::Claimed, EvidenceVerdict::Verified], false);
        assert_eq!(after_completion(&mixed), "Go on with htask_next.");
        assert!(after_completion(&completed(&[EvidenceVerdict::Claimed], true)).contains("completed before"));
    }
}
