//! Runs commands on this machine; the only room that starts processes.
//!
//! Lives here: the command policy (`allow`), processes and their trees (`process`, `sweep`, `liveness`), their output
//! (`capture`), how many tests it speaks of (`test_counts`), what ends them when this process is killed (`supervise`), and the commands that we know ourselves: git, deployments, a project's own tools. Does not live here:
//! what a result means for a task, and recording it. May be called by `validator`, `drift`, `gatekeeper`,
//! `orchestrator` and `app`.
//!
//! Invariants, each held by tests in `tests/it/executor/`:
//! - nothing of a command's tree outlives the call (`b01_…`, `b02_…`, `b03_…`);
//! - standard input is empty (`b04_…`);
//! - memory does not grow with the output (`b05_…`);
//! - no shell reads a caller's words (`b06_…`, `b07_…`);
//! - children do not see our secrets (`b08_…`).

mod allow;
mod capture;
pub mod deploy;
mod git;
mod last_line;
mod liveness;
mod own_programs;
mod platform;
mod process;
mod project_tools;
mod runner;
mod search_path;
mod settings;
mod spec;
mod supervise;
mod sweep;
mod test_counts;
mod told_tests;

pub use allow::CommandPolicy;
pub use liveness::{Liveness, current_process, is_gone, liveness};
pub use own_programs::find_named_program;
pub use runner::{Executor, protect_process};
pub use search_path::find_program;
pub use settings::ExecutorSettings;
pub use spec::{CommandSpec, Invocation};
#[cfg(target_os = "linux")]
pub use supervise::supervise;
pub use supervise::{SUPERVISE, is_supervised};
pub use sweep::{RUN_COOKIE_VARIABLE, sweep};
