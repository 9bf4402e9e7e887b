//! The verbs: the only door for `mcp` and `cli`.
//!
//! Lives here: running tasks (the lifecycle), asking where they stand, checks without a task, reading the book,
//! deployments. Does not live here: how anything is observed, judged or stored.
//!
//! Invariants: PROD_OK and DONE are written in `lifecycle` alone, from a gate pass (`tests/it/imports.rs`); a run whose
//! process is gone never stands as passed (`tests/it/lifecycle.rs`); what is answered was written before.

mod checks;
mod deployment;
mod error;
mod handle;
mod lifecycle;
mod next_step;
mod parts;
mod proofs;
mod recovery;
mod report;
mod request;
mod tally;
mod tasks;

pub use error::OrchestratorError;
pub use handle::RunHandle;
pub use parts::{CutoverChecklist, DeployRequest, DriftQuery, Orchestrator, OrchestratorParts};
pub use request::RunRequest;
