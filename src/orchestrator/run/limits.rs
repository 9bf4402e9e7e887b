//! How many runs go on at once in one process, in all and of one named caller.

use std::time::Duration;

use crate::limits::{FairLimit, LimitReached, Permit};
use crate::orchestrator::{OrchestratorError, UnavailableError};

/// How many runs go on at once in all; each may have programs of its own.
const AT_ONCE: usize = 64;

/// The bound on a process's runs.
#[derive(Debug)]
pub(in crate::orchestrator) struct RunLimit(FairLimit);

impl Default for RunLimit {
    fn default() -> Self {
        Self::new(AT_ONCE)
    }
}

impl RunLimit {
    /// Makes a limit of so many; one named caller gets half of it.
    fn new(at_once: usize) -> Self {
        Self(FairLimit::new(at_once, at_once / 2))
    }

    /// Lets one more run begin.
    ///
    /// # Errors
    /// `busy` when too many go on.
    pub(super) fn begin(&self, caller: Option<&str>) -> Result<Permit, OrchestratorError> {
        self.0.try_acquire(caller).map_err(busy)
    }

    /// Waits until one more run may begin, however long that takes.
    ///
    /// # Errors
    /// None in practice: the wait has no end.
    pub(super) async fn begin_in_turn(&self, caller: Option<&str>) -> Result<Permit, OrchestratorError> {
        self.0.acquire(caller, Duration::MAX).await.map_err(busy)
    }
}

fn busy(reached: LimitReached) -> OrchestratorError {
    let (limit, of_caller) = match reached {
        LimitReached::OfCaller(limit) => (limit, true),
        LimitReached::OfAll(limit) => (limit, false),
    };
    UnavailableError::RunsBusy { limit, of_caller }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_gets_half_of_the_room_and_what_ended_makes_room() {
        let runs = RunLimit::new(4);
        let mut hers = vec![runs.begin(Some("ada")).expect("room"), runs.begin(Some("ada")).expect("room")];
        let refused = runs.begin(Some("ada")).expect_err("her half is taken");
        assert_eq!((refused.code(), refused.to_string().contains("2 runs of this caller")), ("busy", true));
        let _his = (runs.begin(Some("bob")).expect("room"), runs.begin(None).expect("room"));
        let refused = runs.begin(None).expect_err("all is taken");
        assert_eq!((refused.code(), refused.to_string().contains("4 runs go on")), ("busy", true));
        hers.pop();
        assert!(runs.begin(Some("ada")).is_ok());
    }
}
