//! Subscriptions: a client is notified when a resource that it watches has changed.
//!
//! Until 2025-11-25 a session subscribes and unsubscribes (`legacy`). From 2026-07-28 on a request listens until it is
//! cancelled (`listen`). Both look for changes on an interval (`watcher`), so that they also see the writes of other
//! processes. One reader reads the ledger's head for all of them (`heads`). Only resources that the caller can read are
//! watched.

mod heads;
mod legacy;
mod listen;
mod watcher;

pub(super) use legacy::Subscriptions;
pub(super) use listen::{accepted, listen};
