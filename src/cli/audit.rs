//! The audit trail of the command line: one line for each command that works on a project.

use std::ffi::OsString;
use std::sync::OnceLock;

use super::arguments::Command;
use super::commands::Context;
use super::error::CliError;
use super::exit_code::Exit;
use crate::app::{self, AuditDoor};
use crate::config::{self, Config};
use crate::domain::{AUDIT_OK, Actor, AuditEvent, AuditSink, AuditedCall, TaskId};

/// Who sits at a terminal, or writes scripts.
const WHO: &str = "person";

/// What one command leaves in the trail.
#[derive(Debug, Default)]
pub(in crate::cli) struct CommandAudit {
    trail: OnceLock<Option<AuditSink>>,
    task_id: OnceLock<String>,
}

impl CommandAudit {
    /// Takes the trail that the settings name.
    pub(in crate::cli) fn opened(&self, config: &Config) {
        self.trail.get_or_init(|| app::audit_trail(config.audit.as_ref(), AuditDoor::Cli));
    }

    /// Returns the trail; reads the settings when the command has not.
    pub(in crate::cli) fn trail(&self, context: &Context) -> Option<&AuditSink> {
        let found = self.trail.get_or_init(|| {
            let settings = config::load(Actor::Person, &context.globals.overrides(), &context.environment);
            let file = match settings {
                Ok(config) => config.audit,
                Err(_) => config::audit_without_settings(&context.environment),
            };
            app::audit_trail(file.as_ref(), AuditDoor::Cli)
        });
        found.as_ref()
    }

    /// Writes that a person gave a permission.
    pub(in crate::cli) fn permission(&self, context: &Context, which: &str) {
        if let Some(trail) = self.trail(context) {
            trail.record(AuditEvent::permission(WHO, which));
        }
    }

    /// Notes which task a command is about.
    pub(in crate::cli) fn task(&self, task_id: &TaskId) {
        self.task_id.get_or_init(|| task_id.to_string());
    }
}

/// Does a command and writes how it ended, where it is one that leaves a line.
///
/// # Errors
/// The command's own.
pub(in crate::cli) fn audited(
    context: &Context,
    name: String,
    command: Command,
    arguments: &[OsString],
    work: impl FnOnce(&Context, Command) -> Result<Exit, CliError>,
) -> Result<Exit, CliError> {
    if !leaves_a_line(&command) {
        return work(context, command);
    }
    let words: Vec<_> = arguments.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let begun = std::time::Instant::now();
    let ended = work(context, command);
    // Only now it is known where the trail is: the command reads the settings itself, and tells what is wrong with them.
    let written = AuditedCall::begun_at(begun, context.audit.trail(context), WHO, name, &words);
    let (outcome, exit) = match &ended {
        Ok(exit) => (outcome_of(*exit), *exit),
        Err(error) => (error.code.as_ref(), error.exit),
    };
    written.exit(outcome, exit.number(), context.audit.task_id.get().cloned());
    ended
}

const fn outcome_of(exit: Exit) -> &'static str {
    match exit {
        Exit::Success => AUDIT_OK,
        Exit::Usage => "usage",
        Exit::CouldNot => "could_not",
        Exit::LocalFail => "local_fail",
        Exit::Refused => "failed",
        Exit::Drift => "drift",
        Exit::Bug => "internal_error",
        Exit::Interrupted => "interrupted",
    }
}

/// Tells whether a command works on a project: not one that shows settings, nor one that serves others, whose calls have
/// lines of their own.
const fn leaves_a_line(command: &Command) -> bool {
    !matches!(
        command,
        Command::Status
            | Command::Doctor
            | Command::Schemas { .. }
            | Command::Completions { .. }
            | Command::Help { .. }
            | Command::Version
            | Command::Man { .. }
            | Command::Mcp(_)
            | Command::Serve(_)
            | Command::Install(_)
            | Command::Uninstall(_)
            | Command::Skill { .. }
            | Command::Hook { .. }
            | Command::Demo
    )
}
