//! How long to wait between tries.

use std::time::Duration;

/// The waits between repeated tries: 250 ms, doubling up to 5 s. Pure: it counts, it does not wait.
#[derive(Debug, Clone)]
pub struct Backoff {
    next_ms: u64,
    limit_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next_ms: 250, limit_ms: 5_000 }
    }
}

impl Backoff {
    /// Returns the next wait, cut to what is left of `budget_ms` after `elapsed_ms`; nothing when the time is up.
    ///
    /// The last wait ends with the budget, so that the last try sees the latest state.
    pub fn next_wait(&mut self, elapsed_ms: u64, budget_ms: u64) -> Option<Duration> {
        let left_ms = budget_ms.checked_sub(elapsed_ms).filter(|left| *left > 0)?;
        let wait_ms = self.next_ms.min(left_ms);
        self.next_ms = self.next_ms.saturating_mul(2).min(self.limit_ms);
        Some(Duration::from_millis(wait_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_waits_double_to_a_limit_and_end_with_the_budget() {
        let mut backoff = Backoff::default();
        let mut elapsed_ms = 0;
        let mut waits = Vec::new();
        while let Some(wait) = backoff.next_wait(elapsed_ms, 20_000) {
            elapsed_ms += wait.as_millis() as u64;
            waits.push(wait.as_millis());
        }
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 5000, 5000, 2250]);
    }

    #[test]
    fn no_budget_means_one_try() {
        assert_eq!(Backoff::default().next_wait(0, 0), None);
        assert_eq!(Backoff::default().next_wait(500, 400), None);
    }
}
