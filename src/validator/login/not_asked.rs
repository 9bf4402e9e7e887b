//! Why a check was not asked as its user.

use crate::domain::{Outcome, one_line};
use crate::outbound::IdentityError;

/// Why a check is not asked as its user: it neither passed nor failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAsked {
    /// Why, without a secret.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Whether a later try can succeed by itself.
    pub(super) may_pass_later: bool,
}

impl NotAsked {
    pub(super) fn for_good(why: String, fix: String) -> Self {
        Self { why, fix, may_pass_later: false }
    }

    /// Returns what became of the check.
    pub(crate) fn outcome(&self) -> Outcome {
        Outcome::unverified(one_line(&self.why, 300), Some(&self.fix))
    }

    /// Tells whether trying again can change anything.
    pub(crate) const fn may_pass_later(&self) -> bool {
        self.may_pass_later
    }
}

impl From<IdentityError> for NotAsked {
    fn from(error: IdentityError) -> Self {
        Self::for_good(error.to_string(), error.fix())
    }
}
