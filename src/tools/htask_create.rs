//! Making htasks: one, or a feature with its workstreams.

use super::context::CallContext;
use super::spec::{Queueing, ToolCall, ToolSpec, Toolset};
use crate::domain::{Request, Scope};
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    AcceptanceCriterion, EvidenceRequirement, Feature, HTaskLevel, NewFeature, NewHTask, Priority, SwarmId, Workstream,
    one_line,
};
use crate::orchestrator::OrchestratorError;
use crate::snipara::payload;

use super::htask::{htask_id, line};
use super::payload_reply::{Answered, in_swarm, shorten_answer, told};

/// Says what `htask_create` is.
pub(super) fn htask_create_spec() -> ToolSpec {
    ToolSpec {
        name: "htask_create",
        title: "Create an htask",
        description: "When work has several pieces: plan each as an htask that others can see and take.",
        toolset: Toolset::HTask,
        default: true,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_create),
        forms: Vec::new(),
    }
}

/// Says what `htask_create_feature` is.
pub(super) fn htask_create_feature_spec() -> ToolSpec {
    ToolSpec {
        name: "htask_create_feature",
        title: "Create a feature",
        description: "Create a feature (N1) with a workstream (N2) for each kind of work.",
        toolset: Toolset::HTask,
        default: false,
        scope: Scope::Write,
        destructive: false,
        idempotent: false,
        open_world: false,
        queueing: Queueing::Turn,
        header: None,
        call: ToolCall::of(htask_create_feature),
        forms: Vec::new(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskCreateParams {
    title: String,
    description: String,
    /// Who answers for it.
    owner: String,
    /// Default the project's.
    #[serde(default)]
    swarm_id: Option<String>,
    /// Default N3_TASK.
    #[serde(default)]
    level: Option<HTaskLevel>,
    #[serde(default)]
    parent_id: Option<String>,
    /// Default P1.
    #[serde(default)]
    priority: Option<Priority>,
    /// Task ids to complete first.
    #[serde(default)]
    depends_on: Option<Vec<String>>,
    #[serde(default)]
    evidence_required: Option<Vec<RequirementParams>>,
    #[serde(default)]
    acceptance_criteria: Option<Vec<CriterionParams>>,
    /// N2 only, such as API.
    #[serde(default)]
    workstream_type: Option<String>,
    /// For CUSTOM.
    #[serde(default)]
    custom_workstream_type: Option<String>,
    /// Whether its parent waits for it; default true.
    #[serde(default)]
    is_blocking: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RequirementParams {
    /// test, proof, link or note.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CriterionParams {
    text: String,
}

impl HTaskCreateParams {
    /// Everything but the swarm, refused before anything is opened.
    fn task(self) -> Result<impl FnOnce(SwarmId) -> NewHTask, OrchestratorError> {
        let parent_id = self.parent_id.as_deref().map(|id| htask_id("parent_id", id)).transpose()?;
        let workstream_type = self.workstream_type.as_deref().map(Workstream::parse).transpose()?;
        let depends_on = self.depends_on.unwrap_or_default();
        let depends_on = depends_on.iter().enumerate();
        let depends_on = depends_on
            .map(|(index, id)| htask_id(&format!("depends_on[{index}]"), id))
            .collect::<Result<Vec<_>, _>>()?;
        let requirement = |given: RequirementParams| EvidenceRequirement {
            kind: given.kind,
            description: given.description.unwrap_or_default(),
        };
        let criterion = |(index, given): (usize, CriterionParams)| AcceptanceCriterion {
            id: (index + 1).to_string(),
            text: given.text,
            checked: false,
        };
        let evidence_required = self.evidence_required.unwrap_or_default().into_iter().map(requirement).collect();
        let acceptance_criteria =
            self.acceptance_criteria.unwrap_or_default().into_iter().enumerate().map(criterion).collect();
        Ok(move |swarm_id| {
            let usual = NewHTask::new(swarm_id, self.title, self.description, self.owner);
            NewHTask {
                level: self.level.unwrap_or(usual.level),
                parent_id,
                priority: self.priority.unwrap_or(usual.priority),
                workstream_type,
                custom_workstream_type: self.custom_workstream_type,
                acceptance_criteria,
                depends_on,
                evidence_required,
                is_blocking: self.is_blocking.unwrap_or(usual.is_blocking),
                ..usual
            }
        })
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Created {
    task_id: String,
    swarm_id: String,
}

impl Request for HTaskCreateParams {}

async fn htask_create(context: CallContext, given: HTaskCreateParams) -> Answered<Created> {
    let swarm_id = given.swarm_id.clone();
    let task = given.task()?;
    let (orchestrator, swarm) = in_swarm(&context, swarm_id.as_deref()).await?;
    let mut task = orchestrator.create_htask(task(swarm.clone())).await?;
    let id = &task.task_id;
    let next_step = match task.level {
        HTaskLevel::N3 if task.evidence_required.is_empty() => {
            format!("Take it with htask_next and claim_for_agent; prove it with run_task and htask_id {id}.")
        }
        HTaskLevel::N3 => {
            let kinds = task.evidence_required.iter().map(|item| one_line(&item.kind, 40)).collect::<Vec<_>>();
            format!("Take it with htask_next and claim_for_agent; complete it with evidence: {}.", kinds.join(", "))
        }
        HTaskLevel::N0 | HTaskLevel::N1 | HTaskLevel::N2 => {
            format!("Create what is under it with htask_create and parent_id {id}.")
        }
    };
    let lines = vec![format!("created {}", line(&task).trim_start_matches("- "))];
    // A host does not tell the swarm; the one that was meant is known.
    task.swarm_id.get_or_insert(swarm);
    let mut payload = payload::htask_created(&task);
    shorten_answer(&mut payload);
    told(payload, lines, next_step)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HTaskCreateFeatureParams {
    title: String,
    description: String,
    /// Who answers for it.
    owner: String,
    /// Default the project's.
    #[serde(default)]
    swarm_id: Option<String>,
    /// An N0.
    #[serde(default)]
    parent_id: Option<String>,
    /// Default API, FRONTEND, QA, BUGFIX_HARDENING, DEPLOY_PROD_VERIFY.
    #[serde(default)]
    workstreams: Option<Vec<String>>,
    /// Labels of your own.
    #[serde(default)]
    custom_workstreams: Option<Vec<String>>,
    /// By type or CUSTOM:label; default owner.
    #[serde(default)]
    workstream_owners: Option<BTreeMap<String, String>>,
    /// A starter task in each; default false.
    #[serde(default)]
    create_actionable_tasks: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CreatedFeature {
    feature_id: String,
    /// Type → id.
    workstream_ids: Map<String, Value>,
}

impl Request for HTaskCreateFeatureParams {}

async fn htask_create_feature(context: CallContext, given: HTaskCreateFeatureParams) -> Answered<CreatedFeature> {
    let parent_id = given.parent_id.as_deref().map(|id| htask_id("parent_id", id)).transpose()?;
    let (orchestrator, swarm_id) = in_swarm(&context, given.swarm_id.as_deref()).await?;
    let feature = NewFeature {
        swarm_id,
        title: given.title,
        description: given.description,
        owner: given.owner,
        parent_id,
        workstreams: given.workstreams,
        custom_workstreams: given.custom_workstreams.unwrap_or_default(),
        workstream_owners: given.workstream_owners.unwrap_or_default(),
        create_actionable_tasks: given.create_actionable_tasks.unwrap_or_default(),
    };
    let feature = orchestrator.create_feature(feature).await?;
    let id = feature.feature_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![format!("created feature {id}: {}", one_line(&feature.title, 120))];
    lines.extend(feature.workstreams.iter().map(|(name, id)| format!("- {} {id}", one_line(name, 60))));
    let next_step = after_feature(&feature, &id);
    told(payload::feature(&feature), lines, next_step)
}

fn after_feature(feature: &Feature, id: &str) -> String {
    if feature.starter_tasks.iter().any(|(_, ids)| !ids.is_empty()) {
        return format!("Take the first task with htask_next, feature_id {id} and claim_for_agent.");
    }
    match feature.workstreams.first() {
        Some((name, workstream)) => {
            format!("Create the tasks of {} with htask_create and parent_id {workstream}.", one_line(name, 60))
        }
        None => format!("Create what is under it with htask_create and parent_id {id}."),
    }
}
