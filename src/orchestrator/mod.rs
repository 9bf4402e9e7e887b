//! The verbs: the only door for `mcp` and `cli`.
//!
//! Lives here: running tasks (`run`), asking where they stand, checks without a task, reading the ledger,
//! deployments; memories, context, htasks with evidence, swarms. Does not live here: how anything is observed, judged or stored.
//!
//! Invariants: PROD_OK and DONE are written in `run::lifecycle` alone, from a gate pass (`tests/it/imports/locks.rs`); a run
//! whose process is gone never stands as passed, and a status that somebody wrote into the file is not believed
//! (`tests/it/lifecycle.rs`); what is answered was written before; nothing that the neighbour does blocks a run, crashes
//! it or changes its verdict (`tests/it/snipara/lifecycle.rs`), and it is told each thing at most once
//! (`tests/it/snipara/outbox.rs`).

mod bounded;
mod caller;
mod checks;
mod context;
mod deployment;
mod deployment_notes;
mod error;
mod evidence;
mod forward;
mod handoff;
mod htasks;
mod memories;
mod message;
mod outbox;
mod own_swarm;
mod parts;
mod proofs;
mod run;
mod swarms;
mod tasks;

pub use crate::domain::RunRequest;
pub use caller::Caller;
pub use error::{Disagreement, InternalError, InvalidError, OrchestratorError, UnavailableError};
pub use handoff::Coordination;
pub use htasks::Closing;
pub use parts::{CutoverChecklist, DeployRequest, Orchestrator, OrchestratorParts};
pub use run::{AttemptStanding, RunHandle};

pub use crate::executor::protect_process;
