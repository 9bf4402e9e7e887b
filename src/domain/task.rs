//! A unit of work and where it stands.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Criteria, TaskId, Timestamp, words};

/// A status is unknown, or cannot follow another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// A word that is none of the nine.
    #[error("`{0}` is not a task status")]
    Unknown(String),
    /// The lifecycle has no such arrow.
    #[error("a task cannot go from {from} to {to}")]
    NoArrow {
        /// Where it stands.
        from: TaskStatus,
        /// Where it was to go.
        to: TaskStatus,
    },
}

/// The nine places where a task can stand (gate.md L1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Created, not started.
    Pending,
    /// Its local tests run.
    InProgress,
    /// Its local tests passed.
    LocalOk,
    /// A local test failed.
    LocalFail,
    /// Its checks against production run.
    Validating,
    /// The gate let it pass.
    ProdOk,
    /// The gate refused.
    ProdFail,
    /// The environment differs from the repository.
    EnvDrift,
    /// Proven.
    Done,
}

words! {
    TaskStatus, as_str {
        Pending = "pending", InProgress = "in_progress", LocalOk = "local_ok", LocalFail = "local_fail",
        Validating = "validating", ProdOk = "prod_ok", ProdFail = "prod_fail", EnvDrift = "env_drift", Done = "done",
    }
}

impl TaskStatus {
    /// Tells whether nothing happens any more until the task is run again.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::LocalFail | Self::ProdFail | Self::EnvDrift | Self::Done)
    }

    /// Tells whether the lifecycle has an arrow from this status to `next`.
    ///
    /// A failed task goes back to IN_PROGRESS with a new attempt. An interrupted or cancelled run ends in
    /// LOCAL_FAIL before its local tests passed and in PROD_FAIL after that; a task that never started stays
    /// PENDING. Nothing leaves DONE, and only PROD_OK leads to it.
    pub const fn can_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Pending | Self::LocalFail | Self::ProdFail | Self::EnvDrift, Self::InProgress)
                | (Self::InProgress, Self::LocalOk | Self::LocalFail)
                | (Self::LocalOk, Self::Validating | Self::EnvDrift | Self::ProdFail)
                | (Self::Validating, Self::ProdOk | Self::ProdFail)
                | (Self::ProdFail, Self::EnvDrift)
                | (Self::ProdOk, Self::Done)
        )
    }

    /// Returns `next` when the lifecycle has that arrow.
    ///
    /// # Errors
    /// When it has not.
    pub const fn become_status(self, next: Self) -> Result<Self, TransitionError> {
        if self.can_become(next) { Ok(next) } else { Err(TransitionError::NoArrow { from: self, to: next }) }
    }
}

impl FromStr for TaskStatus {
    type Err = TransitionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::named(text).ok_or_else(|| TransitionError::Unknown(super::one_line(text, 40)))
    }
}

/// What an end that is not DONE comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Something was observed and is wrong.
    Failed,
    /// Nothing wrong was observed, but something was not observed at all.
    Unverified,
    /// A drift finding.
    Drift,
    /// The process that ran it is gone.
    Interrupted,
    /// Somebody stopped it.
    Cancelled,
}

words! {
    Cause, as_str {
        Failed = "failed", Unverified = "unverified", Drift = "drift", Interrupted = "interrupted",
        Cancelled = "cancelled",
    }
}

impl FromStr for Cause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::named(text).ok_or_else(|| format!("`{}` is not a cause", super::one_line(text, 40)))
    }
}

/// A unit of work with criteria.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// Its title, one line, as text.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// What must hold before it may be done.
    pub criteria: Criteria,
    /// The digest of the criteria, fixed when the task was created.
    pub criteria_digest: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// What its last end comes from, unless it is done.
    pub cause: Option<Cause>,
    /// How many times it was started; 0 before the first.
    pub attempt: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its status changed last.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_status_is_read_back_from_its_name() {
        for status in TaskStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("DONE".parse::<TaskStatus>().is_err());
    }

    proptest! {
        #[test]
        fn the_state_machine_never_reaches_done_without_prod_ok(steps in proptest::collection::vec(0_usize..9, 0..60)) {
            let mut status = TaskStatus::Pending;
            for step in steps {
                if let Ok(next) = status.become_status(TaskStatus::ALL[step]) {
                    prop_assert!(next != TaskStatus::Done || status == TaskStatus::ProdOk);
                    prop_assert!(next != TaskStatus::ProdOk || status == TaskStatus::Validating);
                    prop_assert!(next != TaskStatus::Validating || status == TaskStatus::LocalOk);
                    status = next;
                }
            }
        }
    }
}
