//! An htask to make.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds::{MAX_ITEMS, MAX_NOTE_BYTES, MAX_TITLE_BYTES, check_items, check_words};
use crate::domain::worded::objects_or_texts;
use crate::domain::{
    AcceptanceCriterion, EvidenceRequirement, ExecutionTarget, FieldError, HTaskId, HTaskLevel, InvalidRequest,
    Priority, Request, SwarmId, Workstream, check_length, check_text, yes,
};

/// An htask to make; by default an N3 of priority P1 that its parent waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHTask {
    /// Its title.
    pub title: String,
    /// What is to be done.
    pub description: String,
    /// Who answers for it.
    #[schemars(extend("x-model" = true))]
    pub owner: String,
    /// The swarm; the project's own when not given.
    #[schemars(extend("x-model" = "Default the project's."))]
    pub swarm_id: Option<SwarmId>,
    /// Its level.
    #[serde(default)]
    #[schemars(extend("x-model" = "Default N3_TASK."))]
    pub level: HTaskLevel,
    /// What it is under; a missing parent makes a root at any level (snipara-wire.md §5.3).
    pub parent_id: Option<HTaskId>,
    /// How urgent it is.
    #[serde(default)]
    #[schemars(extend("x-model" = "Default P1."))]
    pub priority: Priority,
    /// What must be completed first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-model" = "Task ids to complete first."))]
    pub depends_on: Vec<HTaskId>,
    /// What evidence it needs: an object, or type:description.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "objects_or_texts")]
    pub evidence_required: Vec<EvidenceRequirement>,
    /// What must hold: a text, or {"text": …}.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "objects_or_texts")]
    pub acceptance_criteria: Vec<AcceptanceCriterion>,
    /// What an N2 is about: API, FRONTEND, QA, …
    #[schemars(with = "Option<String>", extend("x-model" = "N2 only, such as API."))]
    pub workstream_type: Option<Workstream>,
    /// The label of a CUSTOM workstream.
    #[schemars(extend("x-model" = "For CUSTOM."))]
    pub custom_workstream_type: Option<String>,
    /// Its parent does not wait for it.
    #[serde(default = "yes")]
    #[schemars(extend("x-model" = "Whether its parent waits for it; default true."))]
    pub is_blocking: bool,
    /// When it should be done.
    #[schemars(extend("x-unlisted" = true))]
    pub eta_target: Option<String>,
    /// Where it is to be carried out.
    #[schemars(extend("x-unlisted" = true))]
    pub execution_target: Option<ExecutionTarget>,
    /// What to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-unlisted" = true))]
    pub context_refs: Vec<String>,
    /// Add the sections of the project's documents that answer this to what to read.
    #[serde(skip_serializing)]
    #[schemars(extend("x-unlisted" = true))]
    pub context_query: Option<String>,
}

impl NewHTask {
    /// Makes an N3 with the contract's defaults: P1, blocking.
    pub fn new(
        swarm_id: impl Into<Option<SwarmId>>,
        title: impl Into<String>,
        description: impl Into<String>,
        owner: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            owner: owner.into(),
            swarm_id: swarm_id.into(),
            level: HTaskLevel::default(),
            parent_id: None,
            priority: Priority::default(),
            depends_on: Vec::new(),
            evidence_required: Vec::new(),
            acceptance_criteria: Vec::new(),
            workstream_type: None,
            custom_workstream_type: None,
            is_blocking: true,
            eta_target: None,
            execution_target: None,
            context_refs: Vec::new(),
            context_query: None,
        }
    }

    /// Gives each criterion that has no id its number.
    pub(crate) fn number_criteria(&mut self) {
        for (number, criterion) in (1..).zip(&mut self.acceptance_criteria) {
            if criterion.id.trim().is_empty() {
                criterion.id = format!("{number}");
            }
        }
    }
}

impl Request for NewHTask {
    fn check(&self) -> Result<(), InvalidRequest> {
        let refused = |field: &str, problem: &str, fix: &str| Err(FieldError::new(field, problem, fix).into());
        check_words(&self.title, &self.description, &self.owner)?;
        if self.level == HTaskLevel::N0 && self.parent_id.is_some() {
            return refused("parent_id", "is given for an N0_INITIATIVE", "leave it out: N0 is a root");
        }
        if self.level == HTaskLevel::N2 && self.workstream_type.is_none() {
            return refused("workstream_type", "is missing for an N2_WORKSTREAM", "give one, such as API");
        }
        if self.workstream_type.is_some() && self.level != HTaskLevel::N2 {
            let problem = format!("is given for an {}", self.level);
            return refused("workstream_type", &problem, "leave it out: only N2_WORKSTREAM has one");
        }
        if self.workstream_type == Some(Workstream::Custom) {
            let label = self.custom_workstream_type.as_deref().unwrap_or_default();
            check_text("custom_workstream_type", label, MAX_TITLE_BYTES)?;
        }
        if let Some(eta) = &self.eta_target {
            check_length("eta_target", eta, MAX_TITLE_BYTES)?;
        }
        for (field, count) in [
            ("acceptance_criteria", self.acceptance_criteria.len()),
            ("context_refs", self.context_refs.len()),
            ("depends_on", self.depends_on.len()),
            ("evidence_required", self.evidence_required.len()),
        ] {
            check_items(field, count, MAX_ITEMS)?;
        }
        for (index, criterion) in self.acceptance_criteria.iter().enumerate() {
            check_text(&format!("acceptance_criteria[{index}].text"), &criterion.text, MAX_NOTE_BYTES)?;
        }
        for (index, reference) in self.context_refs.iter().enumerate() {
            check_text(&format!("context_refs[{index}]"), reference, MAX_NOTE_BYTES)?;
        }
        for (index, requirement) in self.evidence_required.iter().enumerate() {
            check_text(&format!("evidence_required[{index}].type"), &requirement.kind, 100)?;
            let field = format!("evidence_required[{index}].description");
            check_length(&field, &requirement.description, MAX_NOTE_BYTES)?;
            let url = requirement.url.as_deref().unwrap_or_default();
            check_length(&format!("evidence_required[{index}].url"), url, MAX_NOTE_BYTES)?;
        }
        Ok(())
    }
}
