//! Looks again while production may still be settling after a deploy.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What one look at production gave.
#[derive(Debug)]
pub(super) struct Look<T> {
    /// What was seen.
    pub(super) seen: T,
    /// Whether another look may see something better.
    pub(super) may_change: bool,
}

/// The time that one drift check gives production to settle; all its comparisons share it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settling<'a> {
    ends: Instant,
    cancel: &'a CancellationToken,
}

impl<'a> Settling<'a> {
    pub(super) fn new(settle_ms: u64, cancel: &'a CancellationToken) -> Self {
        let now = Instant::now();
        let ends = now.checked_add(Duration::from_millis(settle_ms)).unwrap_or(now);
        Self { ends, cancel }
    }

    pub(super) const fn cancel(&self) -> &'a CancellationToken {
        self.cancel
    }

    /// Looks until nothing may change any more, the time is over, or the check is cancelled; the last look counts.
    pub(super) async fn look<T>(&self, mut look: impl AsyncFnMut() -> Look<T>) -> T {
        let mut pause = FIRST_PAUSE;
        loop {
            let Look { seen, may_change } = look().await;
            let left = self.ends.saturating_duration_since(Instant::now());
            if !may_change || left.is_zero() {
                return seen;
            }
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return seen,
                () = tokio::time::sleep(pause.min(left)) => {}
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paused<T>(story: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        // `start_paused` needs tokio's test features; pausing by hand does not.
        let runtime = runtime.enable_time().build().expect("a runtime");
        runtime.block_on(story)
    }

    #[test]
    fn without_settling_time_there_is_one_look() {
        let cancel = CancellationToken::new();
        let mut looks = 0;
        let seen = paused(Settling::new(0, &cancel).look(async || {
            looks += 1;
            Look { seen: looks, may_change: true }
        }));
        assert_eq!((seen, looks), (1, 1));
    }

    #[test]
    fn c11_a_finding_is_looked_at_again_until_it_is_gone() {
        let cancel = CancellationToken::new();
        let mut looks = 0;
        let seen = paused(Settling::new(60_000, &cancel).look(async || {
            looks += 1;
            Look { seen: looks, may_change: looks < 3 }
        }));
        assert_eq!(seen, 3);
    }

    #[test]
    fn cancelling_ends_the_waiting() {
        let cancel = CancellationToken::new();
        let mut looks = 0;
        let seen = paused(Settling::new(3_600_000, &cancel).look(async || {
            looks += 1;
            cancel.cancel();
            Look { seen: looks, may_change: true }
        }));
        assert_eq!(seen, 1);
    }
}
