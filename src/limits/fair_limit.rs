//! A bound on all callers together, of which each named one gets a share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::per_caller_limit::{CallerPermit, LimitReached, PerCallerLimit};

/// How many go on at once: in all, and of one named caller.
#[derive(Debug)]
pub(crate) struct FairLimit {
    limit: usize,
    all: Arc<Semaphore>,
    callers: PerCallerLimit,
}

/// Leave to go on; dropping it lets another go on.
#[derive(Debug)]
pub(crate) struct Permit {
    _of_caller: Option<CallerPermit>,
    _of_all: OwnedSemaphorePermit,
}

impl FairLimit {
    /// Makes a limit of so many in all, of which one named caller gets a share.
    pub(crate) fn new(limit: usize, caller_limit: usize) -> Self {
        let all = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self { limit, all, callers: PerCallerLimit::new(caller_limit) }
    }

    /// Takes a permit without a wait.
    ///
    /// # Errors
    /// When the caller's share is taken, or the whole.
    pub(crate) fn try_acquire(&self, caller: Option<&str>) -> Result<Permit, LimitReached> {
        let of_caller = caller.map(|name| self.callers.try_acquire(name)).transpose()?;
        let of_all = self.all.clone().try_acquire_owned().map_err(|_| LimitReached::OfAll(self.limit))?;
        Ok(Permit { _of_caller: of_caller, _of_all: of_all })
    }

    /// Waits for a permit, for so long: first for one of the caller's own share, so that a caller that has to wait for
    /// itself stands in nobody's way.
    ///
    /// # Errors
    /// When no permit comes in time; the error names the bound that it was waited for last.
    pub(crate) async fn acquire(&self, caller: Option<&str>, timeout: Duration) -> Result<Permit, LimitReached> {
        let mut reached = self.callers.reached();
        let acquired = tokio::time::timeout(timeout, async {
            let of_caller = match caller {
                Some(name) => Some(self.callers.share_of(name).acquire_owned().await?),
                None => None,
            };
            reached = LimitReached::OfAll(self.limit);
            let of_all = self.all.clone().acquire_owned().await?;
            Ok::<_, AcquireError>(Permit { _of_caller: of_caller, _of_all: of_all })
        });
        match acquired.await {
            Ok(Ok(permit)) => Ok(permit),
            // Nobody closes the semaphores: only the time can run out.
            Ok(Err(_)) | Err(_) => Err(reached),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_caller_waits_for_its_own_share_and_not_in_front_of_others() {
        let limit = FairLimit::new(4, 2);
        let short = Duration::from_millis(20);
        let mut hers = vec![limit.try_acquire(Some("ada")).expect("a permit")];
        hers.push(limit.acquire(Some("ada"), short).await.expect("a permit"));
        assert_eq!(limit.acquire(Some("ada"), short).await.err(), Some(LimitReached::OfCaller(2)));
        assert_eq!(limit.try_acquire(Some("ada")).err(), Some(LimitReached::OfCaller(2)));
        let _others = (limit.try_acquire(Some("bob")).expect("a permit"), limit.try_acquire(None).expect("a permit"));
        assert_eq!(limit.acquire(None, short).await.err(), Some(LimitReached::OfAll(4)));
        assert_eq!(limit.try_acquire(Some("bob")).err(), Some(LimitReached::OfAll(4)));
        hers.pop();
        assert!(limit.acquire(Some("ada"), Duration::MAX).await.is_ok());
    }
}
