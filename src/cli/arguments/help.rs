//! How the words are presented: commands under headings, examples on every page, and completions that know ids.

use std::ffi::OsString;
use std::fmt::Write;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use clap_complete::engine::ArgValueCandidates;

use super::command::CommandLine;
use super::examples::EXAMPLES;
use super::flat::grouped;
use super::setting_args::SETTINGS;
use crate::cli::exit_code;
use crate::cli::known_ids;

/// The program as every text names it that tells what to type.
pub(crate) const PROGRAM: &str = "snipara-orchestrator";

/// The headings of the help, each with its commands, in order.
pub(crate) const HEADINGS: [(&str, &str); 7] = [
    ("Start", "init doctor demo install uninstall"),
    ("Prove", "run validate check-drift checklist deploy"),
    ("Look", "task proofs status"),
    ("Remember", "remember recall memories forget context"),
    ("Plan", "htask swarm"),
    ("Serve", "mcp serve"),
    ("Other", "trust store backup restore schemas completions help version"),
];

/// How many examples the short help of a command shows; the long one shows all.
const SHORT: usize = 2;

impl CommandLine {
    /// Reads the words, and tells the command's name, too: `run`, `task`, `htask-create`.
    ///
    /// # Errors
    /// What clap has to say of them: also help and version.
    pub(crate) fn read(words: Vec<OsString>) -> Result<(String, Self), clap::Error> {
        let mut matches = command_line().try_get_matches_from(grouped(&Self::command(), words))?;
        let mut name = matches.subcommand_name().unwrap_or_default().to_owned();
        // One name a tool, whether it was typed as one word or as two.
        if let Some(within) = matches.subcommand_matches(&name).and_then(clap::ArgMatches::subcommand_name)
            && matches!(name.as_str(), "htask" | "swarm")
        {
            name = format!("{name}-{within}");
        }
        let line = Self::from_arg_matches_mut(&mut matches);
        Ok((name, line.map_err(|error| error.format(&mut command_line()))?))
    }
}

/// Returns all commands with their headings, examples and completions.
pub(crate) fn command_line() -> Command {
    let root = dressed(CommandLine::command(), "");
    let styles = root.get_styles().clone();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut listed = String::new();
    for (heading, names) in HEADINGS {
        _ = writeln!(listed, "{header}{heading}:{header:#}");
        for command in names.split(' ').filter_map(|name| root.find_subcommand(name)) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            _ = writeln!(listed, "  {literal}{:<13}{literal:#}{about}", command.get_name());
        }
        listed.push('\n');
    }
    let more = format!("`{PROGRAM} help COMMAND` tells more of each, `{PROGRAM} help` the exit codes.");
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{{before-help}}{header}Options:{header:#}\n{{options}}{{after-help}}"
    );
    root.help_template(template)
        .before_help(listed.trim_end().to_owned())
        .after_help(more)
        .after_long_help(exit_code::table_text())
}

/// Returns the commands for what would drown in a flag for each key of the configuration: they work, and are not offered.
pub(crate) fn without_settings(root: Command) -> Command {
    root.mut_args(|arg| if arg.get_help_heading() == Some(SETTINGS) { arg.hide(true) } else { arg })
}

/// Adds to a command and all below it what derive macros cannot say.
fn dressed(command: Command, path: &str) -> Command {
    let header = *command.get_styles().get_header();
    let (before, long_before) = (text(command.get_after_help()), text(command.get_after_long_help()));
    let examples = |most: usize| {
        let mut shown = String::new();
        for (line, what) in examples_of(path).take(most) {
            _ = write!(shown, "\n  # {what}\n  $ {PROGRAM} {line}");
        }
        let gap = if before.is_empty() { "" } else { "\n\n" };
        StyledStr::from(format!("{before}{gap}{header}Examples:{header:#}{shown}"))
    };
    let has_examples = !path.is_empty() && examples_of(path).next().is_some() && long_before.is_empty();
    let command = match has_examples {
        true => command.after_help(examples(SHORT)).after_long_help(examples(usize::MAX)),
        false => command,
    };
    let command = command.disable_help_subcommand(true).mut_args(|arg| completed(arg, path));
    // A group without its second word is told as an error with its commands, not as a page.
    let command = if path.is_empty() { command } else { command.arg_required_else_help(false) };
    command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        dressed(sub, path.trim_start())
    })
}

fn text(styled: Option<&StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

/// Returns the examples of a command; those of a group are those of its commands.
pub(crate) fn examples_of(path: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    EXAMPLES
        .iter()
        .filter(move |(line, _)| line.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// Lets shells complete an id where one is asked for.
fn completed(arg: Arg, path: &str) -> Arg {
    let of_htasks = path.starts_with("htask");
    let known: fn() -> Vec<clap_complete::CompletionCandidate> = match arg.get_id().as_str() {
        "htask_id" | "parent_id" | "depends_on" | "feature_id" | "blocked_by_task_id" => known_ids::htasks,
        "task_id" if of_htasks => known_ids::htasks,
        "task_id" | "task" => known_ids::tasks,
        "id" if path.starts_with("task") => known_ids::tasks,
        "swarm_id" => known_ids::swarms,
        "suite" => known_ids::suites,
        _ => return arg,
    };
    arg.add(ArgValueCandidates::new(known))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every visible command with its path, groups left out.
    fn leaves(command: &Command, path: &str, into: &mut Vec<String>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name()).trim_start().to_owned();
            if sub.has_subcommands() { leaves(sub, &path, into) } else { into.push(path) }
        }
    }

    fn all_leaves() -> Vec<String> {
        let mut all = Vec::new();
        leaves(&command_line(), "", &mut all);
        all
    }

    #[test]
    fn the_words_are_consistent() {
        command_line().debug_assert();
    }

    #[test]
    fn every_visible_command_stands_under_one_heading_and_no_other_does() {
        let listed: Vec<&str> = HEADINGS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        let root = command_line();
        let visible: BTreeSet<&str> =
            root.get_subcommands().filter(|sub| !sub.is_hide_set()).map(Command::get_name).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), visible);
        assert_eq!(listed.len(), visible.len(), "a command stands twice");
        for command in root.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.len() <= 65, "a row of the help is one line at 80 columns: {about}");
        }
    }

    #[test]
    fn every_visible_command_has_an_example_and_every_example_is_one_of_it() {
        for path in all_leaves() {
            assert!(examples_of(&path).next().is_some(), "{path} has no example");
        }
        for (line, _) in EXAMPLES {
            let words = shlex::split(&format!("{PROGRAM} {line}")).expect(line);
            if let Err(error) = CommandLine::read(words.into_iter().map(OsString::from).collect()) {
                panic!("{line}: {error}");
            }
            assert!(all_leaves().iter().any(|path| line.starts_with(path)), "{line} is no command's");
        }
    }

    #[test]
    fn the_long_page_of_a_command_shows_all_its_examples() {
        let mut root = command_line();
        root.build();
        let run = root.find_subcommand_mut("run").expect("run");
        let (short, long) = (run.render_help().to_string(), run.render_long_help().to_string());
        let lines: Vec<String> = examples_of("run").map(|(line, _)| format!("  $ {PROGRAM} {line}")).collect();
        let shows = |page: &str, line: &str| page.lines().any(|shown| shown == line);
        assert!(lines.iter().all(|line| shows(&long, line)), "{long}");
        assert_eq!(lines.iter().filter(|line| shows(&short, line)).count(), SHORT, "{short}");
    }

    #[test]
    fn the_short_help_of_run_fits_a_screen_and_settings_stand_apart_in_the_long_one() {
        let mut root = command_line().term_width(80);
        root.build();
        let run = root.find_subcommand_mut("run").expect("run");
        let short = run.render_help().to_string();
        assert!(short.lines().count() <= 45, "{} lines\n{short}", short.lines().count());
        assert!(!short.contains("--gatekeeper-id"), "{short}");
        let long = run.render_long_help().to_string();
        let (own, settings) = long.split_once("\nSettings:").expect("a heading");
        assert!(settings.contains("--gatekeeper-id") && !own.contains("--gatekeeper-id"), "{long}");
    }

    #[test]
    fn help_names_the_commands_under_their_headings_and_the_exit_codes() {
        let short = command_line().render_help().to_string();
        assert!(short.contains("\nProve:\n  run          Run a task"), "{short}");
        assert!(!short.contains("team-sync") && !short.contains("Exit codes"), "{short}");
        let long = command_line().render_long_help().to_string();
        assert!(long.contains("  6  drift (ENV_DRIFT)"), "{long}");
    }
}
