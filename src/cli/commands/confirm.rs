//! What a person is asked at a terminal.

use std::io::{IsTerminal, Read};

use crate::app::{RUN_COOKIE_VARIABLE, is_supervised};
use crate::cli::commands::Context;
use crate::cli::error::CliError;

/// The longest line that a person is asked to type.
const MAX_TYPED_BYTES: u64 = 4096;

/// Refuses what only a person decides where a command of a run asks for it: code that is judged must not change what it
/// is judged by. It is told by the variable that every command of ours carries, and by its supervisor where there is one.
///
/// # Errors
/// Below a run; nothing was done then.
pub(super) fn not_below_a_run(context: &Context, what: &str) -> Result<(), CliError> {
    if !is_below_a_run(context) {
        return Ok(());
    }
    Err(CliError::needs_terminal(
        format!("{what} is decided by a person, not by a command of a run"),
        format!(
            "Run it at a terminal of your own, where {RUN_COOKIE_VARIABLE} is not set and no run is an ancestor; nothing was done."
        ),
    ))
}

/// Tells whether a command that this program watches over started this process.
pub(super) fn is_below_a_run(context: &Context) -> bool {
    context.environment.value(RUN_COOKIE_VARIABLE).is_some() || is_supervised()
}

/// Tells whether a person can be asked: what is typed and what is asked are both at a terminal.
pub(super) fn at_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a person to allow something that an agent may not do alone; `--yes` says it beforehand.
///
/// # Errors
/// Below a run, without a terminal, or when the answer is not yes; nothing was done then.
pub(super) fn confirm(context: &Context, yes: bool, what: &str, lines: &[String]) -> Result<(), CliError> {
    not_below_a_run(context, "this")?;
    if yes {
        return Ok(());
    }
    if !at_terminal() {
        return Err(CliError::needs_terminal(
            format!("{what}: a person decides that, and there is no terminal to ask at"),
            "add `--yes`, or run it at a terminal; nothing was done",
        ));
    }
    let mut question = format!("{what}:\n");
    for line in lines {
        question.push_str(&format!("  {line}\n"));
    }
    question.push_str("Go on? [y/N] ");
    context.output.ask(&question);
    if said_yes(&read_line()?) {
        return Ok(());
    }
    Err(CliError::usage("nothing was done", "answer y to go on"))
}

/// Tells whether an answer is yes.
pub(super) fn said_yes(answer: &str) -> bool {
    matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Reads one line; a byte at a time, so that the next question finds its own answer.
///
/// # Errors
/// When the input ends before anything was typed, or cannot be read.
pub(super) fn read_line() -> Result<String, CliError> {
    let mut typed = Vec::new();
    let mut byte = [0];
    let mut stdin = std::io::stdin().lock().take(MAX_TYPED_BYTES);
    loop {
        match stdin.read(&mut byte) {
            Ok(0) if typed.is_empty() => {
                return Err(CliError::usage("the input ended before an answer was typed", "nothing was written"));
            }
            Ok(0) => break,
            Ok(_) if byte == [b'\n'] => break,
            Ok(_) => typed.extend_from_slice(&byte),
            Err(error) => return Err(CliError::could_not("no_input", format!("cannot read the answer: {error}"), "")),
        }
    }
    Ok(String::from_utf8_lossy(&typed).trim().to_owned())
}
