//! How many tool calls go on at once, in all and of one named caller.

use crate::limits::{CallerPermit, FairLimit, LimitReached, PerCallerLimit, Permit};
use crate::orchestrator::{OrchestratorError, UnavailableError};

use super::limits::CallLimits;

/// How many calls of one named caller look at once where runs stand, for each call that may go on.
const OBSERVERS_PER_CALL: usize = 4;

/// The bound on a server's calls.
pub(super) struct CallLimit {
    limits: CallLimits,
    calls: FairLimit,
    observers: PerCallerLimit,
}

impl CallLimit {
    pub(super) fn new(limits: CallLimits) -> Self {
        Self {
            limits,
            calls: FairLimit::new(limits.at_once, limits.at_once / 2),
            observers: PerCallerLimit::new(limits.at_once.saturating_mul(OBSERVERS_PER_CALL)),
        }
    }

    /// Waits until a call may go on.
    ///
    /// # Errors
    /// `busy` when that takes too long.
    pub(super) async fn acquire(&self, caller: Option<&str>) -> Result<Permit, OrchestratorError> {
        self.calls.acquire(caller, self.limits.turn).await.map_err(|reached| busy(reached, "calls"))
    }

    /// Lets a call look where a run stands: it counts among no calls, however long it waits for the run.
    ///
    /// # Errors
    /// `busy` when a named caller looks far too often at once.
    pub(super) fn observer(&self, caller: Option<&str>) -> Result<Option<CallerPermit>, OrchestratorError> {
        let permit = caller.map(|name| self.observers.try_acquire(name)).transpose();
        permit.map_err(|reached| busy(reached, "looks"))
    }
}

fn busy(reached: LimitReached, what: &'static str) -> OrchestratorError {
    let (limit, of_caller) = match reached {
        LimitReached::OfCaller(limit) => (limit, true),
        LimitReached::OfAll(limit) => (limit, false),
    };
    UnavailableError::CallsBusy { what, limit, of_caller }.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_caller_waits_for_its_own_calls_and_not_in_front_of_others() {
        let limits = CallLimits { at_once: 4, turn: Duration::from_millis(20), ..CallLimits::default() };
        let calls = CallLimit::new(limits);
        let _hers =
            (calls.acquire(Some("ada")).await.expect("a permit"), calls.acquire(Some("ada")).await.expect("a permit"));
        let refused = calls.acquire(Some("ada")).await.expect_err("her half is taken");
        assert_eq!((refused.code(), refused.to_string().contains("2 calls of this caller")), ("busy", true));
        let _his = (calls.acquire(Some("bob")).await.expect("a permit"), calls.acquire(None).await.expect("a permit"));
        let refused = calls.acquire(None).await.expect_err("all are taken");
        assert!(refused.to_string().contains("4 calls are going on"), "{refused}");
        assert!(calls.observer(None).is_ok(), "an observer counts among no calls");
        let observers: Vec<_> = (0..16).map(|_| calls.observer(Some("ada")).expect("an observer")).collect();
        assert!(calls.observer(Some("ada")).is_err() && calls.observer(Some("bob")).is_ok());
        drop(observers);
    }
}
