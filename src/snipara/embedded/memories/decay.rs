//! How sure a memory is as time goes by (snipara-wire.md §6.3, §S5).

use crate::domain::{Memory, Timestamp};

const KEPT_A_DAY: f64 = 0.99;
const FLOOR: f64 = 0.1;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Returns a memory as it is now.
pub(super) fn decayed(memory: Memory, now: Timestamp) -> Memory {
    let last_used = memory.last_accessed_at.unwrap_or(memory.created_at);
    Memory { confidence: confidence(last_used, now), ..memory }
}

/// Returns how sure a memory is now: 1 % less for each whole day since it was last recalled or made, at least 0.1.
fn confidence(last_used: Timestamp, now: Timestamp) -> f64 {
    // After ten thousand days the floor is reached by far; a clock that went back takes nothing away.
    let days = (now.ms_since(last_used) / DAY_MS).clamp(0, 10_000);
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    (KEPT_A_DAY.powi(days)).max(FLOOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_days(days: i64) -> f64 {
        let start = Timestamp::from_micros(1_700_000_000_000_000);
        confidence(start, start.plus_ms(days * DAY_MS))
    }

    #[test]
    fn one_percent_goes_each_day_compounding() {
        assert!((after_days(0) - 1.0).abs() < 1e-9);
        assert!((after_days(1) - 0.99).abs() < 1e-9);
        assert!((after_days(30) - 0.7397).abs() < 1e-4);
    }

    #[test]
    fn a_tenth_stays_for_ever_and_a_clock_that_goes_back_takes_nothing() {
        assert!((after_days(100_000) - 0.1).abs() < 1e-9);
        assert!((after_days(-5) - 1.0).abs() < 1e-9);
    }
}
