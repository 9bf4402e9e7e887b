//! How many of something go on at once, in all and of one named caller.
//!
//! Lives here: one rule for calls, runs, sessions and requests. A named caller gets a share, so that others get some,
//! too; a caller without a name shares the whole with everybody. Does not live here: how large a bound is, and what is
//! said when it is reached (each room has its own words for that).
//!
//! Who calls it: `orchestrator` for runs, `mcp` for calls, `http` for sessions and requests. It uses no other room.
//!
//! Invariants: a caller waits for its own share before it waits for the whole, so that it stands in nobody's way
//! (`a_caller_waits_for_its_own_share_and_not_in_front_of_others`); whoever holds nothing is forgotten, and whoever
//! holds something is not (`who_holds_nothing_is_forgotten_and_who_holds_some_is_not`).

mod fair_limit;
mod per_caller_limit;

pub(crate) use fair_limit::{FairLimit, Permit};
pub(crate) use per_caller_limit::{CallerPermit, LimitReached, PerCallerLimit};
