//! One row of asks of one check: what came back, and what it means together. Pure.

use std::net::IpAddr;

use super::agreement::{Ask, asks_again, disagreement};
use super::baseline_shape::shape_of;
use super::earlier_looks::EarlierLook;
use super::probe::{Observation, Tried};
use super::same_shape::differing;
use crate::domain::{CheckAttempt, Outcome};
use crate::outbound::{Exchange, Route};

/// The longest that is waited within one row when production asks for patience, in seconds.
const PATIENCE_S: u64 = 10;

/// A row that goes on.
#[derive(Debug, Default)]
pub(super) struct OpenRow {
    needed: usize,
    /// The addresses of production that are asked in turn.
    addresses: Vec<IpAddr>,
    /// What was seen of the check before, which is its first ask.
    pub(super) earlier: Option<EarlierLook>,
    asks: Vec<Ask>,
    attempts: Vec<CheckAttempt>,
    told: Vec<String>,
    first_failure: Option<Outcome>,
    passed: Vec<Exchange>,
    /// All answers, where what they have in common is kept.
    answered: Option<Vec<Exchange>>,
    last: Option<Observation>,
    has_waited: bool,
    is_over: bool,
}

/// A row that is over.
#[derive(Debug)]
pub(super) struct AskRow {
    pub(super) asks: Vec<Ask>,
    pub(super) tried: Tried,
}

impl OpenRow {
    /// Begins a row in which so many answers have to agree, and each address is asked once at least.
    pub(super) fn new(needed: u32, addresses: Vec<IpAddr>) -> Self {
        Self { needed: needed.max(1) as usize, addresses, ..Self::default() }
    }

    /// Keeps what the answers have in common.
    pub(super) fn keep_shape(&mut self) {
        self.answered = Some(Vec::new());
    }

    /// Takes what was seen before for the first ask. Of several addresses it must be known which one answered.
    pub(super) fn begin_with(&mut self, look: EarlierLook) {
        let answered = look.exchange.remote.map(|remote| remote.ip());
        let place = self.addresses.iter().position(|address| Some(*address) == answered);
        match place {
            Some(place) => self.addresses.swap(0, place),
            None if self.addresses.len() > 1 => return,
            None => {}
        }
        self.earlier = Some(look);
    }

    /// Tells whether the check is asked once more.
    pub(super) fn goes_on(&self) -> bool {
        let needed = self.needed.max(self.addresses.len());
        !self.is_over && (self.asks.is_empty() || asks_again(&self.asks, needed))
    }

    /// The first ask may use a connection that is open, the others do not; of several addresses each has its turn.
    pub(super) fn route(&self) -> Route {
        match self.addresses.as_slice() {
            [] | [_] if self.asks.is_empty() => Route::Pooled,
            [] | [_] => Route::Fresh,
            several => several.get(self.asks.len() % several.len()).copied().map_or(Route::Fresh, Route::To),
        }
    }

    /// Tells a line beside the verdict.
    pub(super) fn tell(&mut self, line: String) {
        self.told.push(line);
    }

    /// A family that this machine has no route for says nothing about production.
    pub(super) fn leave_out(&mut self, address: IpAddr) {
        self.addresses.retain(|known| *known != address);
        self.told.push(format!("{address} cannot be reached from here and was left out"));
    }

    /// Returns how long is waited because production asks for it: once a row, and not for long.
    pub(super) fn patience_s(&mut self, seen: &Observation) -> Option<u64> {
        let seconds = seen.patience_s.flatten().filter(|seconds| *seconds <= PATIENCE_S && !self.has_waited);
        self.has_waited |= seconds.is_some();
        seconds
    }

    /// Records an attempt that is no ask of its own.
    pub(super) fn record(&mut self, attempt: CheckAttempt) {
        self.attempts.push(attempt);
    }

    /// Takes what an ask came to.
    pub(super) fn keep(&mut self, attempt: CheckAttempt, seen: Observation) {
        self.attempts.push(attempt);
        self.asks.push(ask_of(&seen));
        if matches!(seen.outcome, Outcome::Failed { .. }) && self.first_failure.is_none() {
            self.first_failure = Some(seen.outcome.clone());
        }
        if let Some(answered) = &mut self.answered {
            answered.extend(seen.exchange.clone());
        }
        self.passed.extend(seen.exchange.clone().filter(|_| seen.outcome.is_passed()));
        self.is_over = !seen.may_pass_later && !seen.outcome.is_passed();
        self.last = Some(seen);
    }

    /// Takes a reason for which the check cannot be asked now.
    pub(super) fn cannot_be_asked(&mut self, attempt: CheckAttempt, seen: Observation) {
        self.keep(attempt, seen);
        self.is_over = true;
    }

    /// Tells whether nothing more will be asked, whatever else is.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Says what all asks mean together.
    pub(super) fn finish(self) -> AskRow {
        let mut seen = self.last.unwrap_or_else(Observation::cancelled);
        if let Some(flaky) = disagreement(&self.asks, self.first_failure.as_ref()) {
            seen.outcome = flaky;
        }
        seen.told.extend(self.told);
        seen.told.extend(differing(&self.passed));
        seen.shape = self.answered.as_deref().and_then(shape_of);
        AskRow { asks: self.asks, tried: Tried { seen, attempts: self.attempts } }
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
