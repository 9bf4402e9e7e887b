//! Asking: one request over one connection, and rows of them that have to agree.

use std::net::IpAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::agreement::asked_addresses;
use super::judge::{Judged, asks_for_patience, judge_health_item, judge_live, transport_failure_outcome};
use super::login::{Asking, NotAsked};
use super::past_the_cache::{answered_by_a_cache, past_the_cache};
use super::probe::{CheckKind, Observation, Validator};
use super::row::{AskRow, OpenRow};
use crate::domain::{ANONYMOUS, HealthAnswer, Outcome, Timestamp};
use crate::expect::{AnswerPlace, PreparedCheck};
use crate::outbound::{Exchange, HttpClient, RequestSpec, Route, TransportFailure};

/// How a line begins that says that a healthy answer warns of something.
pub(crate) const DEGRADED: &str = "degraded";

/// How much of a body expectations can read: 10 MiB.
const EXPECTED_BODY_BYTES: usize = 10 * 1024 * 1024;

impl Validator {
    /// Asks until `needed` answers agree, or do not; each of several addresses is asked once at least.
    pub(super) async fn ask_in_agreement(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        needed: u32,
        cancel: &CancellationToken,
    ) -> AskRow {
        let mut row = self.row_of(check, needed).await;
        while row.goes_on() {
            let (at, seen) = self.next_seen(check, kind, &mut row, cancel).await;
            row.keep(self.recorded(at, &seen), seen);
            if cancel.is_cancelled() {
                break;
            }
        }
        self.finished(row, check, kind, needed, cancel).await
    }

    /// Begins a row: its addresses are known, and what gate 1 saw is its first ask.
    pub(super) async fn row_of(&self, check: &PreparedCheck, needed: u32) -> OpenRow {
        let named = &check.asked().addresses;
        let resolved = match needed {
            0 | 1 if named.is_empty() => Vec::new(),
            _ => self.deps.http.addresses(check.url()).await,
        };
        match asked_addresses(&resolved, named) {
            Ok(addresses) => {
                let mut row = OpenRow::new(needed, addresses);
                if check.compares_with_baseline() {
                    row.keep_shape();
                }
                if let (Some(proxy), true) = (self.deps.http.proxy_of(check.url()), needed > 1) {
                    row.tell(format!(
                        "asked through the proxy {proxy}, which chooses the address: each cannot be asked apart"
                    ));
                }
                if let Some(look) = self.looks.as_ref().and_then(|looks| looks.take(check)) {
                    row.begin_with(look);
                }
                row
            }
            Err(unknown) => {
                let mut row = OpenRow::new(1, Vec::new());
                let seen = Observation::of(unknown_address(check, unknown, &resolved));
                row.cannot_be_asked(self.recorded(self.deps.clock.now(), &seen), seen);
                row
            }
        }
    }

    /// Asks once more. An address that cannot be reached from here is left out, and production gets the patience that it
    /// asks for.
    pub(super) async fn next_seen(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        row: &mut OpenRow,
        cancel: &CancellationToken,
    ) -> (Timestamp, Observation) {
        loop {
            let (at, seen) = match row.earlier.take() {
                // What met the end of a session is asked again.
                Some(look) if !self.sessions.looks_ended(check, &look.exchange) => {
                    (look.at, self.seen_earlier(check, kind, row.route(), look.exchange, cancel).await)
                }
                _ => (self.deps.clock.now(), self.ask(check, kind, row.route(), cancel).await),
            };
            if let (Some(address), true) = (seen.address, seen.has_no_way) {
                row.leave_out(address);
                continue;
            }
            if let Some(seconds) = row.patience_s(&seen)
                && self.pause(Duration::from_secs(seconds), cancel).await
            {
                row.record(self.recorded(at, &seen));
                continue;
            }
            return (at, seen);
        }
    }

    /// Ends a row: what its answers mean together, and past a cache.
    pub(super) async fn finished(
        &self,
        row: OpenRow,
        check: &PreparedCheck,
        kind: CheckKind,
        needed: u32,
        cancel: &CancellationToken,
    ) -> AskRow {
        let mut row = row.finish();
        self.look_past_the_cache(check, kind, needed, &mut row.tried.seen, cancel).await;
        row
    }

    /// Waits; false when the run was cancelled.
    pub(super) async fn pause(&self, pause: Duration, cancel: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }

    /// An answer out of a cache is compared with one past it: what is stale at the edge, and what is only there.
    async fn look_past_the_cache(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        needed: u32,
        seen: &mut Observation,
        cancel: &CancellationToken,
    ) {
        let cached = seen.exchange.as_ref().is_some_and(answered_by_a_cache);
        if needed < 2 || !cached || !check.asked().is_safe() || !matches!(kind, CheckKind::Live) {
            return;
        }
        let Ok(Asking { mut request, .. }) = self.sessions.request_for(check, cancel).await else { return };
        request.url = past_the_cache(&request.url);
        request.route = Route::Fresh;
        let Ok(exchange) = self.http_for(check).send(&request, cancel).await else { return };
        let origin = self.judge_with_assets(check, &exchange, cancel).await.outcome;
        match (seen.outcome.is_passed(), &origin, (200..300).contains(&exchange.status)) {
            (false, Outcome::Passed, _) => {
                let why = seen.outcome.reason().unwrap_or_default();
                seen.outcome = Outcome::failed("what production answers past its cache", format!("stale edge ({why})"));
            }
            (true, Outcome::Failed { .. }, true) => {
                let why = origin.reason().unwrap_or_default();
                seen.outcome =
                    Outcome::failed("past the cache what the cache answers", format!("another answer ({why})"));
            }
            _ => {}
        }
    }

    /// Sends one request as its user and judges its answer. When the user's session has ended, it logs in and asks once more.
    pub(super) async fn ask(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        route: Route,
        cancel: &CancellationToken,
    ) -> Observation {
        let asking = match self.sessions.request_for(check, cancel).await {
            Ok(asking) => asking,
            Err(refused) => return Observation::not_asked(&refused),
        };
        let seen = self.ask_as(check, kind, route, &asking, cancel).await;
        let status = match &seen.exchange {
            Some(exchange) if self.sessions.has_ended(check, exchange, &asking).await => exchange.status,
            _ => return seen,
        };
        let again = match self.sessions.request_for(check, cancel).await {
            Ok(again) => again,
            Err(refused) => return Observation::not_asked(&refused),
        };
        let mut seen = self.ask_as(check, kind, route, &again, cancel).await;
        if seen.exchange.as_ref().is_some_and(|exchange| self.sessions.looks_ended(check, exchange)) {
            self.sessions.changed_nothing(check, &again).await;
        }
        seen.told.push(format!("{} was logged in once more, after {status}", again.user));
        seen
    }

    async fn ask_as(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        route: Route,
        asking: &Asking,
        cancel: &CancellationToken,
    ) -> Observation {
        let seen = self.ask_with(check, kind, RequestSpec { route, ..asking.request.clone() }, cancel).await;
        let user_tested = if seen.exchange.is_some() { asking.user.clone() } else { seen.user_tested };
        Observation { user_tested, ..seen }
    }

    /// Judges what gate 1 saw of the same request, which was sent as the same user.
    async fn seen_earlier(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        route: Route,
        exchange: Exchange,
        cancel: &CancellationToken,
    ) -> Observation {
        let (duration_ms, address) = (exchange.duration_ms, route.address());
        let seen = self.judged(check, kind, exchange, cancel).await;
        let user_tested = check.asked().user.clone().unwrap_or_else(|| ANONYMOUS.to_owned());
        Observation { duration_ms, address, user_tested, ..seen }
    }

    async fn ask_with(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        request: RequestSpec,
        cancel: &CancellationToken,
    ) -> Observation {
        let begun = std::time::Instant::now();
        let answer = self.http_for(check).send(&request, cancel).await;
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let address = request.route.address();
        let seen = match answer {
            Err(failure) => Observation {
                may_pass_later: failure.may_pass_later(),
                has_no_way: has_no_way(&failure, check, address),
                ..Observation::of(transport_failure_outcome(&failure))
            },
            Ok(exchange) => self.judged(check, kind, exchange, cancel).await,
        };
        Observation { duration_ms, address, ..seen }
    }

    async fn judged(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        exchange: Exchange,
        cancel: &CancellationToken,
    ) -> Observation {
        match kind {
            CheckKind::Live => match asks_for_patience(check.expected_status(), &exchange) {
                Some((outcome, seconds)) => {
                    Observation { patience_s: Some(seconds), exchange: Some(exchange), ..Observation::of(outcome) }
                }
                None => {
                    let judged = self.judge_with_assets(check, &exchange, cancel).await;
                    let Judged { outcome, expectations, told } = judged;
                    Observation { expectations, told, exchange: Some(exchange), ..Observation::of(outcome) }
                }
            },
            CheckKind::Health { configured } => {
                let (verdict, outcome) = judge_health_item(configured, &exchange);
                let degraded = match &verdict.answer {
                    HealthAnswer::Degraded(said) => Some(format!("{DEGRADED}: {said}")),
                    _ => None,
                };
                // What is not offered is told by its outcome.
                let told = match outcome {
                    Outcome::Passed => degraded.into_iter().chain(verdict.told).collect(),
                    _ => Vec::new(),
                };
                Observation { health: Some(verdict.answer), told, exchange: Some(exchange), ..Observation::of(outcome) }
            }
        }
    }

    /// Judges an answer of a live check; what its page loads is asked for where an expectation speaks of it.
    pub(super) async fn judge_with_assets(
        &self,
        check: &PreparedCheck,
        exchange: &Exchange,
        cancel: &CancellationToken,
    ) -> Judged {
        let broken = match check.expectations().iter().any(|one| one.place() == AnswerPlace::Assets) {
            true => Some(self.page_assets(check, exchange, cancel).await.broken),
            false => None,
        };
        judge_live(check, exchange, broken.as_deref(), self.deps.clock.now(), &self.deps.redactor)
    }

    /// More of a body is kept where a check says what it must show.
    fn http_for(&self, check: &PreparedCheck) -> HttpClient {
        if check.expectations().is_empty() {
            self.deps.http.clone()
        } else {
            self.deps.http.keeping(EXPECTED_BODY_BYTES)
        }
    }
}

impl Observation {
    /// Makes an observation of an outcome, without an answer.
    pub(super) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            expectations: Vec::new(),
            told: Vec::new(),
            address: None,
            patience_s: None,
            has_no_way: false,
            health: None,
            exchange: None,
            shape: None,
            user_tested: ANONYMOUS.to_owned(),
            may_pass_later: true,
            duration_ms: 0,
        }
    }

    fn not_asked(refused: &NotAsked) -> Self {
        Self { may_pass_later: refused.may_pass_later(), ..Self::of(refused.outcome()) }
    }

    pub(super) fn cancelled() -> Self {
        Self { may_pass_later: false, ..Self::of(transport_failure_outcome(&TransportFailure::Cancelled)) }
    }
}

/// An address that a check names and that is not its name's own.
fn unknown_address(check: &PreparedCheck, unknown: IpAddr, resolved: &[IpAddr]) -> Outcome {
    let known = resolved.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let host = check.origin().host();
    let why = format!("addresses names {unknown}; {host} resolves to {known}, and nothing else of it may be called");
    Outcome::unverified(why, Some("name addresses of this list, or leave `addresses` out"))
}

/// Tells whether one of several addresses cannot be reached from here whatever production does. Of a name of this machine,
/// the addresses that answer are enough.
fn has_no_way(failure: &TransportFailure, check: &PreparedCheck, address: Option<IpAddr>) -> bool {
    let is_here = address.is_some_and(|address| address.is_loopback());
    match failure.bare() {
        TransportFailure::Unreachable { .. } => address.is_some(),
        TransportFailure::Refused { .. } => is_here && check.origin().host() == "localhost",
        _ => false,
    }
}
