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
const AT_ONCE: usize = 64;
/// From how many principals on those that are idle are forgotten.
const MANY: usize = 4_096;

/// The key of a principal; everybody without a name is one.
type Key = Option<Arc<str>>;

/// Bounds on what each principal asks for.
pub(super) struct Pace {
    clock: DefaultClock,
    rate: Option<DefaultKeyedRateLimiter<Key>>,
    at_once: PerCallerLimit,
}

impl fmt::Debug for Pace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pace").finish_non_exhaustive()
    }
}

/// A request that goes on; dropping it makes room for another.
#[derive(Debug)]
pub(super) struct Going(Option<CallerPermit>);

impl Pace {
    pub(super) fn new(per_minute: Option<NonZeroU32>) -> Self {
        Self {
            clock: DefaultClock::default(),
            rate: per_minute.map(|count| RateLimiter::keyed(Quota::per_minute(count))),
            at_once: PerCallerLimit::new(AT_ONCE),
        }
    }

    /// Counts a request, and lets it go on when the principal has not asked for too much.
    pub(super) fn admit(&self, principal: &Principal, lasts: bool) -> Result<Going, Refusal> {
        self.charge(principal, 1)?;
        // Whoever needs no token shares the bounds of the whole server only.
        let key = principal.key().filter(|_| !lasts);
        let permit = key.map(|key| self.at_once.try_acquire(&key)).transpose();
        permit.map(Going).map_err(|_| Refusal::TooMany { wait: Duration::from_secs(1) })
    }
}

impl Pace {
    /// Counts so many requests, without letting any go on.
    pub(super) fn charge(&self, principal: &Principal, requests: usize) -> Result<(), Refusal> {
        let Some(rate) = &self.rate else { return Ok(()) };
        let Some(count) = u32::try_from(requests).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        // More at once than a minute's worth never fits: it waits as long as that many would.
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

impl Going {
    /// Lets the request go on until its answer is sent: a call's answer is a stream that begins before the call ends.
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
        let pace = Pace::new(NonZeroU32::new(2));
        assert!(pace.admit(&named("ada"), false).is_ok() && pace.admit(&named("ada"), false).is_ok());
        let Err(Refusal::TooMany { wait }) = pace.admit(&named("ada"), false) else { panic!("admitted") };
        assert!(wait > Duration::from_secs(20) && wait <= Duration::from_secs(30), "{wait:?}");
        assert!(pace.admit(&named("bob"), false).is_ok() && pace.admit(&Principal::anonymous(), false).is_ok());
    }

    #[test]
    fn a_principal_that_asks_too_much_at_once_waits_for_itself_only() {
        let pace = Pace::new(None);
        let mut going: Vec<_> = (0..AT_ONCE).map(|_| pace.admit(&named("ada"), false).expect("admitted")).collect();
        assert_eq!(
            pace.admit(&named("ada"), false).map(|_| ()),
            Err(Refusal::TooMany { wait: Duration::from_secs(1) })
        );
        assert!(pace.admit(&named("bob"), false).is_ok() && pace.admit(&named("ada"), true).is_ok());
        going.pop();
        assert!(pace.admit(&named("ada"), false).is_ok());
    }

    #[test]
    fn room_is_made_when_the_answer_is_gone_and_not_when_it_begins() {
        let pace = Pace { at_once: PerCallerLimit::new(1), ..Pace::new(None) };
        let body = pace.admit(&named("ada"), false).expect("admitted").until_sent(Body::from("answer"));
        assert_eq!(body.size_hint().exact(), Some(6));
        assert!(pace.admit(&named("ada"), false).is_err());
        drop(body);
        assert!(pace.admit(&named("ada"), false).is_ok());
    }
}
