//! How much one principal may ask for: requests a minute, and requests at once.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::refusal::Refusal;
use crate::domain::Principal;
use crate::http::guarded_body::hold;
use crate::limits::{CallerPermit, PerCallerLimit};

/// How many requests of one principal go on at once.
const MAX_CONCURRENT: usize = 64;
/// With more principals than this, the idle ones are forgotten.
const MANY: usize = 4_096;

/// The key of a principal. All callers without a name share one.
type Key = Option<Arc<str>>;

/// Bounds on what each principal asks for.
pub(super) struct RateLimit {
    clock: DefaultClock,
    rate: Option<DefaultKeyedRateLimiter<Key>>,
    concurrency: PerCallerLimit,
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RateLimit").finish_non_exhaustive()
    }
}

/// The permit of one request. Dropping it makes room for another.
#[derive(Debug)]
pub(super) struct RequestPermit(Option<CallerPermit>);

impl RateLimit {
    pub(super) fn new(per_minute: Option<NonZeroU32>) -> Self {
        Self {
            clock: DefaultClock::default(),
            rate: per_minute.map(|count| RateLimiter::keyed(Quota::per_minute(count))),
            concurrency: PerCallerLimit::new(MAX_CONCURRENT),
        }
    }

    /// Counts a request and gives it a permit when its principal is within its limits.
    pub(super) fn admit(&self, principal: &Principal, lasts: bool) -> Result<RequestPermit, Refusal> {
        self.charge(principal, 1)?;
        // Callers without a token have only the bounds of the whole server.
        let key = principal.key().filter(|_| !lasts);
        let permit = key.map(|key| self.concurrency.try_acquire(&key)).transpose();
        permit.map(RequestPermit).map_err(|_| Refusal::TooMany { wait: Duration::from_secs(1) })
    }
}

impl RateLimit {
    /// Counts so many requests without giving a permit.
    pub(super) fn charge(&self, principal: &Principal, requests: usize) -> Result<(), Refusal> {
        let Some(rate) = &self.rate else { return Ok(()) };
        let Some(count) = u32::try_from(requests).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        // More requests at once than a minute allows can never be admitted, so the wait is a whole minute.
        let checked = rate.check_key_n(&principal.key(), count);
        let wait = match checked {
            Ok(Ok(())) => None,
            Ok(Err(until)) => Some(until.wait_time_from(self.clock.now())),
            Err(_) => Some(Duration::from_secs(60)),
        };
        if rate.len() > MANY {
            rate.retain_recent();
        }
        wait.map_or(Ok(()), |wait| Err(Refusal::TooMany { wait }))
    }
}

impl RequestPermit {
    /// Holds the permit until the answer is sent: the answer to a call is a stream that begins before the call ends.
    pub(super) fn until_sent(self, body: Body) -> Body {
        if self.0.is_some() { hold(body, self) } else { body }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::HttpBody;

    use super::*;
    use crate::domain::Scopes;

    fn named(name: &str) -> Principal {
        Principal::named(name, Scopes::all(), None)
    }

    #[test]
    fn a_principal_that_asks_too_often_is_told_how_long_to_wait_and_others_are_not() {
        let rate_limit = RateLimit::new(NonZeroU32::new(2));
        assert!(rate_limit.admit(&named("ada"), false).is_ok() && rate_limit.admit(&named("ada"), false).is_ok());
        let Err(Refusal::TooMany { wait }) = rate_limit.admit(&named("ada"), false) else { panic!("admitted") };
        assert!(wait > Duration::from_secs(20) && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(
            rate_limit.admit(&named("bob"), false).is_ok() && rate_limit.admit(&Principal::anonymous(), false).is_ok()
        );
    }

    #[test]
    fn a_principal_that_asks_too_much_at_once_waits_for_itself_only() {
        let rate_limit = RateLimit::new(None);
        let mut permits: Vec<_> =
            (0..MAX_CONCURRENT).map(|_| rate_limit.admit(&named("ada"), false).expect("admitted")).collect();
        assert_eq!(
            rate_limit.admit(&named("ada"), false).map(|_| ()),
            Err(Refusal::TooMany { wait: Duration::from_secs(1) })
        );
        assert!(rate_limit.admit(&named("bob"), false).is_ok() && rate_limit.admit(&named("ada"), true).is_ok());
        permits.pop();
        assert!(rate_limit.admit(&named("ada"), false).is_ok());
    }

    #[test]
    fn room_is_made_when_the_answer_is_gone_and_not_when_it_begins() {
        let rate_limit = RateLimit { concurrency: PerCallerLimit::new(1), ..RateLimit::new(None) };
        let body = rate_limit.admit(&named("ada"), false).expect("admitted").until_sent(Body::from("answer"));
        assert_eq!(body.size_hint().exact(), Some(6));
        assert!(rate_limit.admit(&named("ada"), false).is_err());
        drop(body);
        assert!(rate_limit.admit(&named("ada"), false).is_ok());
    }
}
