//! Hierarchical tasks: initiatives, features, workstreams and the tasks under them.
//!
//! Names, words and rules: snipara-wire.md §4.6, §5, §S8.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Evidence, EvidenceRequirement, HTaskId, SwarmId, Timestamp, wire_enum};

wire_enum! {
    /// Where an htask stands in the hierarchy, outermost first.
    #[derive(Default)]
    HTaskLevel, "level" {
        N0 = "N0_INITIATIVE", N1 = "N1_FEATURE", N2 = "N2_WORKSTREAM", #[default] N3 = "N3_TASK",
    }
}

wire_enum! {
    /// Where an htask stands in its life; being archived is apart.
    HTaskStatus, "htask status" {
        Pending = "PENDING", InProgress = "IN_PROGRESS", Blocked = "BLOCKED", Completed = "COMPLETED",
        Failed = "FAILED", Cancelled = "CANCELLED",
    }
}

impl HTaskStatus {
    /// Tells whether nothing more happens to it.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

wire_enum! {
    /// How urgent an htask is.
    #[derive(Default)]
    Priority, "priority" { P0 = "P0", #[default] P1 = "P1", P2 = "P2" }
}

wire_enum! {
    /// What a workstream is about; the last three are the public server's (snipara-wire.md §S8).
    Workstream, "workstream_type" {
        Api = "API", Frontend = "FRONTEND", Qa = "QA", BugfixHardening = "BUGFIX_HARDENING",
        DeployProdVerify = "DEPLOY_PROD_VERIFY", Data = "DATA", Security = "SECURITY",
        Documentation = "DOCUMENTATION", Custom = "CUSTOM", Other = "OTHER", Integration = "INTEGRATION",
        Billing = "BILLING", Platform = "PLATFORM",
    }
}

wire_enum! {
    /// Where an htask is to be carried out.
    ExecutionTarget, "execution_target" { Local = "LOCAL", Cloud = "CLOUD", Hybrid = "HYBRID", External = "EXTERNAL" }
}

wire_enum! {
    /// What kind of thing is in the way.
    BlockerType, "blocker_type" {
        Tech = "TECH", Dependency = "DEPENDENCY", Access = "ACCESS", Product = "PRODUCT", Infra = "INFRA",
        Security = "SECURITY", Other = "OTHER",
    }
}

wire_enum! {
    /// When a parent may be closed (snipara-wire.md §S8, "Closure").
    ClosurePolicy, "closure_policy" {
        /// Every child must be completed; no waiver.
        StrictAllChildren = "STRICT_ALL_CHILDREN",
        /// Only blocking children count; a waiver is possible.
        AllowExceptions = "ALLOW_EXCEPTIONS",
    }
}

/// One thing that must hold for an htask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceCriterion {
    /// Its id in the task.
    #[serde(default)]
    #[schemars(extend("x-unlisted" = true))]
    pub id: String,
    /// What must hold.
    pub text: String,
    /// Whether it does.
    #[serde(default)]
    #[schemars(extend("x-unlisted" = true))]
    pub checked: bool,
}

/// What is in the way of an htask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// What kind of thing.
    pub blocker_type: BlockerType,
    /// What it is.
    pub blocker_reason: String,
    /// The htask that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by_task_id: Option<HTaskId>,
    /// What somebody must give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_input: Option<String>,
    /// When it is expected to be out of the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_recovery: Option<String>,
    /// Who is asked for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation_to: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<Timestamp>,
}

/// Who let a parent be closed although children are open, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Why.
    pub waiver_reason: String,
    /// Who.
    pub waiver_approved_by: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver_approved_at: Option<Timestamp>,
}

/// Who works on an htask, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HTaskClaim {
    /// The agent.
    pub claimed_by: String,
    /// Grows with every claim of the project.
    pub fencing_token: i64,
    /// When the lease ends; the htask is then pending again.
    pub lease_expires_at: Timestamp,
}

/// A hierarchical task. What a host does not tell is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HTask {
    /// Its id.
    pub task_id: HTaskId,
    /// Its swarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swarm_id: Option<SwarmId>,
    /// Its level.
    pub level: HTaskLevel,
    /// What it is under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<HTaskId>,
    /// Its place among its siblings, from 1.
    #[serde(default)]
    pub sequence_number: i64,
    /// What a workstream is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workstream_type: Option<Workstream>,
    /// The label of a `CUSTOM` workstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_workstream_type: Option<String>,
    /// Its title.
    pub title: String,
    /// What is to be done.
    #[serde(default)]
    pub description: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// Where it is to be carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_target: Option<ExecutionTarget>,
    /// How urgent it is.
    pub priority: Priority,
    /// When it should be done, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_target: Option<String>,
    /// What must hold.
    #[serde(default)]
    pub acceptance_criteria: Vec<AcceptanceCriterion>,
    /// What to read.
    #[serde(default)]
    pub context_refs: Vec<String>,
    /// What must be completed before it is recommended.
    #[serde(default)]
    pub depends_on: Vec<HTaskId>,
    /// What evidence it needs.
    #[serde(default)]
    pub evidence_required: Vec<EvidenceRequirement>,
    /// What evidence it has.
    #[serde(default)]
    pub evidence_provided: Vec<Evidence>,
    /// Where it stands.
    pub status: HTaskStatus,
    /// Whether its parent waits for it.
    #[serde(default)]
    pub is_blocking: bool,
    /// What is in its way; an ancestor of a blocked htask has none of its own.
    #[serde(flatten)]
    pub blocker: Option<Blocker>,
    /// Who let it be closed early.
    #[serde(flatten)]
    pub waiver: Option<Waiver>,
    /// Who works on it.
    #[serde(flatten)]
    pub claim: Option<HTaskClaim>,
    /// What came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When work on it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// When it was put away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
}

/// How far the leaves under an htask are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct HTaskProgress {
    pub total: u64,
    pub completed: u64,
    pub in_progress: u64,
    pub blocked: u64,
    pub pending: u64,
    pub failed: u64,
    /// Completed of total, 0 to 100.
    pub percent: u64,
}

/// An htask with everything under it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HTaskNode {
    /// The htask.
    #[serde(flatten)]
    pub task: HTask,
    /// What is under it, by sequence.
    #[serde(default)]
    pub children: Vec<HTaskNode>,
    /// How far the leaves are, hidden ones included.
    #[serde(default)]
    pub progress: HTaskProgress,
}

/// One change of an htask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HTaskEvent {
    /// What happened: create, claim, renew, expire, release, block, unblock, attach, complete, refuse, close, waiver.
    pub event_type: String,
    /// The htask.
    pub task_id: HTaskId,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The status before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_status: Option<HTaskStatus>,
    /// The status after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_status: Option<HTaskStatus>,
    /// More about it.
    #[serde(default)]
    pub payload: Value,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// The rules for htasks of a project; trusted configuration sets them (`policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HTaskPolicy {
    /// Whether an htask needs any evidence to be completed.
    pub require_evidence_on_complete: bool,
    /// Whether claims in words are refused as evidence.
    pub require_verified_evidence: bool,
    /// When a parent may be closed.
    pub closure_policy: ClosurePolicy,
    /// Whether a waiver can close a parent early (under `ALLOW_EXCEPTIONS`).
    pub allow_parent_close_with_waiver: bool,
}

impl Default for HTaskPolicy {
    fn default() -> Self {
        Self {
            require_evidence_on_complete: true,
            require_verified_evidence: false,
            closure_policy: ClosurePolicy::StrictAllChildren,
            allow_parent_close_with_waiver: true,
        }
    }
}
