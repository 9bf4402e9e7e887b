//! What a companion handoff requires, and whether the evidence for it is given (handoff.md).

#![expect(missing_docs, reason = "the names say it")]

use serde::Serialize;

use super::NewEvidence;
use super::handoff::{Handoff, HandoffEvidence};

/// The requirements of a handoff at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HandoffGate {
    pub schema_version: String,
    pub routing_level: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_source: Option<String>,
    /// Whether the handoff asks for an orchestrator: by routing, or by what it requires.
    pub requires_orchestrator: bool,
    pub proof_gate_required: bool,
    pub drift_check_required: bool,
    pub workflow_phase_count: usize,
    pub runtime_phase_ids: Vec<String>,
    pub runtime_checkpointed_phase_ids: Vec<String>,
    pub required_evidence: Vec<HandoffEvidence>,
    pub claim_files: Vec<String>,
    pub workstreams: Vec<String>,
    /// `external`: no worker is started here.
    pub worker_execution_model: &'static str,
    pub workers_spawned: u32,
    pub message: String,
}

/// Required evidence and what was given for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchedEvidence {
    pub required: HandoffEvidence,
    pub provided: NewEvidence,
}

/// Whether the required evidence is given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceCheck {
    pub schema_version: String,
    pub required_count: usize,
    pub provided_count: usize,
    pub matched_count: usize,
    pub matched: Vec<MatchedEvidence>,
    pub missing: Vec<HandoffEvidence>,
    /// Whether nothing is missing.
    pub passed: bool,
    /// `external`: no worker is started here.
    pub worker_execution_model: &'static str,
    pub workers_spawned: u32,
    pub message: String,
}

impl Handoff {
    /// Returns the requirements at a glance.
    pub fn gate(&self) -> HandoffGate {
        let plan = &self.plan;
        let (proof_gate, drift_check) = (plan.validation.requires_proof_gate, plan.validation.requires_drift_check);
        let requires_orchestrator =
            matches!(plan.routing.level.as_str(), "confirm" | "auto") || proof_gate || drift_check;
        let message = if requires_orchestrator {
            "The handoff asks for an orchestrator; no worker is started here."
        } else {
            "The handoff does not ask for an orchestrator."
        };
        HandoffGate {
            schema_version: plan.schema_version.clone(),
            routing_level: plan.routing.level.clone(),
            policy_source: plan.routing.policy_source.clone(),
            requires_orchestrator,
            proof_gate_required: proof_gate,
            drift_check_required: drift_check,
            workflow_phase_count: plan.workflow.phases.len(),
            runtime_phase_ids: self.runtime_phase_ids(),
            runtime_checkpointed_phase_ids: self.checkpointed_phase_ids(),
            required_evidence: plan.validation.required_evidence.clone(),
            claim_files: plan.coordination.claim_scope.files.clone(),
            workstreams: plan.coordination.htask.workstreams.clone(),
            worker_execution_model: "external",
            workers_spawned: 0,
            message: message.to_owned(),
        }
    }

    /// Compares evidence with the requirements: each needs one item of its kind, and each item is used once.
    pub fn check_evidence(&self, provided: &[NewEvidence]) -> EvidenceCheck {
        let required = &self.plan.validation.required_evidence;
        let mut left: Vec<&NewEvidence> = provided.iter().collect();
        let (mut matched, mut missing) = (Vec::new(), Vec::new());
        for requirement in required {
            match left.iter().position(|item| item.kind.eq_ignore_ascii_case(&requirement.kind)) {
                Some(index) => {
                    let provided = left.remove(index).clone();
                    matched.push(MatchedEvidence { required: requirement.clone(), provided });
                }
                None => missing.push(requirement.clone()),
            }
        }
        let passed = missing.is_empty();
        let message = if passed {
            "All required evidence is given. It was not looked up: these are claims."
        } else {
            "Required evidence is missing."
        };
        EvidenceCheck {
            schema_version: self.plan.schema_version.clone(),
            required_count: required.len(),
            provided_count: provided.len(),
            matched_count: matched.len(),
            matched,
            missing,
            passed,
            worker_execution_model: "external",
            workers_spawned: 0,
            message: message.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn handoff(level: &str, validation: Value) -> Handoff {
        let document = json!({
            "schemaVersion": "1.0", "source": { "client": "c", "command": "c", "generatedAt": "now" },
            "workflow": {}, "routing": { "level": level }, "task": { "title": "t", "query": "q", "summary": "s" },
            "repo": { "root": "." }, "coordination": {}, "validation": validation, "memory": {},
        });
        Handoff::read(&document.to_string()).expect("read")
    }

    #[test]
    fn routing_or_a_requirement_asks_for_an_orchestrator() {
        for (level, validation, expected) in [
            ("none", json!({}), false),
            ("confirm", json!({}), true),
            ("auto", json!({}), true),
            ("none", json!({ "requiresProofGate": true }), true),
            ("none", json!({ "requiresDriftCheck": true }), true),
        ] {
            assert_eq!(
                handoff(level, validation.clone()).gate().requires_orchestrator,
                expected,
                "{level} {validation}"
            );
        }
    }

    #[test]
    fn each_requirement_needs_an_item_of_its_own() {
        let required = |kind: &str, description: &str| json!({ "type": kind, "description": description });
        let handoff = handoff(
            "none",
            json!({ "requiredEvidence": [required("test", "unit"), required("test", "e2e"), required("link", "log")] }),
        );
        let given = |kind: &str| NewEvidence { kind: kind.into(), ..NewEvidence::default() };
        let check = handoff.check_evidence(&[given("note"), given("TEST"), given("link")]);
        assert_eq!((check.required_count, check.provided_count, check.matched_count, check.passed), (3, 3, 2, false));
        let missing: Vec<&str> = check.missing.iter().map(|item| item.description.as_str()).collect();
        assert_eq!(missing, ["e2e"]);
        assert!(handoff.check_evidence(&[given("link"), given("test"), given("test")]).passed);
    }
}
