//! `help`, `version`, `completions`, and the hidden `man`: what the definitions of the words themselves give.

use std::path::Path;

use clap_complete::Shell;
use serde_json::json;

use crate::cli::arguments::{PROGRAM, command_line, without_settings};
use crate::cli::commands::Context;
use crate::cli::completion;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::reference::markdown;
use crate::domain::{nearest, one_line};

/// Shows the long help of a command.
///
/// # Errors
/// When there is no such command; names the nearest.
pub(super) fn help(context: &Context, path: &[String]) -> Result<Exit, CliError> {
    let mut root = command_line();
    root.build();
    let mut command = &mut root;
    // A flat name of earlier versions is its group and its command.
    let words = path.iter().flat_map(|word| match word.split_once('-') {
        Some((group @ ("htask" | "swarm"), name)) => vec![group, name],
        _ => vec![word.as_str()],
    });
    for word in words {
        let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        if command.find_subcommand(word).is_none() {
            let meant = nearest(word, names.iter().map(String::as_str));
            let place = command.get_bin_name().unwrap_or(PROGRAM).to_owned();
            let hint = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("`{PROGRAM} help` lists the commands"),
            };
            return Err(CliError::usage(format!("`{place}` has no command `{}`", one_line(word, 40)), hint));
        }
        command = command.find_subcommand_mut(word).ok_or_else(|| CliError::bug("a command is not there"))?;
    }
    let page = command.render_long_help();
    let document = json!({ "command": path, "help": page.to_string() });
    context.output.answer(&document, |_| page.ansi().to_string())
}

/// Tells the version.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn version(context: &Context) -> Result<Exit, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    context.output.answer(&json!({ "name": PROGRAM, "version": version }), |_| format!("{PROGRAM} {version}"))
}

/// Prints a completion script for both names of the program.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn completions(context: &Context, shell: Shell) -> Result<Exit, CliError> {
    let script = completion::script(&shell.to_string())?;
    context.output.answer(&json!({ "shell": shell.to_string(), "script": script }), |_| script.clone())
}

/// Writes the manual pages into a folder, and all of it as one Markdown document into a file.
///
/// # Errors
/// When one cannot be written.
pub(super) fn man(context: &Context, folder: Option<&Path>, document: Option<&Path>) -> Result<Exit, CliError> {
    let mut written = Vec::new();
    if let Some(folder) = folder {
        let pages = std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(without_settings(command_line()), folder));
        pages.map_err(|error| CliError::file("write", folder, &error))?;
        written.push(folder.display().to_string());
    }
    if let Some(file) = document {
        std::fs::write(file, markdown()).map_err(|error| CliError::file("write", file, &error))?;
        written.push(file.display().to_string());
    }
    context.output.answer(&json!({ "written": written }), |_| written.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cli::arguments::Globals;
    use crate::cli::audit::CommandAudit;
    use crate::cli::output::Output;
    use crate::cli::output::tests::Buffer;
    use crate::config::Environment;

    fn told(work: impl FnOnce(&Context) -> Result<Exit, CliError>) -> Result<String, CliError> {
        let results = Buffer::default();
        let context = Context {
            output: Arc::new(Output::captured(false, false, Box::new(results.clone()), Box::new(Buffer::default()))),
            globals: Globals::default(),
            environment: Environment::default(),
            program: PROGRAM.into(),
            opened: crate::cli::commands::Opened::default(),
            audit: CommandAudit::default(),
        };
        work(&context).map(|_| results.text())
    }

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_help_of_a_command_is_found_by_its_path_and_by_its_flat_name() {
        let log = told(|context| help(context, &words("task log"))).expect("a page");
        assert!(log.contains("what happened to a task") && log.contains("task log @"), "{log}");
        let next = told(|context| help(context, &words("htask next")));
        assert_eq!(next, told(|context| help(context, &words("htask-next"))));
    }

    #[test]
    fn the_help_of_nothing_names_the_nearest_command() {
        let error = told(|context| help(context, &words("task lst"))).expect_err("refused");
        assert_eq!(error.message, "`snipara-orchestrator task` has no command `lst`");
        assert_eq!(error.hint, "did you mean `list`?");
    }

    #[test]
    fn a_completion_script_is_for_both_names_and_asks_the_program() {
        let script = told(|context| completions(context, Shell::Bash)).expect("a script");
        assert!(script.contains("-F _clap_complete_snipara_orchestrator snipara-orchestrator"), "{script}");
        assert!(script.contains("-F _clap_complete_snipara snipara\n"), "{script}");
    }

    #[test]
    fn every_visible_command_has_a_manual_page() {
        let folder = tempfile::tempdir().expect("a folder");
        told(|context| man(context, Some(folder.path()), None)).expect("written");
        for page in ["snipara-orchestrator.1", "snipara-orchestrator-run.1", "snipara-orchestrator-task-log.1"] {
            let text = std::fs::read_to_string(folder.path().join(page)).expect(page);
            assert!(text.contains(".SH SYNOPSIS"), "{page}: {text}");
        }
    }
}
