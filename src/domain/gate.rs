//! What a gate says.

use serde::{Deserialize, Serialize};

use super::{Assurance, Cause};

/// Which gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateName {
    /// Gate 1, LOCAL_OK → VALIDATING.
    LocalToValidation,
    /// Gate 2, VALIDATING → PROD_OK.
    ValidationToProd,
}

/// One reason why a gate refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReason {
    /// The rule of gate.md: `G2` to `G7`; `drift` at gate 1.
    pub rule: String,
    /// The check that it is about, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What is wrong and, where known, how many more are needed; one line.
    pub text: String,
    /// Whether the reason is only that something was not observed.
    pub unverified: bool,
}

/// The answer of a gate, computed from the ledger's entries alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which gate.
    pub gate: GateName,
    /// Whether it lets the task pass.
    pub passed: bool,
    /// Why not; empty when it passed.
    pub reasons: Vec<GateReason>,
    /// What the refusal comes from; nothing when it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// How many distinct passing proofs were needed.
    pub proofs_required: u32,
    /// How many distinct passing proofs there are.
    pub proofs_counted: u32,
    /// What it rests on; none at gate 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Box<Assurance>>,
}
