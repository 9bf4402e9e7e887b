//! How much of something one named caller may take, so that others get some, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From how many callers on those that hold nothing are forgotten.
const MANY: usize = 4_096;

/// One of a caller's share; dropping it gives it back.
pub(crate) type CallerPermit = OwnedSemaphorePermit;

/// Whose bound was reached, and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitReached {
    /// The share of the caller who asked.
    OfCaller(usize),
    /// What all callers have together.
    OfAll(usize),
}

/// The share of each named caller; all are as large.
#[derive(Debug)]
pub(crate) struct PerCallerLimit {
    limit: usize,
    callers: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
}

impl PerCallerLimit {
    /// Makes shares of this size; nobody's is smaller than 1.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.clamp(1, Semaphore::MAX_PERMITS), callers: Mutex::default() }
    }

    /// Takes one of a caller's share.
    ///
    /// # Errors
    /// When the caller holds the whole share already.
    pub(crate) fn try_acquire(&self, caller: &str) -> Result<CallerPermit, LimitReached> {
        self.share_of(caller).try_acquire_owned().map_err(|_| self.reached())
    }

    /// Returns the error of a caller whose share is taken.
    pub(super) const fn reached(&self) -> LimitReached {
        LimitReached::OfCaller(self.limit)
    }

    /// Returns what is left of a caller's share.
    pub(super) fn share_of(&self, caller: &str) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MANY {
            // Whoever holds some, or waits for it, holds the semaphore, too.
            callers.retain(|_, share| Arc::strong_count(share) > 1);
        }
        callers.entry(caller.into()).or_insert_with(|| Arc::new(Semaphore::new(self.limit))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_nothing_is_forgotten_and_who_holds_some_is_not() {
        let shares = PerCallerLimit::new(0);
        let held = shares.try_acquire("ada").expect("at least one");
        for number in 0..3 * MANY {
            drop(shares.share_of(&number.to_string()));
        }
        assert!(shares.callers.lock().expect("unpoisoned").len() <= MANY);
        assert_eq!(shares.try_acquire("ada").err(), Some(LimitReached::OfCaller(1)));
        drop(held);
        assert!(shares.try_acquire("ada").is_ok());
    }
}
