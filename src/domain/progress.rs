//! What a run tells while it goes on.

use std::fmt;
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
    /// An item of a phase begins: a command. Shown live and kept nowhere.
    ItemStarted {
        /// What it is called.
        name: String,
    },
    /// The last whole line that the running command wrote, without secrets. Shown live and kept nowhere.
    Output {
        /// The line; it comes from outside.
        line: String,
    },
    /// Production is asked. Shown live and kept nowhere.
    Asking {
        /// Method and address.
        what: String,
        /// Which round it is; from the second one on the check is tried again.
        round: u32,
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

/// Watches what goes on inside of an item. Cheap to clone; the default watches nothing.
#[derive(Clone, Default)]
pub struct LiveWatch(Option<ProgressSink>);

impl LiveWatch {
    /// Makes one that tells a sink.
    pub fn new(sink: ProgressSink) -> Self {
        Self(Some(sink))
    }

    /// Tells whether anybody watches.
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Tells what happens, when somebody watches.
    pub fn tell(&self, event: impl FnOnce() -> ProgressEvent) {
        if let Some(sink) = &self.0 {
            sink(event());
        }
    }
}

impl fmt::Debug for LiveWatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LiveWatch").field(&self.is_on()).finish()
    }
}

/// Returns a sink that drops everything.
pub fn silent_progress() -> ProgressSink {
    Arc::new(|_| {})
}
