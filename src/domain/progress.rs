//! What a run tells while it goes on.

use std::sync::Arc;

use super::{Outcome, TaskId, TaskStatus};

/// A part of a run that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The local tests.
    LocalTests,
    /// Gate 1: the drift check.
    Drift,
    /// The cutover checklist.
    Validation,
    /// Gate 2: the decision.
    Gate,
}

impl Phase {
    /// Returns the phase's name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LocalTests => "Local tests",
            Self::Drift => "Drift check",
            Self::Validation => "Production checks",
            Self::Gate => "Gate",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgressEvent {
    /// The run has its task and attempt.
    Started {
        /// The task.
        task_id: TaskId,
        /// Its attempt.
        attempt: u32,
    },
    /// A phase began with so many items.
    PhaseStarted {
        /// Which.
        phase: Phase,
        /// How many items it has.
        items: usize,
    },
    /// One item of a phase has its outcome.
    ItemFinished {
        /// In which phase.
        phase: Phase,
        /// What it is called.
        name: String,
        /// What came of it.
        outcome: Outcome,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A phase ended.
    PhaseFinished {
        /// Which.
        phase: Phase,
        /// Whether the run goes on.
        passed: bool,
        /// One line about it.
        summary: String,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// The task has a new status, already written.
    StatusChanged {
        /// Which.
        status: TaskStatus,
    },
}

/// Takes progress; handed down, never subscribed to. It must not block.
pub type ProgressSink = Arc<dyn Fn(ProgressEvent) + Send + Sync>;

/// Returns a sink that drops everything.
pub fn silent_progress() -> ProgressSink {
    Arc::new(|_| {})
}
