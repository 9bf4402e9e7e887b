//! What is known of the addresses that tokens come from: how many wrong ones, and whose were right.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Extensions;

use super::refusal::Refusal;
use crate::domain::Principal;

/// How many wrong tokens an address may send before it has to wait.
const FREE: u32 = 10;
/// The longest time that an address has to wait: each further wrong token doubles it, from a second.
const LONGEST: Duration = Duration::from_secs(60);
/// After so long without a wrong token, those before are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// The most addresses that are known at once: with more, the one that was silent for longest is forgotten.
const MANY: usize = 4_096;
/// The most names that are known of one address.
const NAMES: usize = 64;

/// The client's end of a connection, as it is counted: an IPv6 network of /64 is one, because it is one customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::http) struct Peer(Option<IpAddr>);

impl Peer {
    /// Makes the peer of a connection.
    pub(in crate::http) fn new(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address @ IpAddr::V4(_) => address,
        }))
    }

    /// Finds the peer that the listener noted with a request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().copied().unwrap_or(Self(None))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(formatter),
            None => formatter.write_str("unknown"),
        }
    }
}

/// What is known of all addresses, within bounds.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<HashMap<Peer, Known>>);

#[derive(Debug)]
struct Known {
    seen: Instant,
    wrong: u32,
    last_wrong: Instant,
    /// Until when it has to wait.
    until: Instant,
    names: Vec<Arc<str>>,
}

impl Addresses {
    /// Judges what a token turned out to be by what its address did before. Tells with the principal whether its name is
    /// new there.
    ///
    /// While an address has to wait, only names that were right there before are let in: somebody who guesses must not
    /// lock out those who work at the same address, and every other token stays untold.
    pub(super) fn judge(
        &self,
        peer: Peer,
        asked: Result<Principal, Refusal>,
        now: Instant,
    ) -> Result<(Principal, bool), Refusal> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MANY && !all.contains_key(&peer) {
            let silent = all.iter().min_by_key(|(_, known)| known.seen).map(|(peer, _)| *peer);
            silent.map(|peer| all.remove(&peer));
        }
        let fresh = || Known { seen: now, wrong: 0, last_wrong: now, until: now, names: Vec::new() };
        let known = all.entry(peer).or_insert_with(fresh);
        known.seen = now;
        let waits = known.until.checked_duration_since(now).filter(|wait| !wait.is_zero());
        match (asked, waits) {
            (Ok(principal), None) => {
                let is_new = known.add(&principal);
                Ok((principal, is_new))
            }
            (Ok(principal), Some(_)) if known.has(&principal) => Ok((principal, false)),
            (Ok(_) | Err(Refusal::BadToken), Some(wait)) => Err(Refusal::WrongTokens { wait }),
            (Err(Refusal::BadToken), None) => Err(known.count_wrong(now)),
            (Err(other), _) => Err(other),
        }
    }
}

impl Known {
    fn has(&self, principal: &Principal) -> bool {
        self.names.iter().any(|name| Some(&**name) == principal.name())
    }

    /// Adds a name, and tells whether it is new.
    fn add(&mut self, principal: &Principal) -> bool {
        if self.names.len() >= NAMES || self.has(principal) {
            return false;
        }
        self.names.extend(principal.key());
        true
    }

    fn count_wrong(&mut self, now: Instant) -> Refusal {
        if now.duration_since(self.last_wrong) > FORGOTTEN {
            self.wrong = 0;
        }
        self.last_wrong = now;
        self.wrong = self.wrong.saturating_add(1);
        let Some(beyond) = self.wrong.checked_sub(FREE.saturating_add(1)) else { return Refusal::BadToken };
        let wait = Duration::from_secs(1_u64.checked_shl(beyond).unwrap_or(u64::MAX)).min(LONGEST);
        self.until = now.checked_add(wait).unwrap_or(now);
        Refusal::WrongTokens { wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scopes;

    fn peer(text: &str) -> Peer {
        Peer::new(text.parse().expect("an address"))
    }

    fn named(name: &str) -> Result<Principal, Refusal> {
        Ok(Principal::named(name, Scopes::all(), None))
    }

    fn wait_of(judged: Result<(Principal, bool), Refusal>) -> Option<u64> {
        match judged {
            Err(Refusal::WrongTokens { wait }) => Some(wait.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn wrong_tokens_have_to_wait_longer_and_longer_and_a_right_one_works_as_soon_as_that_is_over() {
        let (addresses, here, mut now) = (Addresses::default(), peer("192.0.2.1"), Instant::now());
        for _ in 0..FREE {
            assert_eq!(addresses.judge(here, Err(Refusal::BadToken), now), Err(Refusal::BadToken));
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(wait_of(addresses.judge(here, Err(Refusal::BadToken), now)), Some(wait));
            // What comes meanwhile is refused unread, and makes it no longer.
            now += Duration::from_secs(wait) - Duration::from_millis(500);
            assert_eq!(wait_of(addresses.judge(here, Err(Refusal::BadToken), now)), Some(0));
            assert_eq!(wait_of(addresses.judge(here, named("ada"), now)), Some(0), "untold whether it is right");
            now += Duration::from_millis(500);
        }
        assert_eq!(addresses.judge(here, named("ada"), now).map(|(_, is_new)| is_new), Ok(true));
        now += FORGOTTEN + Duration::from_secs(1);
        assert_eq!(addresses.judge(here, Err(Refusal::BadToken), now), Err(Refusal::BadToken), "it is forgotten");
    }

    #[test]
    fn who_was_right_before_and_who_is_elsewhere_does_not_wait_for_who_guesses() {
        let (addresses, here, now) = (Addresses::default(), peer("192.0.2.1"), Instant::now());
        assert_eq!(addresses.judge(here, named("ada"), now).map(|(_, is_new)| is_new), Ok(true));
        for _ in 0..=FREE {
            assert!(addresses.judge(here, Err(Refusal::BadToken), now).is_err());
        }
        assert_eq!(addresses.judge(here, named("ada"), now).map(|(_, is_new)| is_new), Ok(false));
        assert!(wait_of(addresses.judge(here, named("bob"), now)).is_some());
        assert!(addresses.judge(peer("192.0.2.2"), named("bob"), now).is_ok());
        // Without a token nothing is guessed.
        assert_eq!(addresses.judge(here, Err(Refusal::NoToken), now), Err(Refusal::NoToken));
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_an_ipv4_one_in_it_is_itself() {
        assert_eq!(peer("2001:db8:0:1::1"), peer("2001:db8:0:1:ffff::2"));
        assert_ne!(peer("2001:db8:0:1::1"), peer("2001:db8:0:2::1"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
    }

    #[test]
    fn however_many_addresses_there_are_the_memory_is_bounded() {
        let (addresses, now) = (Addresses::default(), Instant::now());
        for number in 0..10_000_u32 {
            let here = Peer::new(IpAddr::V4(number.into()));
            let later = now + Duration::from_millis(number.into());
            assert_eq!(addresses.judge(here, Err(Refusal::BadToken), later), Err(Refusal::BadToken));
        }
        let all = addresses.0.lock().expect("unpoisoned");
        assert_eq!(all.len(), MANY);
        assert!(all.contains_key(&Peer::new(IpAddr::V4(9_999.into()))));
    }
}
