//! One run of a task: starting it, carrying it to its end, and telling about it.
//!
//! Lives here: the request that becomes a task, the attempt with its phases and its lease, the report that is read from
//! its entries, the recovery of runs whose process is gone, the bound on runs at once, the questions to the
//! neighbour during a run, and the messages to it afterwards. Does not live here: any verb that is not about one run, and the
//! decision (`gatekeeper`). Called by the rest of `orchestrator` alone.
//!
//! Invariants:
//! - PROD_OK and DONE are written in `lifecycle` alone, from a gate pass (`tests/it/imports/locks.rs`);
//! - a run whose process is gone never stands as passed (`recovery`, and `tests/it/lifecycle.rs`).

mod asked_checks;
mod attempts;
mod baseline;
mod handle;
mod headline;
mod htask_link;
mod lifecycle;
mod limits;
mod next_step;
mod outcome;
mod phase_counts;
mod post_run;
mod prefetch_context;
mod recovery;
mod report;
mod request;
mod start;

pub use attempts::AttemptStanding;
pub(super) use handle::Registry;
pub use handle::RunHandle;
pub(super) use htask_link::name_htask;
pub(super) use limits::RunLimit;
pub(super) use prefetch_context::as_it_was_told;
pub(super) use report::report;
