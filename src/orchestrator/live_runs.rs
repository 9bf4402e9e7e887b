//! How many runs go on at once in one process, in all and of one named caller.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::OrchestratorError;
use super::shares::Shares;

/// How many runs go on at once in all; each may have programs of its own.
const AT_ONCE: usize = 64;

/// Room for runs.
#[derive(Debug)]
pub(super) struct LiveRuns {
    at_once: usize,
    all: Arc<Semaphore>,
    of_callers: Shares,
}

/// Room of one run; dropping it makes room for another.
#[derive(Debug)]
pub(super) struct LiveRun {
    _own: Option<OwnedSemaphorePermit>,
    _of_all: OwnedSemaphorePermit,
}

impl Default for LiveRuns {
    fn default() -> Self {
        Self::new(AT_ONCE)
    }
}

impl LiveRuns {
    /// Makes room for so many; one named caller gets half of it.
    fn new(at_once: usize) -> Self {
        Self { at_once, all: Arc::new(Semaphore::new(at_once)), of_callers: Shares::new(at_once / 2) }
    }

    /// Takes room for one more.
    ///
    /// # Errors
    /// `busy` when there is none.
    pub(super) fn begin(&self, caller: Option<&str>) -> Result<LiveRun, OrchestratorError> {
        let own = match caller {
            Some(name) => {
                let own = self.of_callers.of(name).try_acquire_owned();
                Some(own.map_err(|_| busy(format!("{} runs of this caller go on", self.of_callers.most())))?)
            }
            None => None,
        };
        let of_all = self.all.clone().try_acquire_owned();
        Ok(LiveRun { _own: own, _of_all: of_all.map_err(|_| busy(format!("{} runs go on", self.at_once)))? })
    }

    /// Waits for room.
    ///
    /// # Errors
    /// Our bug: nobody closes it.
    pub(super) async fn begin_in_turn(&self, caller: Option<&str>) -> Result<LiveRun, OrchestratorError> {
        let closed = |error: tokio::sync::AcquireError| OrchestratorError::Bug { message: error.to_string() };
        let own = match caller {
            Some(name) => Some(self.of_callers.of(name).acquire_owned().await.map_err(closed)?),
            None => None,
        };
        Ok(LiveRun { _own: own, _of_all: self.all.clone().acquire_owned().await.map_err(closed)? })
    }
}

fn busy(message: String) -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "busy",
        message,
        hint: "Wait for one with task_status, or cancel one with task_cancel.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_gets_half_of_the_room_and_what_ended_makes_room() {
        let runs = LiveRuns::new(4);
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
