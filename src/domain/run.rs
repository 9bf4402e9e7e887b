//! One attempt at a task: who runs it, since when, until when at the latest.

use serde::{Deserialize, Serialize};

use super::wire_enum::wire_enum;
use super::{TaskId, TaskReport, Timestamp};

/// Names a process so that it is recognised later: a process id alone is used again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// The process id.
    pub process_id: u32,
    /// When it started, in the kernel's ticks since boot; 0 where that cannot be read.
    pub start_ticks: u64,
    /// The kernel's boot id; empty where that cannot be read.
    pub boot_id: String,
}

/// Who runs an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHolder {
    /// For people: `mcp server of claude-code`, `command line`.
    pub label: String,
    /// The process.
    pub process: ProcessIdentity,
}

/// The right to write for one attempt; an older token is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The task.
    pub task_id: TaskId,
    /// The attempt.
    pub attempt: u32,
    /// Grows with every run of the project.
    pub token: u64,
}

wire_enum! {
    /// Where an attempt stands.
    RunState, "state of a run" {
        /// It goes on, as long as its lease is renewed.
        Running = "running",
        /// It ended and its report is kept.
        Ended = "ended",
        /// Its process is gone; found by another one.
        Interrupted = "interrupted",
    }
}

/// One attempt, as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Task, attempt and token.
    pub fence: Fence,
    /// Who runs or ran it.
    pub holder: RunHolder,
    /// Where it stands.
    pub state: RunState,
    /// Marks the environment of its commands.
    pub cookie: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Until when its lease holds.
    pub lease_expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// The digest of the configuration that it ran under.
    pub config_digest: String,
    /// The production that it ran against.
    pub production_origin: String,
    /// What it answered.
    pub report: Option<TaskReport>,
}
