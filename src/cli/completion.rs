//! Completions: the shell asks this program, which knows its own words and the ids of the project it is called in.

use std::ffi::{OsStr, OsString};

use clap_complete::env::Shells;

use super::arguments::{PROGRAM, command_line, without_settings};
use super::error::CliError;
use super::exit_code::Exit;
use super::output::Output;
use crate::config::Environment;

/// The variable by which the script of a shell asks; its value is the shell.
pub(crate) const VARIABLE: &str = "_SNIPARA_COMPLETE";

/// The names that this program is installed under.
const NAMES: [&str; 2] = [PROGRAM, "snipara"];

/// Returns the script for a shell, for each name of the program.
///
/// # Errors
/// When there is no such shell.
pub(crate) fn script(shell: &str) -> Result<String, CliError> {
    let shells = Shells::builtins();
    let completer = shells.completer(shell).ok_or_else(|| CliError::bug("a shell without a completer"))?;
    let mut script = Vec::new();
    for name in NAMES {
        completer
            .write_registration(VARIABLE, name, name, name, &mut script)
            .map_err(|_| CliError::bug("a script cannot be written into memory"))?;
    }
    Ok(String::from_utf8_lossy(&script).into_owned())
}

/// Answers a shell's question. What goes wrong completes nothing, and disturbs nobody who types.
pub(crate) fn complete(output: &Output, shell: &OsStr, arguments: &[OsString], environment: &Environment) -> Exit {
    let words = arguments.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    let mut command = without_settings(command_line());
    command.build();
    let mut answer = Vec::new();
    let shells = Shells::builtins();
    let answered = shells
        .completer(&shell.to_string_lossy())
        .map(|shell| shell.write_complete(&mut command, words, Some(&environment.current_folder), &mut answer));
    match answered {
        Some(Ok(())) if output.raw(&answer).is_ok() => Exit::Success,
        _ => Exit::CouldNot,
    }
}
