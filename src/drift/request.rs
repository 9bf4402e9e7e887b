//! What a drift check is asked to compare.

use std::collections::BTreeSet;

use crate::domain::{Convergence, DriftKind, ExpectedStatus, ResolvedCheck, Timestamp};

/// A route to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteProbe {
    /// The request; it is sent with GET or HEAD only.
    pub check: ResolvedCheck,
    /// How the caller named it.
    pub subject: String,
    /// The statuses that a task expects of it; they are not drift.
    pub expected: Option<ExpectedStatus>,
    /// Whether the caller named it, so that "unverified" means "could not".
    pub explicit: bool,
}

/// What to compare.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DriftRequest {
    /// The routes.
    pub routes: Vec<RouteProbe>,
    /// What else to compare; routes are compared when there are any.
    pub kinds: BTreeSet<DriftKind>,
    /// Health routes that this production has offered before: they are asked beside the guessed ones.
    pub known_health: Vec<String>,
    /// Whether all known names of health and version routes are guessed.
    pub all_guesses: bool,
    /// The path that told the build before, where that is no version route: it alone is asked for the version again.
    pub build_path: Option<String>,
    /// When the local tests of the attempt began, where all of them are the policy's: what was written since, they wrote.
    pub built_since: Option<Timestamp>,
    /// How long and with which pauses a finding, or an answer that did not come, is tried again.
    pub converge: Convergence,
}
