//! The limits of one server: how many calls at once, and how long they may take.

use std::time::Duration;

/// Bounds on tool calls; rmcp has none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// How many calls run at once. More calls wait. One named caller gets at most half of them.
    pub at_once: usize,
    /// How long a call waits for its turn before it is answered `busy`.
    pub turn: Duration,
    /// How long a call may take in all; longer than the longest `wait_seconds`.
    pub whole: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { at_once: 64, turn: Duration::from_secs(10), whole: Duration::from_secs(660) }
    }
}
