//! The `snipara` binary: the short name of `snipara-orchestrator`.

use std::process::ExitCode;

fn main() -> ExitCode {
    snipara_orchestrator::cli::run(std::env::args_os())
}
