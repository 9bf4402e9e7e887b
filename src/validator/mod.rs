//! Observes production and judges what was seen.
//!
//! Lives here: trying a check until it passes or its time to settle is up, what an answer means, Playwright specs,
//! running a whole checklist with a bound. Does not live here: sending (`outbound`), starting processes
//! (`executor`), recording (`ledger`), deciding (`gatekeeper`). It may be used by `gatekeeper`, `orchestrator` and
//! `app`; it uses `domain`, `outbound` and `executor`.
//!
//! Invariants, each held by a test in `tests/it/validator/`:
//! - what was not observed is unverified, never passed (`unverified_…`);
//! - what is kept of an answer holds no secret and at most 4 KiB (`c05_…`);
//! - every attempt is recorded (`c11_…`);
//! - a user is named only when its credentials were sent (`a21_…`);
//! - a spec's path never reaches a shell of ours (`b06_…`).

mod batch;
mod evidence;
mod expectation;
mod judge;
mod probe;
mod ui;
mod ui_report;
mod ui_spec;

pub use batch::OnFinished;
pub use probe::{CheckRun, Validator, ValidatorDeps};
