//! What is answered about htasks.

use serde::Serialize;

use super::{Evidence, HTask, HTaskId, HTaskNode, HTaskStatus, MemoryId, SwarmId};

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

/// What completing did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Completed {
    /// The htask.
    pub task_id: HTaskId,
    /// Where it stands.
    pub status: HTaskStatus,
    /// Whether it was completed before; nothing was changed then.
    pub repeated: bool,
    /// The parent that was closed with it.
    pub auto_closed_parent: Option<HTaskId>,
    /// What was blocked until now, and is not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<HTaskId>,
    /// The memory that was written.
    pub linked_memory_id: Option<MemoryId>,
    /// The evidence as it is kept.
    pub evidence: Vec<Evidence>,
    /// What the caller should know besides.
    pub warnings: Vec<String>,
}

/// Trees of htasks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HTaskTree {
    /// The roots, by sequence.
    pub trees: Vec<HTaskNode>,
    /// Whether one root was asked for by id.
    pub single: bool,
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

/// A parent that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// The htask.
    pub task_id: HTaskId,
    /// Where it stands.
    pub status: HTaskStatus,
    /// Whether a waiver was used.
    pub closed_with_waiver: bool,
    /// What was blocked until now, and is not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<HTaskId>,
}
