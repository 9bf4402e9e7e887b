//! How much of something one named caller may take, so that others get some, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// From how many callers on those that hold nothing are forgotten.
const MANY: usize = 4_096;

/// The share of each named caller; all are as large.
#[derive(Debug)]
pub(crate) struct Shares {
    most: usize,
    of_callers: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
}

impl Shares {
    /// Makes shares of this size; nobody's is smaller than 1.
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.clamp(1, Semaphore::MAX_PERMITS), of_callers: Mutex::default() }
    }

    /// Returns how much one caller may take.
    pub(crate) const fn most(&self) -> usize {
        self.most
    }

    /// Returns what is left of a caller's share.
    pub(crate) fn of(&self, caller: &str) -> Arc<Semaphore> {
        let mut all = self.of_callers.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MANY {
            // Whoever holds some, or waits for it, holds the semaphore, too.
            all.retain(|_, share| Arc::strong_count(share) > 1);
        }
        all.entry(caller.into()).or_insert_with(|| Arc::new(Semaphore::new(self.most))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_nothing_is_forgotten_and_who_holds_some_is_not() {
        let shares = Shares::new(0);
        let held = shares.of("ada").try_acquire_owned().expect("at least one");
        for number in 0..3 * MANY {
            drop(shares.of(&number.to_string()));
        }
        assert!(shares.of_callers.lock().expect("unpoisoned").len() <= MANY);
        assert!(shares.of("ada").try_acquire_owned().is_err());
        drop(held);
        assert!(shares.of("ada").try_acquire_owned().is_ok());
    }
}
