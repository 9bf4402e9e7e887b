//! Tries again while production may still be settling after a deploy.

use std::time::Instant;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::domain::Convergence;

/// What one attempt to compare gave.
#[derive(Debug)]
pub(super) struct Attempt<T> {
    /// What was seen.
    pub(super) seen: T,
    /// Whether another attempt may see something better.
    pub(super) may_change: bool,
}

/// The time that one drift check gives production to settle; all its comparisons share it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryUntilClean<'a> {
    began: Instant,
    converge: Convergence,
    cancel: &'a CancellationToken,
}

impl<'a> RetryUntilClean<'a> {
    pub(super) fn new(converge: Convergence, cancel: &'a CancellationToken) -> Self {
        Self { began: Instant::now(), converge, cancel }
    }

    pub(super) const fn cancel(&self) -> &'a CancellationToken {
        self.cancel
    }

    /// Tells whether production is given time to settle.
    pub(super) const fn settles(&self) -> bool {
        self.converge.settle_ms > 0
    }

    /// Tries until another attempt cannot help, the time is over, or the check is cancelled. The last attempt counts.
    pub(super) async fn run<'f, T>(&self, mut attempt: impl FnMut() -> BoxFuture<'f, Attempt<T>>) -> T {
        let mut failed_rounds = 0;
        loop {
            let Attempt { seen, may_change } = attempt().await;
            let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            failed_rounds += 1;
            let Some(wait) = self.converge.next_pause(elapsed_ms, failed_rounds).filter(|_| may_change) else {
                return seen;
            };
            if self.cancel.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return seen;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn without_settling_time_there_is_one_attempt() {
        let cancel = CancellationToken::new();
        let mut attempts = 0;
        let seen = RetryUntilClean::new(Convergence::default(), &cancel)
            .run(|| {
                attempts += 1;
                let seen = attempts;
                async move { Attempt { seen, may_change: true } }.boxed()
            })
            .await;
        assert_eq!((seen, attempts), (1, 1));
    }

    #[tokio::test]
    async fn c11_a_finding_is_tried_again_until_it_is_gone() {
        let cancel = CancellationToken::new();
        let mut attempts = 0;
        let seen = RetryUntilClean::new(Convergence { interval_ms: 1, ..Convergence::settling(60_000) }, &cancel)
            .run(|| {
                attempts += 1;
                let seen = attempts;
                async move { Attempt { seen, may_change: seen < 3 } }.boxed()
            })
            .await;
        assert_eq!(seen, 3);
    }

    #[tokio::test]
    async fn cancelling_ends_the_waiting() {
        let cancel = CancellationToken::new();
        let mut attempts = 0;
        let seen = RetryUntilClean::new(Convergence::settling(3_600_000), &cancel)
            .run(|| {
                attempts += 1;
                cancel.cancel();
                let seen = attempts;
                async move { Attempt { seen, may_change: true } }.boxed()
            })
            .await;
        assert_eq!(seen, 1);
    }
}
