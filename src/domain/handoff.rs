//! The companion handoff: what a companion tool hands over for agents to work on (handoff.md).
//!
//! Keys are camelCase on the wire; snake_case is read, too. Fields that are not known are kept and not looked at.

#![expect(missing_docs, reason = "the names say it")]

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The longest part of a state key that names the workflow, in bytes.
const MAX_SLUG_BYTES: usize = 200;

/// A handoff, as it was written and as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Handoff {
    /// The whole file, with camelCase keys.
    pub document: Value,
    /// What is known of it.
    pub plan: HandoffPlan,
}

/// What is known of a handoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffPlan {
    /// The version of the file's form.
    pub schema_version: String,
    /// Who wrote it.
    pub source: HandoffSource,
    /// What is to be done, in phases.
    pub workflow: HandoffWorkflow,
    /// What runs in a sandbox.
    #[serde(default)]
    pub runtime: HandoffRuntime,
    /// How far an orchestrator is wanted.
    pub routing: HandoffRouting,
    /// The task.
    pub task: HandoffTask,
    /// The repository as it was.
    pub repo: HandoffRepository,
    /// The swarm, and what is to be claimed.
    pub coordination: HandoffCoordination,
    /// What must be shown.
    pub validation: HandoffValidation,
    /// What is to be remembered.
    pub memory: HandoffMemory,
}

/// Who wrote a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffSource {
    pub client: String,
    pub command: String,
    /// A date and time, as it was written.
    pub generated_at: String,
}

/// What is to be done, in phases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffWorkflow {
    #[serde(default = "full")]
    pub mode: String,
    pub workflow_id: Option<String>,
    pub current_phase_id: Option<String>,
    #[serde(default)]
    pub phases: Vec<HandoffPhase>,
}

/// A phase of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffPhase {
    pub id: String,
    pub title: String,
    pub query: String,
    #[serde(default = "pending")]
    pub status: String,
    pub acceptance: Option<String>,
    #[serde(default)]
    pub files: Vec<String>,
    #[serde(default)]
    pub gates: Vec<String>,
    #[serde(default)]
    pub needs_runtime: bool,
}

/// What runs in a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HandoffRuntime {
    pub sandbox: Option<HandoffSandbox>,
}

/// A sandbox and the phases that run in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffSandbox {
    #[serde(default = "snipara_sandbox")]
    pub provider: String,
    #[serde(default)]
    pub phases: Vec<HandoffSandboxPhase>,
}

/// A phase that runs in a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffSandboxPhase {
    pub phase_id: String,
    pub title: String,
    pub bootstrap_query: String,
    #[serde(default)]
    pub files: Vec<String>,
    #[serde(default)]
    pub artifacts: Vec<String>,
    pub session_id: Option<String>,
    pub environment: Option<String>,
    pub profile: Option<String>,
    #[serde(default)]
    pub has_checkpoint: bool,
    pub checkpoint_summary: Option<String>,
    /// A date and time, as it was written.
    pub checkpoint_captured_at: Option<String>,
}

/// How far an orchestrator is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffRouting {
    /// `confirm` and `auto` ask for an orchestrator.
    pub level: String,
    #[serde(default)]
    pub reasons: Vec<String>,
    pub policy_source: Option<String>,
}

/// The task of a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffTask {
    pub title: String,
    pub query: String,
    pub summary: String,
}

/// The repository as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffRepository {
    pub root: String,
    pub branch: Option<String>,
    pub head_sha: Option<String>,
    #[serde(default)]
    pub changed_files: Vec<String>,
}

/// The swarm, and what is to be claimed and made there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffCoordination {
    pub swarm_id: Option<String>,
    #[serde(default)]
    pub claim_scope: HandoffClaimScope,
    #[serde(default)]
    pub htask: HandoffFeature,
}

/// What is to be claimed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HandoffClaimScope {
    pub files: Vec<String>,
    pub symbols: Vec<String>,
}

/// The feature that is to be made, when it has a title or workstreams.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HandoffFeature {
    pub feature_title: Option<String>,
    pub workstreams: Vec<String>,
}

/// What must be shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HandoffValidation {
    pub requires_proof_gate: bool,
    pub requires_drift_check: bool,
    pub live_checks: Vec<HandoffLiveCheck>,
    pub required_evidence: Vec<HandoffEvidence>,
}

/// A live check as the companion tool wrote it; it is handed on, not run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandoffLiveCheck {
    /// The address.
    pub url: String,
    /// All else.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Evidence that is required.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandoffEvidence {
    /// The kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it must show.
    pub description: String,
    /// Where it can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// What is to be remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HandoffMemory {
    pub decision_ids: Vec<String>,
    pub context_refs: Vec<String>,
    pub resume_summary: Option<String>,
}

fn full() -> String {
    "full".to_owned()
}

fn pending() -> String {
    "pending".to_owned()
}

fn snipara_sandbox() -> String {
    "snipara-sandbox".to_owned()
}

impl Handoff {
    /// Returns what the state keys of this handoff begin with: `coordination:` and its workflow, else its task, as a
    /// word of lower-case letters and digits.
    pub fn state_prefix(&self) -> String {
        let workflow = self.plan.workflow.workflow_id.as_deref().filter(|id| !id.is_empty());
        let lower = workflow.unwrap_or(&self.plan.task.title).to_lowercase();
        let words = lower.split(|character: char| !character.is_ascii_lowercase() && !character.is_ascii_digit());
        let mut slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        slug.truncate(MAX_SLUG_BYTES);
        let slug = if slug.is_empty() { "handoff" } else { slug.trim_end_matches('-') };
        format!("coordination:{slug}")
    }

    /// Returns the swarm that it names.
    pub fn swarm_id(&self) -> Option<&str> {
        self.plan.coordination.swarm_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Returns the title of the feature that it asks for, if it asks for one.
    pub fn feature_title(&self) -> Option<&str> {
        let htask = &self.plan.coordination.htask;
        let title = htask.feature_title.as_deref().filter(|title| !title.is_empty());
        title.or_else(|| (!htask.workstreams.is_empty()).then_some(self.plan.task.title.as_str()))
    }

    /// Returns the phases that run in a sandbox, by id.
    pub fn runtime_phase_ids(&self) -> Vec<String> {
        self.sandbox_phases().map(|phase| phase.phase_id.clone()).collect()
    }

    /// Returns the phases that run in a sandbox and have a checkpoint, by id.
    pub fn checkpointed_phase_ids(&self) -> Vec<String> {
        self.sandbox_phases().filter(|phase| phase.has_checkpoint).map(|phase| phase.phase_id.clone()).collect()
    }

    fn sandbox_phases(&self) -> impl Iterator<Item = &HandoffSandboxPhase> {
        self.plan.runtime.sandbox.iter().flat_map(|sandbox| &sandbox.phases)
    }

    /// Returns the state keys of this handoff and their values; `feature` is the id of the feature that was made.
    pub fn state(&self, feature: Option<&str>) -> [(String, Value); 4] {
        let plan = &self.plan;
        let key = |name: &str| format!("{}:{name}", self.state_prefix());
        let coordination_plan = json!({
            "workflow": plan.workflow, "routing": plan.routing, "task": plan.task, "repo": plan.repo,
            "feature_task_id": feature, "feature_task_title": self.feature_title(),
            "worker_execution_model": "external", "workers_spawned": 0,
            "workflow_phase_count": plan.workflow.phases.len(),
            "runtime_phase_ids": self.runtime_phase_ids(),
            "runtime_checkpointed_phase_ids": self.checkpointed_phase_ids(),
            "status": "ready",
        });
        [
            (key("companion_handoff"), self.document.clone()),
            (key("coordination_plan"), coordination_plan),
            (key("claim_scope"), json!(plan.coordination.claim_scope)),
            (key("validation_requirements"), json!(plan.validation)),
        ]
    }
}
