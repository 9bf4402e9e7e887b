//! The `snipara-orchestrator` binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    snipara_orchestrator::cli::run(std::env::args_os())
}
