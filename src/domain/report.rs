//! What a run answers: the same document on the command line (`--json`) and over MCP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assurance, Cause, GateName, ProofResult, TaskId, TaskStatus, says_blocked};

/// What the last gate said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateSummary {
    /// Which gate.
    pub name: GateName,
    /// Whether it let the task pass.
    pub passed: bool,
    /// Why not, one line each.
    pub reasons: Vec<String>,
}

/// How many proofs there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProofCounts {
    /// Distinct passing proofs that the gate needs.
    pub required: u32,
    /// Distinct passing proofs that count.
    pub passing: u32,
    /// Proofs that failed.
    pub failing: u32,
    /// Proofs that could not be observed.
    pub unverified: u32,
}

/// One check or test that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailingCheck {
    /// Its name: `task_check_2`, `local_test_1`.
    pub check: String,
    /// The URL, the spec, or the command.
    pub endpoint: String,
    /// Its verdict.
    pub result: ProofResult,
    /// The status, when an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
    /// The exit code of a local test that ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Expected against observed; for a local test also the end of its output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl FailingCheck {
    /// Tells whether the policy kept the check from being sent.
    pub(crate) fn is_blocked(&self) -> bool {
        says_blocked(self.error_message.as_deref())
    }
}

/// The drift check in short.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct DriftSummary {
    /// Whether anything differs.
    pub has_drift: bool,
    /// What differs, one line each.
    pub issues: Vec<String>,
    /// What could not be compared, with the reason.
    pub unverified: Vec<String>,
}

/// Where the ledger stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerSummary {
    /// How many entries the project's chain has.
    pub entries: u64,
    /// The hash of the last one, `sha256:…`.
    pub head: String,
}

/// Where a task stands and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskReport {
    /// The task.
    pub task_id: TaskId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// What an end that is not done comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Which attempt this is about; 0 before the first.
    pub attempt: u32,
    /// Whether a run goes on.
    pub running: bool,
    /// The verdict in one sentence: for a DONE how strong it is, what it rests on and what is weak about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub headline: String,
    /// What the last gate said; nothing before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateSummary>,
    /// How many proofs there are.
    pub proofs: ProofCounts,
    /// What the verdict rests on, once gate 2 has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    pub assurance: Option<Box<Assurance>>,
    /// What did not pass.
    pub failing: Vec<FailingCheck>,
    /// The drift check, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftSummary>,
    /// What the project's documents say about it, for the agent to read: at most two lines, no part of the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// What was learned before, for the agent to read: at most two lines, no part of the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memories: Vec<String>,
    /// What the reader should know besides.
    pub warnings: Vec<String>,
    /// What to do now: one imperative sentence.
    pub next_step: String,
    /// Where the ledger stands.
    pub ledger: LedgerSummary,
    /// How long the attempt took, in milliseconds.
    pub duration_ms: u64,
}
