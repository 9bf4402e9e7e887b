//! The floor under every task of a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every task must meet, whatever its own criteria say: callers add, never lower (product.md §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The least `required_proofs` of any task; at least 1.
    pub required_proofs: u32,
    /// How many of the proofs must be the task's own; at least 1.
    pub min_task_proofs: u32,
    /// Commands that run before the task's own local tests.
    pub local_tests: Vec<String>,
    /// Paths or URLs on production that must answer 2xx in every task.
    pub live_checks: Vec<String>,
    /// Playwright specs whose passing counts as a proof when a task names them.
    pub ui_tests: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            required_proofs: 1,
            min_task_proofs: 1,
            local_tests: Vec::new(),
            live_checks: Vec::new(),
            ui_tests: Vec::new(),
        }
    }
}
