//! SCAFFOLD
use std::{ffi::OsString, process::ExitCode};
/// Runs the command line.
pub fn run(_arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
