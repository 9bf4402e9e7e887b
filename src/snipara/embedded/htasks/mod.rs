//! Htasks over the store.
//!
//! Lives here: one file a group of verbs, each over an open transaction (`create`, `feature`, `next`, `complete`,
//! `block`, `close`, `tree`, `trail`), the rules as pure functions (`hierarchy`, `blocking`, `closure`, `ranking`,
//! `starter`, `progress`), leases, a swarm in an open transaction (`swarm_transaction`), and the trait that opens the
//! transactions (`backend`). Does not live here: looking evidence up in the ledger (`orchestrator` does that before).
//!
//! Invariants: a change and its event are written in one transaction. A lease that is over is ended in the file before
//! anything else is read or written in its swarm.

mod backend;
mod block;
mod blocking;
mod close;
mod closure;
mod complete;
mod create;
mod feature;
mod hierarchy;
mod lease;
mod memory;
mod next;
mod progress;
mod ranking;
mod starter;
mod swarm_transaction;
mod trail;
mod tree;

pub(in crate::snipara::embedded) use lease::{claimed_tasks, unassign};
pub(in crate::snipara::embedded) use swarm_transaction::EVENT_PREFIX;
