//! Looks for drift: what differs between the repository and production.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use tokio_util::sync::CancellationToken;

use crate::domain::{DriftReport, ExpectedStatus, LiveCheck, Production, Redactor, SharedClock, TestUser};
use crate::executor::Executor;
use crate::outbound::HttpClient;

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

/// What a detector needs.
#[derive(Debug, Clone)]
pub struct DriftParts {
    /// Sends requests.
    pub http: HttpClient,
    /// Runs git and Prisma.
    pub executor: Executor,
    /// Production.
    pub production: Option<Production>,
    /// As whom routes may be asked.
    pub users: Vec<TestUser>,
    /// Takes secrets out of what is kept.
    pub redactor: Redactor,
    /// Stamps reports.
    pub clock: SharedClock,
    /// Whether `DATABASE_URL` is set where children run.
    pub database_url_set: bool,
    /// The time for one request, in milliseconds.
    pub request_timeout_ms: u64,
    /// The time for one run of a schema tool, in milliseconds.
    pub schema_timeout_ms: u64,
    /// The most comparisons at once.
    pub max_concurrent: usize,
}

/// Compares the repository with production. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DriftDetector {}

impl DriftDetector {
    /// Makes a detector.
    pub fn new(_parts: DriftParts) -> Self {
        todo!()
    }

    /// Returns the same detector whose commands run under a run's cookie.
    #[must_use]
    pub fn with_executor(&self, _executor: Executor) -> Self {
        todo!()
    }

    /// Makes every comparison that is asked for, concurrently.
    pub async fn check(&self, _request: &DriftRequest, _cancel: &CancellationToken) -> DriftReport {
        todo!()
    }
}
