//! What must hold before a task may be done.

use serde::{Deserialize, Serialize};

use super::{CanonicalError, LiveCheck, Redactor, canonical_json, sha256_hex};

/// The most proofs a task may require.
pub const MAX_REQUIRED_PROOFS: u32 = 10_000;

/// Criteria cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CriteriaError {
    /// Fewer than one proof.
    #[error("required_proofs is {0}: it must be at least 1")]
    TooFewProofs(i64),
    /// More than a task can ever give.
    #[error("required_proofs is {required}, but this task can give at most {possible} distinct proofs: add {missing} more distinct live check(s) on production or lower required_proofs", missing = required.saturating_sub(*possible))]
    Unreachable {
        /// What is required.
        required: u32,
        /// What is possible.
        possible: u32,
    },
    /// More proofs of the task's own are required than its own checks can give.
    #[error("live_checks can give at most {possible} distinct proofs of the task's own and {required} must be: {}add {missing} more distinct live check(s) on production that accept only 2xx or 3xx (/ does not count)", why.as_ref().map(|why| format!("{why}; ")).unwrap_or_default(), missing = required.saturating_sub(*possible))]
    TooFewOfItsOwn {
        /// What is required.
        required: u32,
        /// What is possible.
        possible: u32,
        /// Why the first one that does not count does not: `live_checks[0] … is not on production …`.
        why: Option<String>,
    },
    /// An empty command.
    #[error("local_tests[{0}] is empty: give a command, or [] for none")]
    EmptyTest(usize),
    /// No live check of the task's own (G1).
    #[error("live_checks is empty: a task needs at least one live check of its own on production")]
    NoLiveCheck,
}

/// The bar of a task: fixed and hashed when the task is created.
///
/// The addresses of its live checks are absolute (see [`LiveCheck::resolved`]), so that the digest names production.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// Commands that run in the repository, in order.
    pub local_tests: Vec<String>,
    /// Requests to production.
    pub live_checks: Vec<LiveCheck>,
    /// Playwright specs, relative to the repository.
    pub ui_tests: Vec<String>,
    /// How many distinct passing proofs are needed.
    pub required_proofs: u32,
}

impl Criteria {
    /// The number of proofs that a task needs when nobody says (gate.md G3).
    pub const DEFAULT_REQUIRED_PROOFS: u32 = 3;

    /// Returns the criteria as they may be kept and shown: without the secrets in commands and checks.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> Self {
        Self {
            local_tests: self.local_tests.iter().map(|test| redactor.text(test)).collect(),
            live_checks: self.live_checks.iter().map(|check| check.redacted(redactor)).collect(),
            ..self.clone()
        }
    }

    /// Returns the SHA-256 of the canonical JSON, as `sha256:` and 64 hexadecimal digits.
    ///
    /// # Errors
    /// When a body cannot be written as JSON.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        Ok(format!("sha256:{}", sha256_hex(canonical_json(self)?.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_the_canonical_form() {
        let criteria = Criteria {
            local_tests: vec!["cargo test".into()],
            live_checks: vec![LiveCheck::get("https://api.example.com/health")],
            ui_tests: Vec::new(),
            required_proofs: 3,
        };
        let copy: Criteria =
            serde_json::from_str(&serde_json::to_string_pretty(&criteria).expect("json")).expect("read back");
        assert_eq!(criteria.digest().expect("digest"), copy.digest().expect("digest"));
        let lowered = Criteria { required_proofs: 2, ..criteria.clone() };
        assert_ne!(criteria.digest().expect("digest"), lowered.digest().expect("digest"));
    }
}
