//! All commands as one Markdown document (docs/cli.md), made of the same definitions as the help.

use std::fmt::Write;

use clap::{Arg, Command};

use super::arguments::{HEADINGS, PROGRAM, command_line, examples_of};
use super::exit_code;

/// The headings of the flags that every command knows; they are listed once.
const OF_ALL: [&str; 2] = ["Global options", "Settings"];

/// Returns the document.
pub(crate) fn markdown() -> String {
    let mut root = command_line();
    root.build();
    let mut text = format!(
        "# Commands\n\n`cargo cli-docs` writes this page from the definitions that the help is made of; a test compares.\n\
         `{PROGRAM} help COMMAND` shows the same at a terminal, `{PROGRAM} completions SHELL` completes it, and `snipara` is \
         the same program under a shorter name.\n\n\
         In the place of an id the beginning of one will do, as long as no other begins so, and `@` is the newest.\n"
    );
    for (heading, names) in HEADINGS {
        _ = write!(text, "\n## {heading}\n");
        for command in names.split(' ').filter_map(|name| root.find_subcommand(name)) {
            section(&mut text, command, command.get_name());
        }
    }
    for (heading, told) in [
        ("Global options", "Every command knows these."),
        (
            "Settings",
            "Every command knows these, too: each stands in for a key of the configuration (configuration.md).",
        ),
    ] {
        _ = write!(text, "\n## {heading}\n\n{told}\n");
        flags(&mut text, &root, |arg| arg.get_help_heading() == Some(heading));
    }
    _ = write!(text, "\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, meaning) in exit_code::TABLE {
        _ = writeln!(text, "| {} | {meaning} |", exit.number());
    }
    text
}

fn section(text: &mut String, command: &Command, path: &str) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    _ = write!(text, "\n### `{path}`\n\n{about}.\n");
    if command.has_subcommands() {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            section(text, sub, &format!("{path} {}", sub.get_name()));
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    _ = write!(text, "\n```console\n");
    for usage in usage.trim_start_matches("Usage:").lines() {
        _ = writeln!(text, "{}", usage.trim());
    }
    for (line, what) in examples_of(path) {
        _ = write!(text, "\n# {what}\n$ {PROGRAM} {line}\n");
    }
    text.push_str("```\n");
    flags(text, command, |arg| !arg.get_help_heading().is_some_and(|heading| OF_ALL.contains(&heading)));
}

/// A table of the arguments that are chosen; nothing when there are none.
fn flags(text: &mut String, command: &Command, chosen: impl Fn(&Arg) -> bool) {
    let own = |arg: &&Arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version") && chosen(arg);
    let rows: Vec<&Arg> = command.get_arguments().filter(own).collect();
    if rows.is_empty() {
        return;
    }
    text.push_str("\n| argument | meaning |\n|---|---|\n");
    for arg in rows {
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        _ = writeln!(text, "| {} | {} |", spelled(arg), cell(&help));
    }
}

/// How an argument is typed: `-t`, `--test TEST`.
fn spelled(arg: &Arg) -> String {
    let values =
        arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let values = if arg.get_action().takes_values() { values } else { String::new() };
    if arg.is_positional() {
        return format!("`{}`", cell(&values));
    }
    let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let long = arg.get_long().unwrap_or_default();
    format!("{short}`--{}`", cell(format!("{long} {values}").trim_end()))
}

/// A text in a table of Markdown.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_cli_md_is_what_the_definitions_say() {
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");
        let document = std::fs::read_to_string(written).unwrap_or_default();
        assert!(document == markdown(), "docs/cli.md is old: run `cargo cli-docs`");
    }
}
