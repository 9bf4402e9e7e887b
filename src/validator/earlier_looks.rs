//! What gate 1 saw of a run's checks: their first asks, so that production is not asked again (docs/design/gate.md G17).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::{ResolvedCheck, Timestamp};
use crate::outbound::Exchange;

/// How old a look may be to stand for an ask of now.
const FRESH: Duration = Duration::from_secs(10);
/// The most bytes of all bodies that are kept; what is past them is asked again.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// One answer of production, as it came.
#[derive(Clone)]
pub(crate) struct EarlierLook {
    check: ResolvedCheck,
    taken: Instant,
    pub(super) at: Timestamp,
    pub(super) exchange: Exchange,
}

impl std::fmt::Debug for EarlierLook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EarlierLook")
    }
}

/// The looks of one run. Each stands for one ask.
#[derive(Debug, Default)]
pub(crate) struct EarlierLooks(Mutex<Vec<EarlierLook>>);

impl EarlierLooks {
    /// Keeps the answer to a check that was asked as the validator asks it, in the place of an earlier one.
    ///
    /// Left out is what the validator would see otherwise: a redirect that it follows, another method, a body that was cut.
    pub(crate) fn keep(&self, check: &ResolvedCheck, at: Timestamp, exchange: &Exchange) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.retain(|look| look.check != *check);
        let is_followed = check.asked().follow_redirects && (300..400).contains(&exchange.status);
        let is_alike = !is_followed && exchange.method == check.method() && exchange.whole_body().is_some();
        let kept_bytes: u64 = looks.iter().map(|look| look.exchange.body_bytes).sum();
        if is_alike && kept_bytes.saturating_add(exchange.body_bytes) <= MAX_BYTES {
            looks.push(EarlierLook { check: check.clone(), taken: Instant::now(), at, exchange: exchange.clone() });
        }
    }

    /// Takes the look at a check, once, while it is fresh.
    pub(super) fn take(&self, check: &ResolvedCheck) -> Option<EarlierLook> {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = looks.iter().position(|look| look.check == *check)?;
        Some(looks.swap_remove(place)).filter(|look| look.taken.elapsed() <= FRESH)
    }

    /// Forgets everything: production is looked at anew.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LiveCheck;

    fn check(check: LiveCheck) -> ResolvedCheck {
        check.resolved(None).expect("a check")
    }

    fn answer(status: u16, body: &[u8]) -> Exchange {
        Exchange::answered("http://a.test/x", status, &[], body)
    }

    const AT: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn a_look_stands_for_one_ask_of_the_very_check_and_the_newest_counts() {
        let looks = EarlierLooks::default();
        let asked = check(LiveCheck::get("http://a.test/x"));
        looks.keep(&asked, AT, &answer(503, b""));
        looks.keep(&asked, AT, &answer(200, b""));
        let other = LiveCheck { user: Some("ada".to_owned()), ..LiveCheck::get("http://a.test/x") };
        assert!(looks.take(&check(other)).is_none());
        assert_eq!(looks.take(&asked).map(|look| look.exchange.status), Some(200));
        assert!(looks.take(&asked).is_none());
    }

    #[test]
    fn what_the_validator_would_see_otherwise_is_asked_again() {
        let looks = EarlierLooks::default();
        let following = check(LiveCheck { follow_redirects: true, ..LiveCheck::get("http://a.test/x") });
        looks.keep(&following, AT, &answer(302, b""));
        assert!(looks.take(&following).is_none());
        let plain = check(LiveCheck::get("http://a.test/x"));
        looks.keep(&plain, AT, &Exchange { body_bytes: 9, ..answer(200, b"cut") });
        assert!(looks.take(&plain).is_none());
        looks.keep(&plain, AT, &answer(200, &vec![b'x'; 5 * 1024 * 1024]));
        assert!(looks.take(&plain).is_none());
        looks.keep(&plain, AT, &answer(200, b"ok"));
        looks.clear();
        assert!(looks.take(&plain).is_none());
    }
}
