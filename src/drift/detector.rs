//! Makes the comparisons that are asked for, concurrently and bounded.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::detectors::{Comparison, DETECTORS};
use super::heard::HeardBuilds;
use super::retry::RetryUntilClean;
use super::{DriftRequest, RouteProbe};
use crate::domain::{
    DriftAnswer, DriftReport, LiveCheck, LiveCheckError, Production, Redactor, ResolvedCheck, SharedClock, TestUser,
    Timestamp,
};
use crate::executor::Executor;
use crate::outbound::{Exchange, HttpClient, RequestSpec, TransportFailure};
use crate::validator::{EarlierLooks, UserSessions};

/// How much of a page is read, in bytes.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// What a drift detector needs.
#[derive(Debug, Clone)]
pub struct DriftDeps {
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
    deps: Arc<DriftDeps>,
    permits: Arc<Semaphore>,
    /// Who is logged in.
    sessions: Arc<UserSessions>,
    /// Where answers are kept for the validator of the same run.
    looks: Option<Arc<EarlierLooks>>,
}

impl DriftDetector {
    /// Makes a detector of its parts; [`DriftDetector::new`] is the one for a library's users.
    pub fn with_deps(deps: DriftDeps) -> Self {
        let permits = Arc::new(Semaphore::new(deps.max_concurrent.clamp(1, Semaphore::MAX_PERMITS)));
        let DriftDeps { http, users, production, redactor, clock, .. } = &deps;
        let origin = production.as_ref().map(|production| &production.origin);
        let sessions = UserSessions::new(http.clone(), users, origin, redactor.clone(), clock.clone());
        Self { deps: Arc::new(deps), permits, sessions, looks: None }
    }

    /// Returns the same detector, which asks as the users that are logged in for a run.
    #[must_use]
    pub(crate) fn logged_in(self, sessions: Arc<UserSessions>) -> Self {
        Self { sessions, ..self }
    }

    pub(super) fn sessions(&self) -> &UserSessions {
        &self.sessions
    }

    /// Returns the same detector whose commands run under a run's cookie.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        let deps = DriftDeps { executor, ..DriftDeps::clone(&self.deps) };
        Self { deps: Arc::new(deps), looks: None, ..self.clone() }
    }

    /// Returns the same detector, which keeps its answers for the validator.
    #[must_use]
    pub(crate) fn sharing(self, looks: Arc<EarlierLooks>) -> Self {
        Self { looks: Some(looks), ..self }
    }

    /// Returns the probe of a route that a caller named: a path on production, or an absolute URL.
    ///
    /// # Errors
    /// When it is neither, or a path while production's address is not known.
    pub fn probe(&self, route: &str) -> Result<RouteProbe, LiveCheckError> {
        let check = LiveCheck::get(route).resolved(self.deps.production.as_ref().map(|production| &production.url))?;
        Ok(RouteProbe { check, subject: route.to_owned(), expected: None, explicit: true })
    }

    /// Makes every comparison that is asked for, concurrently.
    ///
    /// Findings and missing answers are tried again until they are gone or the time to settle is over. A cancelled check
    /// ends at once, and every comparison that is not done by then is unverified.
    pub async fn check(&self, request: &DriftRequest, cancel: &CancellationToken) -> DriftReport {
        let retry = RetryUntilClean::new(request.converge, cancel);
        let asked = || DETECTORS.iter().filter(|detector| detector.is_asked(request));
        let heard = HeardBuilds::of(asked().filter(|detector| detector.may_tell_the_build()).count());
        let comparing = asked().map(async |detector| {
            let checks = detector.compare(Comparison { detector: self, request, retry: &retry, heard: &heard }).await;
            if detector.may_tell_the_build() {
                heard.ended();
            }
            checks
        });
        let mut checks: Vec<_> = join_all(comparing).await.into_iter().flatten().collect();
        for check in &mut checks {
            self.redact(&mut check.answer);
        }
        DriftReport { checks, checked_at: self.deps.clock.now() }
    }

    pub(super) fn deps(&self) -> &DriftDeps {
        &self.deps
    }

    /// Sends a request as soon as a permit is free, with the time limit of one request.
    pub(super) async fn send(
        &self,
        request: RequestSpec,
        cancel: &CancellationToken,
    ) -> Result<Exchange, TransportFailure> {
        self.send_by(&self.deps.http, request, cancel).await
    }

    /// Sends a request for a page, whose body is kept as far as pages are read.
    pub(super) async fn send_for_page(
        &self,
        request: RequestSpec,
        cancel: &CancellationToken,
    ) -> Result<Exchange, TransportFailure> {
        self.send_by(&self.deps.http.keeping(PAGE_BYTES), request, cancel).await
    }

    async fn send_by(
        &self,
        http: &HttpClient,
        mut request: RequestSpec,
        cancel: &CancellationToken,
    ) -> Result<Exchange, TransportFailure> {
        request.timeout_ms = request.timeout_ms.min(self.deps.request_timeout_ms);
        request.follow_redirects = false;
        let exchange = async {
            // The semaphore is never closed; without a permit nothing is sent.
            let _permit = self.permits.acquire().await.map_err(|_| TransportFailure::Cancelled)?;
            http.send(&request, cancel).await
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(TransportFailure::Cancelled),
            answer = exchange => answer,
        }
    }

    /// Keeps the answer to a check, which was asked for at this time.
    pub(super) fn keep_look(&self, check: &ResolvedCheck, at: Timestamp, exchange: &Exchange) {
        if let Some(looks) = &self.looks {
            looks.keep(check, at, exchange);
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
        let redactor = &self.deps.redactor;
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
    DriftAnswer::unverified("production's address is not known", "set prod_url (or --prod-url, or PROD_URL)")
}

/// Says why no answer was observed, by its cause, and what to do about it.
pub(super) fn transport_failure_answer(failure: &TransportFailure) -> DriftAnswer {
    DriftAnswer::Unverified { why: failure.to_string(), fix: transport_failure_fix(failure) }
}

/// Says what to do about a missing answer.
pub(super) fn transport_failure_fix(failure: &TransportFailure) -> String {
    let fix = match failure {
        TransportFailure::Cancelled => "run the drift check again",
        failure => match failure.fix() {
            Some(fix) => return fix,
            None => "check that production is up and can be reached from here",
        },
    };
    fix.to_owned()
}
