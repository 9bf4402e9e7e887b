//! One check: it is asked, several times where answers must agree, judged, and asked again while production settles; then
//! its evidence is kept.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::agreement::next_row;
use super::earlier_looks::EarlierLooks;
use super::evidence::kept_body;
use super::login::{NotAsked, UserSessions};
use crate::domain::{
    AnswerShape, CheckAttempt, Convergence, ExpectationResult, HealthAnswer, LiveWatch, Origin, Outcome, ProgressEvent,
    ProofResult, Redactor, RouteKey, SharedClock, TestUser, Timestamp, is_html, one_line,
};
use crate::executor::Executor;
use crate::expect::PreparedCheck;
use crate::outbound::{Exchange, HttpClient};

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
    /// The route that production's own address names, which may have a path.
    pub production_route: Option<RouteKey>,
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
#[derive(Debug, Clone)]
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
    /// What the expectations said of the last answer.
    pub expectations: Vec<ExpectationResult>,
    /// What was seen beside the verdict.
    pub told: Vec<String>,
    /// Why it does not count as a proof, where that was observed.
    pub not_counted: Option<String>,
    /// Whether the answer is that of a path which cannot exist.
    pub catch_all: bool,
    /// What the answers have in common, for a check that is compared with its baseline.
    pub shape: Option<AnswerShape>,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: u64,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The last answer itself, for what is compared with it; it is not kept.
    pub(super) exchange: UnkeptAnswer,
}

impl CheckRun {
    /// Says which other commit than production's a header of the last answer names.
    pub(crate) fn other_build(&self, build: &str) -> Option<String> {
        super::same_shape::other_commit(self.exchange.0.as_ref()?, build)
    }
}

/// An answer as it came, secrets and all: it is compared, and neither kept nor shown.
#[derive(Clone)]
pub(super) struct UnkeptAnswer(pub(super) Option<Exchange>);

impl std::fmt::Debug for UnkeptAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UnkeptAnswer")
    }
}

/// Runs live checks, health checks and UI tests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Validator {
    pub(super) deps: Arc<ValidatorDeps>,
    /// Who is logged in.
    pub(super) sessions: Arc<UserSessions>,
    /// What gate 1 saw in the same run.
    pub(super) looks: Option<Arc<EarlierLooks>>,
    /// Who watches a run live.
    pub(super) watch: LiveWatch,
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
    pub(super) converge: Convergence,
    /// How many answers have to agree.
    pub(super) agreeing: u32,
    pub(super) cancel: &'a CancellationToken,
    /// Cancelled when other checks have answered this one's question: the validator stops waiting for a health route
    /// that production does not offer.
    pub(super) stop_when: Option<&'a CancellationToken>,
}

/// One ask.
#[derive(Debug)]
pub(super) struct Observation {
    pub(super) outcome: Outcome,
    pub(super) expectations: Vec<ExpectationResult>,
    pub(super) told: Vec<String>,
    pub(super) address: Option<IpAddr>,
    /// How many seconds production asks to wait, where it asks for patience.
    pub(super) patience_s: Option<Option<u64>>,
    /// Whether there is no way from here to the address that was asked.
    pub(super) has_no_way: bool,
    pub(super) health: Option<HealthAnswer>,
    pub(super) exchange: Option<Exchange>,
    /// What the answers of a row have in common, for a check that is compared with its baseline.
    pub(super) shape: Option<AnswerShape>,
    pub(super) user_tested: String,
    /// Whether trying again can change anything.
    pub(super) may_pass_later: bool,
    pub(super) duration_ms: u64,
}

/// One try: one ask, or a row of asks that have to agree; the last says what it came to.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) seen: Observation,
    pub(super) attempts: Vec<CheckAttempt>,
}

impl Validator {
    /// Makes a validator of its parts; [`Validator::new`] is the one for a library's users.
    pub fn with_deps(deps: ValidatorDeps) -> Self {
        let ValidatorDeps { http, users, production, redactor, clock, .. } = &deps;
        let sessions = UserSessions::new(http.clone(), users, production.as_ref(), redactor.clone(), clock.clone());
        Self { deps: Arc::new(deps), sessions, looks: None, watch: LiveWatch::default() }
    }

    /// Returns the same validator for another run, in which no test user is logged in yet.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { sessions: self.sessions.anew(), ..self.clone() }
    }

    /// Returns the same sessions for who asks production beside it in the same run.
    pub(crate) fn sessions(&self) -> Arc<UserSessions> {
        self.sessions.clone()
    }

    /// Tells why a check can never be asked as its test user; nothing when it can, or names none. Nothing is sent.
    pub fn refusal(&self, check: &PreparedCheck) -> Option<NotAsked> {
        self.sessions.refusal(check)
    }

    /// Returns the same validator whose UI tests run under a run's cookie, and whom who watches that run can watch.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        let watch = executor.watch().clone();
        let deps = Arc::new(ValidatorDeps { executor, ..ValidatorDeps::clone(&self.deps) });
        Self { deps, looks: None, watch, ..self.clone() }
    }

    /// Returns the same validator, which takes the looks of gate 1 for first asks.
    #[must_use]
    pub(crate) fn sharing(self, looks: Arc<EarlierLooks>) -> Self {
        Self { looks: Some(looks), ..self }
    }

    /// Runs one live check. While `settle_ms` lasts, a check that does not pass is tried again every second.
    pub async fn run_live_check(&self, check: &PreparedCheck, settle_ms: u64, cancel: &CancellationToken) -> CheckRun {
        let budget = RetryBudget { converge: Convergence::settling(settle_ms), agreeing: 1, cancel, stop_when: None };
        self.run_request(check, CheckKind::Live, budget).await
    }

    pub(super) async fn run_request(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        budget: RetryBudget<'_>,
    ) -> CheckRun {
        let cancel = budget.cancel;
        let needed = AtomicU32::new(budget.agreeing);
        let row = || async {
            let needed_now = needed.load(Ordering::Relaxed);
            let row = self.ask_in_agreement(check, kind, needed_now, cancel).await;
            needed.store(next_row(budget.agreeing, needed_now, &row.asks), Ordering::Relaxed);
            row.tried
        };
        let what = || format!("{} {}", check.method(), self.deps.redactor.url(check.url().as_str()));
        let (mut last, mut attempts) = self.settle(budget, row, &what).await;
        let hold = Duration::from_millis(budget.converge.hold_ms);
        if !hold.is_zero() && budget.agreeing > 1 && last.outcome.is_passed() && self.pause(hold, cancel).await {
            let later = self.ask_in_agreement(check, kind, 1, cancel).await.tried;
            attempts.extend(later.attempts);
            if !later.seen.outcome.is_passed() {
                last = Observation { outcome: after_a_while(later.seen.outcome.clone(), hold), ..later.seen };
            }
        }
        let endpoint = self.deps.redactor.url(check.url().as_str());
        self.check_run(last, attempts, endpoint, Some(check.method().to_string()))
    }

    /// Tries until it passes, cannot pass, or the time to settle is up; every try is recorded.
    pub(super) async fn settle<F, Try>(
        &self,
        budget: RetryBudget<'_>,
        mut attempt: F,
        what: &(dyn Fn() -> String + Sync),
    ) -> (Observation, Vec<CheckAttempt>)
    where
        F: FnMut() -> Try,
        Try: Future<Output = Tried>,
    {
        let begun = Instant::now();
        let (mut attempts, mut failed_rounds) = (Vec::new(), 0);
        loop {
            self.watch.tell(|| ProgressEvent::Asking { what: what(), round: failed_rounds + 1 });
            let Tried { seen, attempts: tries } = attempt().await;
            attempts.extend(tries);
            if seen.outcome.is_passed() || !seen.may_pass_later {
                return (seen, attempts);
            }
            failed_rounds += 1;
            // A failure of its own is tried again, whatever the other checks show.
            let says_nothing = matches!(seen.health, Some(HealthAnswer::Absent | HealthAnswer::Inconclusive(_)));
            let budget = RetryBudget { stop_when: budget.stop_when.filter(|_| says_nothing), ..budget };
            if !self.pauses(budget, begun, failed_rounds).await {
                return (seen, attempts);
            }
        }
    }

    /// Waits until the next round; false when there is none.
    pub(super) async fn pauses(&self, budget: RetryBudget<'_>, begun: Instant, failed_rounds: u32) -> bool {
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Some(pause) = budget.converge.next_pause(elapsed_ms, failed_rounds) else { return false };
        let stopped = async {
            match budget.stop_when {
                Some(others) => others.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stopped => false,
            goes_on = self.pause(pause, budget.cancel) => goes_on,
        }
    }

    pub(super) fn recorded(&self, at: Timestamp, seen: &Observation) -> CheckAttempt {
        CheckAttempt {
            at,
            result: ProofResult::from(&seen.outcome),
            response_code: seen.exchange.as_ref().map(|exchange| exchange.status),
            error_message: seen.outcome.reason().map(|reason| one_line(&self.deps.redactor.text(&reason), 500)),
            duration_ms: seen.duration_ms,
            address: seen.address,
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
            expectations: last.expectations,
            told: last.told,
            not_counted: None,
            catch_all: false,
            shape: last.shape,
            exchange: UnkeptAnswer(last.exchange.clone()),
            duration_ms: last.duration_ms,
            finished_at: self.deps.clock.now(),
        }
    }
}

/// Says of a check that had passed that it does no more.
fn after_a_while(outcome: Outcome, hold: Duration) -> Outcome {
    match outcome {
        Outcome::Failed { expected, observed } => {
            Outcome::failed(expected, format!("{observed}, {} s after it had passed", hold.as_secs()))
        }
        other => other,
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
