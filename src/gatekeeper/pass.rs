//! The only key to PROD_OK.

use crate::domain::{TaskId, Verdict};

/// Says that gate 2 let one attempt of one task pass.
///
/// It is made by `decide` and by nothing else, it cannot be copied or read from a file, and
/// `orchestrator::run::lifecycle::finish` consumes it.
#[derive(Debug, PartialEq, Eq)]
pub struct GatePass {
    task_id: TaskId,
    attempt: u32,
    verdict: Verdict,
}

impl GatePass {
    /// Called by `decide` when no reason stands against it.
    pub(in crate::gatekeeper) fn new(task_id: TaskId, attempt: u32, verdict: Verdict) -> Self {
        Self { task_id, attempt, verdict }
    }

    /// Returns the task that passed.
    pub fn task_id(&self) -> &TaskId {
        &self.task_id
    }

    /// Returns the attempt that passed.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns the verdict that the pass stands for.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}
