//! Whose turn it is: how many calls go on at once, in all and of one named caller.

use std::future::Future;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::orchestrator::{OrchestratorError, Shares};

use super::limits::CallLimits;

/// How many calls of one named caller look at once where runs stand, for each turn that there is.
const LOOKS: usize = 4;

/// The turns of a server.
pub(super) struct Turns {
    limits: CallLimits,
    all: Semaphore,
    of_callers: Shares,
    looks: Shares,
}

/// A turn that was taken; dropping it lets another call go on.
pub(super) struct Turn<'a> {
    _own: Option<OwnedSemaphorePermit>,
    _of_all: Option<SemaphorePermit<'a>>,
}

impl Turns {
    pub(super) fn new(limits: CallLimits) -> Self {
        Self {
            limits,
            all: Semaphore::new(limits.at_once),
            of_callers: Shares::new(limits.at_once / 2),
            looks: Shares::new(limits.at_once.saturating_mul(LOOKS)),
        }
    }

    /// Waits for a turn: first among the caller's own, so that who waits for itself is in nobody's way.
    ///
    /// # Errors
    /// `busy` when it does not come in time.
    pub(super) async fn take(&self, caller: Option<&str>) -> Result<Turn<'_>, OrchestratorError> {
        let until = Instant::now() + self.limits.turn;
        let own = match caller {
            Some(name) => {
                let own = in_time(until, self.of_callers.of(name).acquire_owned()).await;
                Some(own.ok_or_else(|| busy(format!("{} calls of this caller", self.of_callers.most())))?)
            }
            None => None,
        };
        let of_all = in_time(until, self.all.acquire()).await;
        Ok(Turn { _own: own, _of_all: Some(of_all.ok_or_else(|| busy(format!("{} calls", self.limits.at_once)))?) })
    }

    /// Lets a call look where a run stands: it takes no turn, however long it waits for the run.
    ///
    /// # Errors
    /// `busy` when a named caller looks far too often at once.
    pub(super) fn look(&self, caller: Option<&str>) -> Result<Turn<'_>, OrchestratorError> {
        let own = match caller {
            Some(name) => {
                let own = self.looks.of(name).try_acquire_owned();
                Some(own.map_err(|_| busy(format!("{} looks of this caller", self.looks.most())))?)
            }
            None => None,
        };
        Ok(Turn { _own: own, _of_all: None })
    }
}

async fn in_time<P, E>(until: Instant, permit: impl Future<Output = Result<P, E>>) -> Option<P> {
    timeout_at(until, permit).await.ok().and_then(Result::ok)
}

fn busy(what: String) -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "busy",
        message: format!("{what} are going on already"),
        hint: "Wait for one of them to end, then call again.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_caller_waits_for_its_own_turns_and_not_in_front_of_others() {
        let limits = CallLimits { at_once: 4, turn: Duration::from_millis(20), ..CallLimits::default() };
        let turns = Turns::new(limits);
        let _hers = (turns.take(Some("ada")).await.expect("a turn"), turns.take(Some("ada")).await.expect("a turn"));
        let refused = turns.take(Some("ada")).await.err().expect("her half is taken");
        assert_eq!((refused.code(), refused.to_string().contains("2 calls of this caller")), ("busy", true));
        let _his = (turns.take(Some("bob")).await.expect("a turn"), turns.take(None).await.expect("a turn"));
        let refused = turns.take(None).await.err().expect("all are taken");
        assert!(refused.to_string().contains("4 calls are going on"), "{refused}");
        assert!(turns.look(None).is_ok(), "looking needs no turn");
        let looks: Vec<_> = (0..16).map(|_| turns.look(Some("ada")).expect("a look")).collect();
        assert!(turns.look(Some("ada")).is_err() && turns.look(Some("bob")).is_ok());
        drop(looks);
    }
}
