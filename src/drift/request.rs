//! What a drift check is asked to compare.

use crate::domain::{ExpectedStatus, LiveCheck};

/// A route to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteProbe {
    /// The request, with an absolute URL and GET or HEAD.
    pub check: LiveCheck,
    /// How the caller named it.
    pub subject: String,
    /// The statuses that a task expects of it; they are no drift.
    pub expected: Option<ExpectedStatus>,
    /// Whether the caller named it, so that "unverified" means "could not".
    pub explicit: bool,
}

/// What to compare.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DriftRequest {
    /// The routes.
    pub routes: Vec<RouteProbe>,
    /// Whether to look at production's health routes.
    pub check_health: bool,
    /// Whether to compare the database schema.
    pub check_schema: bool,
    /// Whether to compare the deployed version.
    pub check_version: bool,
    /// How long a finding or a silence may be looked at again, in milliseconds.
    pub settle_ms: u64,
}
