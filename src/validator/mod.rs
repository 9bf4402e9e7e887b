//! Observes production and judges what was seen.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use tokio_util::sync::CancellationToken;

use serde_json::Value;

use crate::domain::{
    CheckAttempt, ChecklistItem, HealthAnswer, LiveCheck, Origin, Outcome, Redactor, SharedClock, TestUser, Timestamp,
};
use crate::executor::Executor;
use crate::outbound::HttpClient;

/// What a validator needs.
#[derive(Debug, Clone)]
pub struct ValidatorParts {
    /// Sends requests.
    pub http: HttpClient,
    /// Runs Playwright.
    pub executor: Executor,
    /// As whom checks may speak.
    pub users: Vec<TestUser>,
    /// Where their credentials may go.
    pub production: Option<Origin>,
    /// Takes secrets out of what is kept.
    pub redactor: Redactor,
    /// Stamps attempts.
    pub clock: SharedClock,
    /// The most checks at once.
    pub max_concurrent: usize,
    /// The time for one UI spec, in milliseconds.
    pub ui_timeout_ms: u64,
}

/// What happened when a check was run.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckRun {
    /// The verdict of the deciding (last) attempt.
    pub outcome: Outcome,
    /// For health routes: what the last answer said; `None` when no answer came.
    pub health: Option<HealthAnswer>,
    /// Every attempt, in order.
    pub attempts: Vec<CheckAttempt>,
    /// The URL or spec, redacted.
    pub endpoint: String,
    /// The method, for requests.
    pub method: Option<String>,
    /// The user whose credentials were sent, else `anonymous`.
    pub user_tested: String,
    /// The last status.
    pub response_code: Option<u16>,
    /// The last body: JSON where it is, else text; redacted, at most 4 KiB.
    pub response_body: Option<Value>,
    /// SHA-256 of the whole last body.
    pub response_digest: Option<String>,
    /// Its length.
    pub response_bytes: Option<u64>,
    /// Whether it said that it is `text/html`.
    pub html: bool,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: u64,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Told of each finished item, with its index; must not block.
pub type OnFinished<'a> = &'a (dyn Fn(usize, &CheckRun) + Send + Sync);

/// Runs live checks, health checks and UI tests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Validator {}

impl Validator {
    /// Makes a validator.
    pub fn new(_parts: ValidatorParts) -> Self {
        todo!()
    }

    /// Returns the same validator whose UI tests run under a run's cookie.
    #[must_use]
    pub fn with_executor(&self, _executor: Executor) -> Self {
        todo!()
    }

    /// Runs one live check (with an absolute URL). While `settle_ms` lasts, a check that does not pass is tried
    /// again with backoff.
    pub async fn run_live_check(&self, _check: &LiveCheck, _settle_ms: u64, _cancel: &CancellationToken) -> CheckRun {
        todo!()
    }

    /// Runs all items, concurrently and bounded; answers one run per item, in order.
    pub async fn run_all(
        &self,
        _items: &[ChecklistItem],
        _settle_ms: u64,
        _cancel: &CancellationToken,
        _on_finished: OnFinished<'_>,
    ) -> Vec<CheckRun> {
        todo!()
    }
}
