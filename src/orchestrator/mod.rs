//! The verbs: the only door for `tools`, `mcp`, `http` and `cli`.
//!
//! Lives here: running tasks (`run`), asking where they stand, checks without a task, reading the ledger, deployments,
//! memories, context, htasks with evidence, and swarms. Does not live here: how anything is observed, judged or stored.
//! Called by `tools`, `mcp`, `http` and `cli`; `app` puts an orchestrator together.
//!
//! Invariants:
//! - PROD_OK and DONE are written in `run::lifecycle` alone, from a gate pass (`tests/it/imports/locks.rs`);
//! - a run whose process is gone never stands as passed, and a status that somebody wrote into the file is not believed
//!   (`tests/it/lifecycle.rs`);
//! - everything that is answered was written before;
//! - nothing that the neighbour does blocks a run, crashes it or changes its verdict (`tests/it/snipara/lifecycle.rs`);
//! - the neighbour is told each thing at most once (`tests/it/snipara/outbox.rs`).

mod caller;
mod checks;
mod context;
mod deployment;
mod deployment_notes;
mod deps;
mod error;
mod evidence;
mod forward;
mod handoff;
mod htasks;
mod log;
mod meant;
mod memories;
mod message;
mod outbox;
mod project_swarm;
mod proofs;
mod run;
mod schema_files;
mod swarms;
mod tasks;
mod timeout;

pub use crate::domain::RunRequest;
pub use crate::gatekeeper::RequirementsError;
pub use crate::ledger::RedactionReport;
pub use caller::Caller;
pub use deps::{CutoverChecklist, Orchestrator, OrchestratorDeps, SettingsTrust};
pub use error::{Disagreement, InternalError, InvalidError, OrchestratorError, UnavailableError};
pub use handoff::Coordination;
pub use htasks::Closing;
pub use log::{LogEntry, TaskLog};
pub use run::{AttemptStanding, RunHandle};
pub(crate) use schema_files::with_schemas;

pub use crate::executor::protect_process;
