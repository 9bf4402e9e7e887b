//! One check: it is sent, judged, and tried again while production settles; then its evidence is kept.

use std::future::Future;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::evidence::kept_body;
use super::judge::{judge_health_item, judge_identity, judge_live, transport_failure_outcome};
use crate::domain::{
    ANONYMOUS, CheckAttempt, HealthAnswer, Origin, Outcome, ProofResult, Redactor, ResolvedCheck, RouteKey,
    SharedClock, TestUser, Timestamp, is_html, one_line,
};
use crate::executor::Executor;
use crate::outbound::{Backoff, Exchange, HttpClient, request_for};

/// What a validator needs.
#[derive(Debug, Clone)]
pub struct ValidatorDeps {
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
    /// The route that gave the last answer: another than asked for after redirects.
    pub answered_by: Option<RouteKey>,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: u64,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Runs live checks, health checks and UI tests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Validator {
    pub(super) deps: Arc<ValidatorDeps>,
}

/// What kind of check it is, which says how its answer is judged.
#[derive(Debug, Clone, Copy)]
pub(super) enum CheckKind {
    Live,
    Health { configured: bool },
}

/// How long a check that does not pass is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryBudget<'a> {
    pub(super) settle_ms: u64,
    pub(super) cancel: &'a CancellationToken,
    /// Cancelled when other checks have answered this one's question: the validator stops waiting for a health route
    /// that production does not offer.
    pub(super) stop_when: Option<&'a CancellationToken>,
}

/// One try.
#[derive(Debug)]
pub(super) struct Observation {
    pub(super) outcome: Outcome,
    pub(super) health: Option<HealthAnswer>,
    pub(super) exchange: Option<Exchange>,
    pub(super) user_tested: String,
    /// Whether trying again can change anything.
    pub(super) may_pass_later: bool,
    pub(super) duration_ms: u64,
}

impl Validator {
    /// Makes a validator of its parts; [`Validator::new`] is the one for a library's users.
    pub fn with_deps(deps: ValidatorDeps) -> Self {
        Self { deps: Arc::new(deps) }
    }

    /// Returns the same validator whose UI tests run under a run's cookie.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        Self::with_deps(ValidatorDeps { executor, ..ValidatorDeps::clone(&self.deps) })
    }

    /// Runs one live check. While `settle_ms` lasts, a check that does not pass is tried
    /// again with backoff.
    pub async fn run_live_check(&self, check: &ResolvedCheck, settle_ms: u64, cancel: &CancellationToken) -> CheckRun {
        self.run_request(check, CheckKind::Live, RetryBudget { settle_ms, cancel, stop_when: None }).await
    }

    pub(super) async fn run_request(
        &self,
        check: &ResolvedCheck,
        kind: CheckKind,
        budget: RetryBudget<'_>,
    ) -> CheckRun {
        let cancel = budget.cancel;
        let (last, attempts) = self.settle(budget, || self.observe(check, kind, cancel)).await;
        let endpoint = self.deps.redactor.url(check.url().as_str());
        self.check_run(last, attempts, endpoint, Some(check.method().to_string()))
    }

    /// Tries until it passes, cannot pass, or the time to settle is up; every try is recorded.
    pub(super) async fn settle<F, Try>(
        &self,
        budget: RetryBudget<'_>,
        mut attempt: F,
    ) -> (Observation, Vec<CheckAttempt>)
    where
        F: FnMut() -> Try,
        Try: Future<Output = Observation>,
    {
        let RetryBudget { settle_ms, cancel, stop_when } = budget;
        let begun = Instant::now();
        let mut backoff = Backoff::default();
        let mut attempts = Vec::new();
        loop {
            let at = self.deps.clock.now();
            let seen = attempt().await;
            attempts.push(self.recorded(at, &seen));
            if seen.outcome.is_passed() || !seen.may_pass_later {
                return (seen, attempts);
            }
            let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let Some(wait) = backoff.next_wait(elapsed_ms, settle_ms) else { return (seen, attempts) };
            // A failure of its own is tried again, whatever the other checks show.
            let stop_when =
                stop_when.filter(|_| matches!(seen.health, Some(HealthAnswer::Absent | HealthAnswer::Inconclusive(_))));
            let stopped = async {
                match stop_when {
                    Some(others) => others.cancelled().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => return (seen, attempts),
                () = stopped => return (seen, attempts),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn recorded(&self, at: Timestamp, seen: &Observation) -> CheckAttempt {
        CheckAttempt {
            at,
            result: ProofResult::from(&seen.outcome),
            response_code: seen.exchange.as_ref().map(|exchange| exchange.status),
            error_message: seen.outcome.reason().map(|reason| one_line(&self.deps.redactor.text(&reason), 500)),
            duration_ms: seen.duration_ms,
        }
    }

    pub(super) fn check_run(
        &self,
        last: Observation,
        attempts: Vec<CheckAttempt>,
        endpoint: String,
        method: Option<String>,
    ) -> CheckRun {
        let redactor = &self.deps.redactor;
        let exchange = last.exchange.as_ref();
        CheckRun {
            outcome: redacted(last.outcome, redactor),
            health: last.health,
            attempts,
            endpoint,
            method,
            user_tested: last.user_tested,
            response_code: exchange.map(|exchange| exchange.status),
            response_body: exchange.and_then(|exchange| kept_body(exchange, redactor)),
            response_digest: exchange.map(|exchange| exchange.body_digest.clone()),
            response_bytes: exchange.map(|exchange| exchange.body_bytes),
            html: exchange.and_then(|exchange| exchange.header("content-type")).is_some_and(is_html),
            answered_by: exchange.map(|exchange| RouteKey::of(&exchange.url)),
            duration_ms: last.duration_ms,
            finished_at: self.deps.clock.now(),
        }
    }

    async fn observe(&self, check: &ResolvedCheck, kind: CheckKind, cancel: &CancellationToken) -> Observation {
        let begun = Instant::now();
        let deps = &self.deps;
        let mut seen = Observation {
            outcome: Outcome::Passed,
            health: None,
            exchange: None,
            user_tested: ANONYMOUS.to_owned(),
            may_pass_later: true,
            duration_ms: 0,
        };
        match request_for(check, &deps.users, deps.production.as_ref()) {
            Err(error) => {
                seen.outcome = judge_identity(&error);
                seen.may_pass_later = false;
            }
            Ok((request, user)) => match deps.http.send(&request, cancel).await {
                Err(failure) => {
                    seen.outcome = transport_failure_outcome(&failure);
                    seen.may_pass_later = failure.may_pass_later();
                }
                Ok(exchange) => {
                    match kind {
                        CheckKind::Live => seen.outcome = judge_live(check.expected_status(), &exchange),
                        CheckKind::Health { configured } => {
                            let (health, outcome) = judge_health_item(configured, &exchange);
                            seen.outcome = outcome;
                            seen.health = Some(health);
                        }
                    }
                    seen.user_tested = user;
                    seen.exchange = Some(exchange);
                }
            },
        }
        seen.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        seen
    }
}

/// Fixes are not redacted: they name settings and variables, which a redactor takes for secrets, and quote no answer.
fn redacted(outcome: Outcome, redactor: &Redactor) -> Outcome {
    match outcome {
        Outcome::Passed => Outcome::Passed,
        Outcome::Failed { expected, observed } => Outcome::Failed { expected, observed: redactor.text(&observed) },
        Outcome::Unverified { why, fix } => Outcome::Unverified { why: redactor.text(&why), fix },
    }
}
