//! Completing an htask with evidence.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Completed, Evidence, EvidenceVerdict, NewEvidence, one_line};
use crate::orchestrator::CompletionRequest;
use crate::snipara::payload::{self, Payload};

use super::htask::{htask_id, htask_ref};
use super::payload_reply::{Answered, LINE, in_swarm, shorten_rows, shown_lines, told};

/// Says what `htask_complete` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_complete",
        title: "Complete an htask",
        description: "When an htask is finished: complete it with evidence. A proof or run that is named is looked \
                          up; words alone stay unverified.",
        toolset: Toolset::HTask,
        default: true,
        scope: Scope::Write,
        destructive: false,
        idempotent: true,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_complete),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskCompleteParams {
    #[serde(default)]
    swarm_id: Option<String>,
    /// The htask.
    task_id: String,
    #[serde(default)]
    evidence: Option<Vec<EvidenceParams>>,
    /// What came out.
    #[serde(default)]
    result: Option<ResultParam>,
    #[serde(default)]
    learnings: Option<Vec<String>>,
    #[serde(default)]
    decision_impact: Option<String>,
    #[serde(default)]
    agent_id: Option<String>,
    /// Of your claim.
    #[serde(default)]
    fencing_token: Option<i64>,
    /// Default true.
    #[serde(default)]
    create_memory: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceParams {
    /// test, proof, link or note.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    url: Option<String>,
    /// Its seq.
    #[serde(default)]
    proof_id: Option<String>,
    /// Of a run_task that is done.
    #[serde(default)]
    task_id: Option<String>,
}

impl From<EvidenceParams> for NewEvidence {
    fn from(given: EvidenceParams) -> Self {
        Self {
            kind: given.kind,
            description: given.description,
            url: given.url,
            proof_id: given.proof_id,
            task_id: given.task_id,
            metadata: None,
        }
    }
}

/// An object, or a text.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct ResultParam(Value);

impl JsonSchema for ResultParam {
    fn schema_name() -> Cow<'static, str> {
        "Result".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["object", "string"] })
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CompletedTask {
    task_id: String,
    status: String,
    evidence: Vec<Payload>,
}

impl Request for HTaskCompleteParams {}

async fn htask_complete(context: CallContext, given: HTaskCompleteParams) -> Answered<CompletedTask> {
    let task_id = htask_id("task_id", &given.task_id)?;
    let evidence: Vec<NewEvidence> = given.evidence.unwrap_or_default().into_iter().map(NewEvidence::from).collect();
    for (index, item) in evidence.iter().enumerate() {
        item.check(&format!("evidence[{index}]"))?;
    }
    let (orchestrator, swarm) = in_swarm(&context, given.swarm_id.as_deref()).await?;
    let request = CompletionRequest {
        evidence,
        result: given.result.map(|result| result.0),
        learnings: given.learnings.unwrap_or_default(),
        decision_impact: given.decision_impact,
        create_memory: given.create_memory.unwrap_or(true),
        agent_id: given.agent_id,
        fencing_token: given.fencing_token,
        ..CompletionRequest::new(htask_ref(swarm, task_id))
    };
    orchestrator.check_evidence_kinds(&request.task, &request.evidence).await?;
    let completed = orchestrator.complete_htask(request).await?;
    let again = if completed.repeated { ", as it was before" } else { "" };
    let mut lines = vec![format!("{}: {}{again}", completed.status.as_str().to_lowercase(), completed.task_id)];
    lines.extend(shown_lines(&completed.evidence, evidence_line));
    lines.extend(completed.auto_closed_parent.iter().map(|id| format!("closed with it: {id}")));
    lines.extend(completed.linked_memory_id.iter().map(|id| format!("remembered: {id}")));
    lines.extend(completed.warnings.iter().map(|warning| format!("warning: {}", one_line(warning, LINE))));
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
    format!("- evidence {} {what}: {}{finding}", one_line(&given.kind, 40), item.verdict)
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
    use crate::domain::{HTaskId, HTaskStatus};

    fn completed(verdicts: &[EvidenceVerdict], repeated: bool) -> Completed {
        let given = NewEvidence { kind: "test".to_owned(), ..NewEvidence::default() };
        let item = |verdict: &EvidenceVerdict| Evidence {
            given: given.clone(),
            verdict: *verdict,
            finding: None,
            observed_at: None,
        };
        Completed {
            task_id: HTaskId::parse("htask_1").expect("an id"),
            status: HTaskStatus::Completed,
            repeated,
            auto_closed_parent: None,
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
