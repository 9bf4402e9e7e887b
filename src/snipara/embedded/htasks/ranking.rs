//! The order of htasks: by priority, then by the time in `eta_target`, then those that block their parent, then the oldest
//! (snipara-wire.md §5.3). The store sorts by these columns.

use crate::domain::Timestamp;

/// Returns the time in an `eta_target` as a number to sort by. An htask without a readable time comes last.
///
/// RFC 3339 times (`2026-11-24T12:00:00Z`) and days (`2026-11-24`, from their beginning in UTC) can be read.
pub(super) fn eta_rank(eta_target: Option<&str>) -> i64 {
    let Some(text) = eta_target.map(str::trim) else { return i64::MAX };
    let time = Timestamp::parse_rfc3339(text).or_else(|_| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    time.map_or(i64::MAX, Timestamp::as_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_any_zone_and_days_are_in_order_and_words_come_last() {
        let etas = ["2026-11-24T01:30:00+02:00", "2026-11-24", "2026-11-24T09:00:00Z", "2026-12-01"];
        let ranks = etas.map(|eta| eta_rank(Some(eta)));
        assert!(ranks.is_sorted() && ranks[3] < i64::MAX, "{ranks:?}");
        assert!(ranks[0] < ranks[1], "half past one in +02:00 is the day before in UTC");
        assert_eq!((eta_rank(None), eta_rank(Some("when it is done"))), (i64::MAX, i64::MAX));
    }
}
