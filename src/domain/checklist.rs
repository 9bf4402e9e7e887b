//! What is checked before a cutover.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use super::{ProofKind, Redactor, ResolvedCheck, StoredCheck};

/// Where an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemSource {
    /// The task's own criteria.
    Task,
    /// The policy of the trusted configuration.
    Policy,
    /// The health routes.
    Health,
    /// A route that is looked at for information only.
    Generic,
}

/// What an item does. Where it is executed its check holds a [`ResolvedCheck`] and what the answer must show, where it is
/// kept and shown it is a [`StoredCheck`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum ChecklistTarget<Check> {
    /// Sends a request; its URL is absolute.
    Live(Check),
    /// Looks at a health route; its URL is absolute. 404 and 410 mean "not offered" unless it was configured by name.
    Health {
        /// The request.
        check: Check,
        /// Whether the configuration names it.
        configured: bool,
    },
    /// Runs a Playwright spec, relative to the repository.
    Ui {
        /// The spec's path.
        spec: String,
    },
}

/// One line of a cutover checklist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistItem<Check> {
    /// Its name, unique in the checklist: `health_1`, `task_check_2`, `ui_test_1`, `policy_check_1`, `root_path`.
    pub name: String,
    /// Where it comes from.
    pub source: ItemSource,
    /// Whether the gate needs it to pass.
    pub required: bool,
    /// Whether its passing may count as a proof.
    pub counts: bool,
    /// Why it cannot, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counted: Option<String>,
    /// What it does.
    #[serde(flatten)]
    pub target: ChecklistTarget<Check>,
}

impl<Check: Borrow<ResolvedCheck>> ChecklistItem<Check> {
    /// Returns the request with all that was prepared of it; nothing for a Playwright spec.
    pub const fn prepared(&self) -> Option<&Check> {
        match &self.target {
            ChecklistTarget::Live(check) | ChecklistTarget::Health { check, .. } => Some(check),
            ChecklistTarget::Ui { .. } => None,
        }
    }

    /// Returns the request; nothing for a Playwright spec.
    pub fn check(&self) -> Option<&ResolvedCheck> {
        self.prepared().map(Borrow::borrow)
    }

    /// Returns the kind of proof that it gives.
    pub const fn kind(&self) -> ProofKind {
        match self.target {
            ChecklistTarget::Live(_) => ProofKind::Live,
            ChecklistTarget::Health { .. } => ProofKind::Health,
            ChecklistTarget::Ui { .. } => ProofKind::Ui,
        }
    }

    /// Returns the item as it may be kept and shown: without the secrets of its check.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> ChecklistItem<StoredCheck> {
        let target = match &self.target {
            ChecklistTarget::Live(check) => ChecklistTarget::Live(check.borrow().redacted(redactor)),
            ChecklistTarget::Health { check, configured } => {
                ChecklistTarget::Health { check: check.borrow().redacted(redactor), configured: *configured }
            }
            ChecklistTarget::Ui { spec } => ChecklistTarget::Ui { spec: spec.clone() },
        };
        let Self { name, source, required, counts, .. } = self;
        let not_counted = self.not_counted.clone();
        ChecklistItem { name: name.clone(), source: *source, required: *required, counts: *counts, not_counted, target }
    }

    /// Returns the URL or the spec's path.
    pub fn endpoint(&self) -> &str {
        match &self.target {
            ChecklistTarget::Live(check) | ChecklistTarget::Health { check, .. } => check.borrow().url().as_str(),
            ChecklistTarget::Ui { spec } => spec,
        }
    }
}
