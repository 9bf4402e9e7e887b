//! Makes the comparisons that are asked for, concurrently and bounded.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::settle::Settling;
use super::{DriftRequest, health, release, routes, schema};
use crate::domain::{DriftAnswer, DriftReport, Production, Redactor, SharedClock, TestUser};
use crate::executor::Executor;
use crate::outbound::{Exchange, HttpClient, RequestSpec, TransportFailure};

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
pub struct DriftDetector {
    parts: Arc<DriftParts>,
    permits: Arc<Semaphore>,
}

impl DriftDetector {
    /// Makes a detector.
    pub fn new(parts: DriftParts) -> Self {
        let permits = Arc::new(Semaphore::new(parts.max_concurrent.clamp(1, Semaphore::MAX_PERMITS)));
        Self { parts: Arc::new(parts), permits }
    }

    /// Returns the same detector whose commands run under a run's cookie.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        let parts = DriftParts { executor, ..DriftParts::clone(&self.parts) };
        Self { parts: Arc::new(parts), permits: self.permits.clone() }
    }

    /// Makes every comparison that is asked for, concurrently.
    ///
    /// Findings and silences of production are looked at again with backoff until they are gone or `settle_ms`
    /// is over. A cancelled check ends at once; what was not compared by then is unverified.
    pub async fn check(&self, request: &DriftRequest, cancel: &CancellationToken) -> DriftReport {
        let settling = Settling::new(request.settle_ms, cancel);
        let routes = join_all(request.routes.iter().map(|probe| routes::check(self, probe, &settling)));
        let health = async { if request.check_health { Some(health::check(self, &settling).await) } else { None } };
        let version = async { if request.check_version { Some(release::check(self, &settling).await) } else { None } };
        let schema = async { if request.check_schema { schema::check(self, cancel).await } else { Vec::new() } };
        let ((mut checks, health), (version, schema)) = join(join(routes, health), join(version, schema)).await;
        checks.extend(health);
        checks.extend(version);
        checks.extend(schema);
        for check in &mut checks {
            self.redact(&mut check.answer);
        }
        DriftReport { checks, checked_at: self.parts.clock.now() }
    }

    pub(super) fn parts(&self) -> &DriftParts {
        &self.parts
    }

    /// Sends a request as soon as a permit is free, and at most for the time that a request of ours has.
    pub(super) async fn send(
        &self,
        mut request: RequestSpec,
        cancel: &CancellationToken,
    ) -> Result<Exchange, TransportFailure> {
        request.timeout_ms = request.timeout_ms.min(self.parts.request_timeout_ms);
        request.follow_redirects = false;
        let exchange = async {
            // The semaphore is never closed; without a permit nothing is sent.
            let _permit = self.permits.acquire().await.map_err(|_| TransportFailure::Cancelled)?;
            self.parts.http.send(&request, cancel).await
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(TransportFailure::Cancelled),
            answer = exchange => answer,
        }
    }

    /// Runs work that starts a program as soon as a permit is free.
    pub(super) async fn with_permit<T>(&self, cancel: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
        let permit = tokio::select! {
            biased;
            () = cancel.cancelled() => return None,
            permit = self.permits.acquire() => permit.ok()?,
        };
        let answer = work.await;
        drop(permit);
        Some(answer)
    }

    fn redact(&self, answer: &mut DriftAnswer) {
        let redactor = &self.parts.redactor;
        match answer {
            DriftAnswer::Found { issue, recommendation } => {
                *issue = redactor.text(issue);
                *recommendation = redactor.text(recommendation);
            }
            DriftAnswer::Unverified { why, fix } => {
                *why = redactor.text(why);
                *fix = redactor.text(fix);
            }
            DriftAnswer::NotApplicable { why } => *why = redactor.text(why),
            DriftAnswer::Clean => {}
        }
    }
}

/// Says that a comparison was given up.
pub(super) fn cancelled() -> DriftAnswer {
    DriftAnswer::Unverified { why: "cancelled".to_owned(), fix: "run the drift check again".to_owned() }
}

/// Says that nothing can be compared without production's address.
pub(super) fn no_production() -> DriftAnswer {
    DriftAnswer::Unverified {
        why: "production's address is not known".to_owned(),
        fix: "set prod_url (or --prod-url, or PROD_URL)".to_owned(),
    }
}

/// Says why no answer was observed, by its cause, and what to do about it.
pub(super) fn silence(failure: &TransportFailure) -> DriftAnswer {
    if matches!(failure, TransportFailure::Cancelled) {
        return cancelled();
    }
    let fix = failure.fix().unwrap_or_else(|| "check that production is up and can be reached from here".to_owned());
    DriftAnswer::Unverified { why: failure.to_string(), fix }
}
