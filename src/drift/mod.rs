//! Looks for drift: what differs between the repository and production.
//!
//! Lives here: one detector for each kind of comparison (routes, health, the deployed version, the schema of each known
//! tool) with the pure functions that judge its observations, their registry, and the settling time. A new one is a
//! file in `detectors/`, which `detectors.rs` declares and lists, and a [`DriftKind`](crate::domain::DriftKind). Does not
//! live here: what a health document says (`judge_health` of `domain`), sending requests (`outbound`), starting
//! programs (`executor`), recording anything (`gatekeeper`), and what drift means for a task (`gatekeeper`). May be
//! called by the gatekeeper, the orchestrator and the library's users; uses domain, outbound and executor (held by
//! `tests/it/imports/law.rs`).
//!
//! Invariants:
//! - only what was observed is a finding: no answer, a missing tool or a missing setting is `unverified` with its
//!   reason and fix (`d03_…`, `d05_…` and `d09_…` in `tests/it/drift/`);
//! - production is asked with GET and HEAD only (`a08_…`);
//! - comparisons run concurrently, at most `max_concurrent` at once (`d07_…`);
//! - nothing is installed or downloaded (`d06_…`).

mod detector;
mod detectors;
mod heard;
mod request;
mod retry;

pub use detector::{DriftDeps, DriftDetector};
pub use request::{DriftRequest, RouteProbe};
