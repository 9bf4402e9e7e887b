//! The floor under every task of a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ClosurePolicy, HTaskPolicy, LiveCheck, RequireWord};

/// What every task must meet, whatever its own criteria say: callers add, never lower.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The least `required_proofs` of any task; at least 1.
    pub required_proofs: u32,
    /// How many of the proofs must be the task's own; at least 1.
    pub min_task_proofs: u32,
    /// Commands that run before the task's own local tests.
    pub local_tests: Vec<String>,
    /// Live checks on production that must pass in every task: objects, or texts such as "/api/orders".
    pub live_checks: Vec<LiveCheck>,
    /// Playwright specs whose passing counts as a proof when a task names them.
    pub ui_tests: Vec<String>,
    /// How many seconds after the checks have passed they are asked once more, at least; 0 to 600.
    pub hold_seconds: u32,
    /// What a DONE must rest on besides: words of docs/design/gate.md, Assurance; `strict` is most of them.
    pub require: Vec<RequireWord>,
    /// Whether an htask needs any evidence to be completed.
    pub require_evidence_on_complete: bool,
    /// Whether claims in words are refused as evidence of an htask.
    pub require_verified_evidence: bool,
    /// When a parent htask may be closed.
    pub closure_policy: ClosurePolicy,
    /// Whether a waiver can close a parent htask early, under `ALLOW_EXCEPTIONS`.
    pub allow_parent_close_with_waiver: bool,
}

impl Policy {
    /// Returns the rules for htasks.
    pub const fn htasks(&self) -> HTaskPolicy {
        HTaskPolicy {
            require_evidence_on_complete: self.require_evidence_on_complete,
            require_verified_evidence: self.require_verified_evidence,
            closure_policy: self.closure_policy,
            allow_parent_close_with_waiver: self.allow_parent_close_with_waiver,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        let htasks = HTaskPolicy::default();
        Self {
            required_proofs: 1,
            min_task_proofs: 1,
            local_tests: Vec::new(),
            live_checks: Vec::new(),
            ui_tests: Vec::new(),
            hold_seconds: 0,
            require: Vec::new(),
            require_evidence_on_complete: htasks.require_evidence_on_complete,
            require_verified_evidence: htasks.require_verified_evidence,
            closure_policy: htasks.closure_policy,
            allow_parent_close_with_waiver: htasks.allow_parent_close_with_waiver,
        }
    }
}
