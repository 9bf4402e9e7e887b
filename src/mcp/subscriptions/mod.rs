//! Subscriptions: a client is told when a resource that it watches has changed.
//!
//! Until 2025-11-25 a session subscribes and unsubscribes (`legacy`); from 2026-07-28 a request listens until it is
//! cancelled (`listen`). Both look for changes on an interval (`watcher`), so that they tell, too, what another process
//! wrote; the ledger's head is looked at once for all of them (`heads`). Only what the caller can read is watched.

mod heads;
mod legacy;
mod listen;
mod watcher;

pub(super) use legacy::Subscriptions;
pub(super) use listen::{accepted, listen};
