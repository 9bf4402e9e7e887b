//! The command policy: decides which commands may run, by looking at them only.
//!
//! For a caller, a command is either in the table of known runners (`runners.rs`) or in the trusted
//! `allowed_commands`. Both run without a shell: the line is split into words as POSIX sh would (quotes and
//! backslashes work), and characters that only a shell understands are refused where sh would act on them.
//!
//! The policy is a fence, not a prison: `npm test` runs whatever the repository says. It keeps a caller from running
//! something *else* than the project's own tests by the way.

mod arguments;
mod check;
mod environment;
mod line;
mod named_code;
mod pattern;
mod place;
mod runners;
mod scripts;
mod value;

use std::path::Path;

use self::place::Place;
use super::Invocation;
use crate::domain::{CommandEnd, one_line};

/// Which commands may run, decided by who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandPolicy {
    /// A person's commands: anything, through a shell.
    Unrestricted,
    /// A caller's commands: the table of known runners, and these trusted patterns. Without a shell.
    Restricted {
        /// Exact commands, or patterns with `*`, which stands for any part of one word: it never matches white
        /// space, quotes, characters that a shell understands, or `..`.
        allowed: Vec<String>,
    },
    /// No program is started at all (`--no-local-commands`).
    Forbidden,
}

/// How a command may be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AllowedCommand {
    pub(super) invocation: Invocation,
    /// What is added to its environment.
    pub(super) environment: Vec<(String, String)>,
    /// Whether a person, or settings that a person trusted, named it: the repository's own folders of programs count then.
    pub(super) named: bool,
}

impl From<Invocation> for AllowedCommand {
    fn from(invocation: Invocation) -> Self {
        Self { invocation, environment: Vec::new(), named: true }
    }
}

/// Decides how a command may be started.
pub(super) fn decide(command: &str, policy: &CommandPolicy, repository: &Path) -> Result<AllowedCommand, CommandEnd> {
    let command = command.trim();
    match policy {
        CommandPolicy::Forbidden => Err(forbidden()),
        _ if command.is_empty() => Err(empty()),
        CommandPolicy::Unrestricted => Ok(Invocation::Shell(command.to_owned()).into()),
        CommandPolicy::Restricted { allowed } => {
            let words = line::words(command).map_err(|why| refused(command, &why))?;
            if pattern::any_matches(allowed, command) {
                line::no_variables(&words).map_err(|why| refused(command, &why))?;
                return Ok(Invocation::Direct(words).into());
            }
            let permit = check::check(&words, &Place::new(repository)).map_err(|why| refused(command, &why))?;
            let (invocation, environment) = (Invocation::Direct(permit.words), permit.environment);
            Ok(AllowedCommand { invocation, environment, named: false })
        }
    }
}

/// The refusal of every program.
pub(super) fn forbidden() -> CommandEnd {
    CommandEnd::Refused {
        why: "no program may be started here (--no-local-commands)".to_owned(),
        fix: "a person can start the server without --no-local-commands".to_owned(),
    }
}

/// The refusal of a shell.
pub(super) fn no_shell(command: &str) -> CommandEnd {
    refused(command, "commands of a caller run without a shell")
}

/// The answer to a command without words.
pub(super) fn empty() -> CommandEnd {
    CommandEnd::NotStarted { why: "the command is empty".to_owned(), fix: Some("give a command".to_owned()) }
}

fn refused(command: &str, why: &str) -> CommandEnd {
    let command = one_line(command, 200);
    CommandEnd::Refused {
        why: why.to_owned(),
        fix: format!(
            "give one command of a known runner, such as `npm test`, `cargo test`, `pytest` or `make check`; a person can add `{command}` to `allowed_commands` in .snipara-orchestrator.json and run \
             `snipara-orchestrator trust`, or start the server with `mcp --allow-any-command`"
        ),
    }
}

#[cfg(test)]
mod tests;
