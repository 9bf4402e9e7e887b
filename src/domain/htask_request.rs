//! What is asked about htasks, and what is answered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::field::{check_length, check_range, check_text};
use super::{
    AcceptanceCriterion, BlockerType, Evidence, EvidenceRequirement, ExecutionTarget, FieldError, HTask, HTaskId,
    HTaskLevel, HTaskNode, HTaskStatus, MAX_TEXT_BYTES, MemoryId, Priority, SwarmId, Workstream,
};

/// The longest title or owner, in bytes.
const MAX_TITLE_BYTES: usize = 500;
/// The most items of any list of one request.
const MAX_ITEMS: usize = 200;

/// An htask of a swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HTaskRef {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The htask.
    pub task_id: HTaskId,
}

/// An htask to make.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHTask {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Its title.
    pub title: String,
    /// What is to be done.
    pub description: String,
    /// Who answers for it.
    pub owner: String,
    /// Its level.
    pub level: HTaskLevel,
    /// What it is under; a missing parent makes a root at any level (snipara-wire.md §5.3).
    pub parent_id: Option<HTaskId>,
    /// How urgent it is.
    pub priority: Priority,
    /// When it should be done.
    pub eta_target: Option<String>,
    /// Where it is to be carried out.
    pub execution_target: Option<ExecutionTarget>,
    /// What a workstream is about; needed at N2.
    pub workstream_type: Option<Workstream>,
    /// The label of a `CUSTOM` workstream.
    pub custom_workstream_type: Option<String>,
    /// What must hold.
    pub acceptance_criteria: Vec<AcceptanceCriterion>,
    /// What to read.
    pub context_refs: Vec<String>,
    /// What must be completed first.
    pub depends_on: Vec<HTaskId>,
    /// What evidence it needs.
    pub evidence_required: Vec<EvidenceRequirement>,
    /// Whether its parent waits for it.
    pub is_blocking: bool,
}

impl NewHTask {
    /// Makes an N3 with the contract's defaults: P1, blocking.
    pub fn new(
        swarm_id: SwarmId,
        title: impl Into<String>,
        description: impl Into<String>,
        owner: impl Into<String>,
    ) -> Self {
        Self {
            swarm_id,
            title: title.into(),
            description: description.into(),
            owner: owner.into(),
            level: HTaskLevel::N3,
            parent_id: None,
            priority: Priority::P1,
            eta_target: None,
            execution_target: None,
            workstream_type: None,
            custom_workstream_type: None,
            acceptance_criteria: Vec::new(),
            context_refs: Vec::new(),
            depends_on: Vec::new(),
            evidence_required: Vec::new(),
            is_blocking: true,
        }
    }

    /// Refuses what cannot be made, as far as the request alone tells.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_words(&self.title, &self.description, &self.owner)?;
        if self.level == HTaskLevel::N0 && self.parent_id.is_some() {
            return Err(FieldError::new("parent_id", "is given for an N0_INITIATIVE", "leave it out: N0 is a root"));
        }
        if self.level == HTaskLevel::N2 && self.workstream_type.is_none() {
            return Err(FieldError::new("workstream_type", "is missing for an N2_WORKSTREAM", "give one, such as API"));
        }
        if self.workstream_type.is_some() && self.level != HTaskLevel::N2 {
            return Err(FieldError::new(
                "workstream_type",
                format!("is given for an {}", self.level),
                "leave it out: only N2_WORKSTREAM has one",
            ));
        }
        if self.workstream_type == Some(Workstream::Custom) {
            let label = self.custom_workstream_type.as_deref().unwrap_or_default();
            check_text("custom_workstream_type", label, MAX_TITLE_BYTES)?;
        }
        if let Some(eta) = &self.eta_target {
            check_length("eta_target", eta, MAX_TITLE_BYTES)?;
        }
        check_items("acceptance_criteria", self.acceptance_criteria.len())?;
        check_items("context_refs", self.context_refs.len())?;
        check_items("depends_on", self.depends_on.len())?;
        check_items("evidence_required", self.evidence_required.len())?;
        for (index, criterion) in self.acceptance_criteria.iter().enumerate() {
            check_text(&format!("acceptance_criteria[{index}].text"), &criterion.text, 4_096)?;
        }
        for (index, reference) in self.context_refs.iter().enumerate() {
            check_text(&format!("context_refs[{index}]"), reference, 4_096)?;
        }
        for (index, requirement) in self.evidence_required.iter().enumerate() {
            check_text(&format!("evidence_required[{index}].type"), &requirement.kind, 100)?;
            check_length(&format!("evidence_required[{index}].description"), &requirement.description, 4_096)?;
        }
        Ok(())
    }
}

/// A feature to make: an N1 with its workstreams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeature {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Who answers for it.
    pub owner: String,
    /// The N0 that it is under.
    pub parent_id: Option<HTaskId>,
    /// Workstreams: standard words, or labels of one's own; `None` is the five usual ones (snipara-wire.md §4.6).
    pub workstreams: Option<Vec<String>>,
    /// Labels of workstreams of one's own.
    pub custom_workstreams: Vec<String>,
    /// Owners of workstreams, by type or `CUSTOM:<label>`.
    pub workstream_owners: BTreeMap<String, String>,
    /// Whether each workstream gets a starter N3.
    pub create_actionable_tasks: bool,
}

impl NewFeature {
    /// Refuses what cannot be made, as far as the request alone tells.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_words(&self.title, &self.description, &self.owner)?;
        let labels = self.workstreams.iter().flatten().chain(&self.custom_workstreams);
        check_items("workstreams", labels.clone().count())?;
        for label in labels {
            check_text("workstreams", label, MAX_TITLE_BYTES)?;
        }
        Ok(())
    }
}

/// A feature that was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feature {
    /// The feature.
    pub feature_id: Option<HTaskId>,
    /// Its title.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The swarm.
    pub swarm_id: Option<SwarmId>,
    /// The workstreams in order: type or `CUSTOM:<label>`, and id.
    pub workstreams: Vec<(String, HTaskId)>,
    /// The starter N3s of each workstream.
    pub starter_tasks: Vec<(String, Vec<HTaskId>)>,
}

/// What to work on next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// How many at most: 1 to 100.
    pub limit: i64,
    /// Of this owner only.
    pub owner: Option<String>,
    /// Under this feature only.
    pub feature_id: Option<HTaskId>,
    /// In workstreams of this type only.
    pub workstream_type: Option<Workstream>,
    /// Whether blocked ones are listed, too; they are never claimed.
    pub include_blocked: bool,
    /// Who claims what is answered.
    pub claim_for_agent: Option<String>,
    /// How long the lease is, in seconds: 1 to 86,400; `None` is the swarm's task time-out.
    pub lease_seconds: Option<i64>,
    /// This htask only; only the embedded store can pick one.
    pub only: Option<HTaskId>,
    /// A claimed htask whose lease to renew instead; its token must be given and still be the right one.
    pub renew: Option<(HTaskId, i64)>,
}

impl NextQuery {
    /// Asks for five, without claiming.
    pub const fn new(swarm_id: SwarmId) -> Self {
        Self {
            swarm_id,
            limit: 5,
            owner: None,
            feature_id: None,
            workstream_type: None,
            include_blocked: false,
            claim_for_agent: None,
            lease_seconds: None,
            only: None,
            renew: None,
        }
    }

    /// Refuses what cannot be asked.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_range("limit", self.limit, 1..=100)?;
        if let Some(agent) = &self.claim_for_agent {
            check_text("claim_for_agent", agent, 256)?;
        }
        if self.renew.is_some() && self.claim_for_agent.is_none() {
            return Err(FieldError::new(
                "claim_for_agent",
                "is missing for a renewal",
                "give the agent that holds the lease",
            ));
        }
        self.lease_seconds.map_or(Ok(()), |seconds| check_range("lease_seconds", seconds, 1..=86_400))
    }
}

/// What to work on next, best first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NextBatch {
    /// The htasks; claimed ones carry their claim.
    pub tasks: Vec<HTask>,
    /// The titles of what is above each, outermost first, in the same order as `tasks`.
    pub paths: Vec<Vec<String>>,
    /// How many are ready in all.
    pub total: u64,
    /// What the agent that claims held before, the first lease to end first; the first twenty.
    pub already_yours: Vec<HTask>,
}

/// An htask to complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The htask: an N3.
    pub task: HTaskRef,
    /// The evidence, looked up already.
    pub evidence: Vec<Evidence>,
    /// What came out: an object, or a text.
    pub result: Option<Value>,
    /// What others should know.
    pub learnings: Vec<String>,
    /// What was decided.
    pub decision_impact: Option<String>,
    /// Whether a memory is written.
    pub create_memory: bool,
    /// Who completes it.
    pub agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it.
    pub fencing_token: Option<i64>,
}

/// What completing did.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    /// The htask.
    pub task_id: HTaskId,
    /// Where it stands.
    pub status: HTaskStatus,
    /// Whether it was completed before; nothing was changed then.
    pub repeated: bool,
    /// The parent that was closed with it.
    pub auto_closed_parent: Option<HTaskId>,
    /// The memory that was written.
    pub linked_memory_id: Option<MemoryId>,
    /// The evidence as it is kept.
    pub evidence: Vec<Evidence>,
    /// What the caller should know besides.
    pub warnings: Vec<String>,
}

/// Which tree to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeQuery {
    /// The swarm.
    pub swarm_id: SwarmId,
    /// The root; `None` is every root.
    pub task_id: Option<HTaskId>,
    /// How many levels at most: 1 to 10.
    pub max_depth: i64,
    /// Whether archived ones are shown.
    pub include_archived: bool,
    /// Whether completed and cancelled ones are shown.
    pub include_completed: bool,
}

impl TreeQuery {
    /// Asks for every root, four levels deep.
    pub const fn new(swarm_id: SwarmId) -> Self {
        Self { swarm_id, task_id: None, max_depth: 4, include_archived: false, include_completed: true }
    }

    /// Refuses what cannot be shown.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_range("max_depth", self.max_depth, 1..=10)
    }
}

/// Trees of htasks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HTaskTree {
    /// The roots, by sequence.
    pub trees: Vec<HTaskNode>,
    /// Whether one root was asked for by id.
    pub single: bool,
}

/// An htask to block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRequest {
    /// The htask.
    pub task: HTaskRef,
    /// What kind of thing is in the way.
    pub blocker_type: BlockerType,
    /// What it is.
    pub blocker_reason: String,
    /// The htask that is in the way.
    pub blocked_by_task_id: Option<HTaskId>,
    /// What somebody must give.
    pub required_input: Option<String>,
    /// When it is expected to be out of the way.
    pub eta_recovery: Option<String>,
    /// Who is asked for help.
    pub escalation_to: Option<String>,
    /// Who blocks it.
    pub agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it.
    pub fencing_token: Option<i64>,
}

impl BlockRequest {
    /// Refuses what cannot block.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        check_text("blocker_reason", &self.blocker_reason, MAX_TEXT_BYTES)?;
        for (field, text) in [
            ("required_input", &self.required_input),
            ("eta_recovery", &self.eta_recovery),
            ("escalation_to", &self.escalation_to),
        ] {
            text.as_deref().map_or(Ok(()), |text| check_length(field, text, 4_096))?;
        }
        Ok(())
    }
}

/// What blocking or unblocking did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockChange {
    /// The htask.
    pub task_id: HTaskId,
    /// Where it stands.
    pub status: HTaskStatus,
    /// The ancestors whose status changed with it, nearest first.
    pub ancestors: Vec<HTaskId>,
}

/// A parent to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseRequest {
    /// The htask: N0 to N2.
    pub task: HTaskRef,
    /// Why it is closed although children are open.
    pub waiver_reason: Option<String>,
    /// Who allows that.
    pub waiver_approved_by: Option<String>,
}

impl CloseRequest {
    /// Refuses half a waiver, and one that says nothing.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), FieldError> {
        let (reason, approver) = (&self.waiver_reason, &self.waiver_approved_by);
        if reason.is_none() && approver.is_none() {
            return Ok(());
        }
        for (field, text) in [("waiver_reason", reason), ("waiver_approved_by", approver)] {
            let Some(text) = text else {
                return Err(FieldError::new(field, "is missing", "a waiver needs a reason and who approved it"));
            };
            check_text(field, text, 4_096)?;
        }
        Ok(())
    }
}

/// A parent that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The htask.
    pub task_id: HTaskId,
    /// Where it stands.
    pub status: HTaskStatus,
    /// Whether a waiver was used.
    pub closed_with_waiver: bool,
}

fn check_words(title: &str, description: &str, owner: &str) -> Result<(), FieldError> {
    check_text("title", title, MAX_TITLE_BYTES)?;
    check_text("description", description, MAX_TEXT_BYTES)?;
    check_text("owner", owner, MAX_TITLE_BYTES)
}

fn check_items(field: &str, count: usize) -> Result<(), FieldError> {
    if count <= MAX_ITEMS {
        return Ok(());
    }
    Err(FieldError::new(field, format!("has {count} items"), format!("give at most {MAX_ITEMS}")))
}
