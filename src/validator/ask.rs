//! Asking: one request over one connection, and rows of them that have to agree.

use std::net::IpAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::agreement::{Ask, asks_again, disagreement};
use super::judge::{
    Judged, asks_for_patience, judge_health_item, judge_identity, judge_live, transport_failure_outcome,
};
use super::past_the_cache::{answered_by_a_cache, past_the_cache};
use super::probe::{CheckKind, Observation, Tried, Validator};
use super::same_shape::differing;
use crate::domain::{ANONYMOUS, HealthAnswer, Outcome};
use crate::expect::{AnswerPlace, PreparedCheck};
use crate::outbound::{Exchange, HttpClient, RequestSpec, Route, TransportFailure, request_for};

/// The longest that is waited within one row when production asks for patience, in seconds.
const PATIENCE_S: u64 = 10;

/// How much of a body expectations can read: 10 MiB.
const EXPECTED_BODY_BYTES: usize = 10 * 1024 * 1024;

/// A row of asks.
#[derive(Debug)]
pub(super) struct AskRow {
    pub(super) asks: Vec<Ask>,
    pub(super) tried: Tried,
}

impl Validator {
    /// Asks until `needed` answers agree, or do not; each of several addresses is asked once at least.
    pub(super) async fn ask_in_agreement(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        needed: u32,
        cancel: &CancellationToken,
    ) -> AskRow {
        let mut addresses = match needed {
            0 | 1 => Vec::new(),
            _ => self.deps.http.addresses(check.url()).await,
        };
        let (mut asks, mut attempts, mut told) = (Vec::new(), Vec::new(), Vec::new());
        if let (Some(proxy), true) = (self.deps.http.proxy_of(check.url()), needed > 1) {
            told.push(format!(
                "asked through the proxy {proxy}, which chooses the address: each cannot be asked apart"
            ));
        }
        let (mut first_failure, mut exchanges, mut waited) = (None, Vec::<Exchange>::new(), false);
        let mut last: Option<Observation> = None;
        loop {
            let needed = (needed.max(1) as usize).max(addresses.len());
            if !asks.is_empty() && !asks_again(&asks, needed) {
                break;
            }
            let route = route_of(asks.len(), &addresses);
            let at = self.deps.clock.now();
            let seen = self.ask(check, kind, route, cancel).await;
            if let (Route::To(address), true) = (route, seen.has_no_way) {
                // A family that this machine has no route for says nothing about production.
                addresses.retain(|known| *known != address);
                told.push(format!("{address} cannot be reached from here and was left out"));
                continue;
            }
            attempts.push(self.recorded(at, &seen));
            if let Some(Some(seconds)) = seen.patience_s
                && seconds <= PATIENCE_S
                && !waited
            {
                waited = true;
                if self.waits(seconds, cancel).await {
                    continue;
                }
            }
            asks.push(ask_of(&seen));
            if matches!(seen.outcome, Outcome::Failed { .. }) && first_failure.is_none() {
                first_failure = Some(seen.outcome.clone());
            }
            exchanges.extend(seen.exchange.clone().filter(|_| seen.outcome.is_passed()));
            let given_up = !seen.may_pass_later && !seen.outcome.is_passed();
            last = Some(seen);
            if given_up || cancel.is_cancelled() {
                break;
            }
        }
        let mut seen = last.unwrap_or_else(Observation::cancelled);
        if let Some(flaky) = disagreement(&asks, first_failure.as_ref()) {
            seen.outcome = flaky;
        }
        self.look_past_the_cache(check, kind, needed, &mut seen, cancel).await;
        told.extend(differing(&exchanges));
        seen.told.extend(told);
        AskRow { asks, tried: Tried { seen, attempts } }
    }

    /// Waits as long as production asks for; false when the run was cancelled.
    async fn waits(&self, seconds: u64, cancel: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(Duration::from_secs(seconds)) => true,
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
        let Ok((mut request, _)) = request_for(check, &self.deps.users, self.deps.production.as_ref()) else { return };
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

    /// Sends one request and judges its answer.
    pub(super) async fn ask(
        &self,
        check: &PreparedCheck,
        kind: CheckKind,
        route: Route,
        cancel: &CancellationToken,
    ) -> Observation {
        let deps = &self.deps;
        match request_for(check, &deps.users, deps.production.as_ref()) {
            Err(error) => Observation { may_pass_later: false, ..Observation::of(judge_identity(&error)) },
            Ok((request, user)) => {
                let seen = self.ask_with(check, kind, RequestSpec { route, ..request }, cancel).await;
                let user_tested = if seen.exchange.is_some() { user } else { seen.user_tested };
                Observation { user_tested, ..seen }
            }
        }
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
        let address = match request.route {
            Route::To(address) => Some(address),
            Route::Pooled | Route::Fresh => None,
        };
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
                let (health, outcome) = judge_health_item(configured, &exchange);
                let told = match &health {
                    HealthAnswer::Degraded(said) => vec![format!("degraded: {said}")],
                    _ => Vec::new(),
                };
                Observation { health: Some(health), told, exchange: Some(exchange), ..Observation::of(outcome) }
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
            true => Some(self.page_assets(exchange, cancel).await.broken),
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
            user_tested: ANONYMOUS.to_owned(),
            may_pass_later: true,
            duration_ms: 0,
        }
    }

    fn cancelled() -> Self {
        Self { may_pass_later: false, ..Self::of(transport_failure_outcome(&TransportFailure::Cancelled)) }
    }
}

const fn ask_of(seen: &Observation) -> Ask {
    match (&seen.outcome, seen.patience_s) {
        (_, Some(_)) => Ask::Limited,
        // A health route that is not offered is not asked for a second time.
        (Outcome::Unverified { .. }, None) if seen.health.is_some() => Ask::Failed,
        (Outcome::Passed, None) => Ask::Passed,
        (Outcome::Failed { .. }, None) => Ask::Failed,
        (Outcome::Unverified { .. }, None) => Ask::Unverified,
    }
}

/// The first ask may use a connection that is open, the others do not; of several addresses each has its turn.
fn route_of(ask: usize, addresses: &[IpAddr]) -> Route {
    match addresses {
        [] | [_] if ask == 0 => Route::Pooled,
        [] | [_] => Route::Fresh,
        several => several.get(ask % several.len()).copied().map_or(Route::Fresh, Route::To),
    }
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
