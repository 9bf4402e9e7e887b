//! The flags of the configuration's keys, made from the table of keys.

use std::collections::BTreeMap;

use clap::builder::Str;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::config::{SettingFlag, setting_flags};

/// What flags say in the place of keys: the texts of each, by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingArgs(pub(crate) BTreeMap<String, Vec<String>>);

/// The heading of the flags that stand in for keys of the configuration; short help leaves them out.
pub(super) const SETTINGS: &str = "Settings";

fn made() -> impl Iterator<Item = &'static SettingFlag> {
    setting_flags().iter().filter(|flag| !flag.declared)
}

/// A name that no field of a request has.
fn id(flag: &SettingFlag) -> String {
    format!("setting.{}", flag.key)
}

impl Args for SettingArgs {
    fn augment_args(command: Command) -> Command {
        command.args(made().map(|flag| {
            let action = if flag.repeatable { ArgAction::Append } else { ArgAction::Set };
            Arg::new(id(flag))
                .long(Str::from(flag.flag.trim_start_matches('-').to_owned()))
                .value_name(flag.value_name)
                .help(flag.help.clone())
                .action(action)
                .global(true)
                .help_heading(SETTINGS)
                .hide_short_help(true)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = made().filter_map(|flag| {
            let texts: Vec<String> = matches.get_many::<String>(&id(flag))?.cloned().collect();
            Some((flag.key.clone(), texts))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::arguments::CommandLine;

    #[test]
    fn every_key_has_a_flag_of_the_servers_and_of_what_runs_tasks() {
        // What only a server does has no flag elsewhere.
        const OF_SERVERS: [&str; 4] = ["allowed_hosts", "lockdown", "read_only", "toolsets"];
        let mut command = CommandLine::command();
        command.build();
        let flags_of = |name: &str| -> Vec<String> {
            let command = command.find_subcommand(name).expect("a command");
            command.get_arguments().filter_map(|argument| Some(format!("--{}", argument.get_long()?))).collect()
        };
        for name in ["mcp", "serve", "run", "validate", "check-drift"] {
            let known = flags_of(name);
            let is_server = matches!(name, "mcp" | "serve");
            for flag in setting_flags().iter().filter(|flag| is_server || !OF_SERVERS.contains(&flag.key.as_str())) {
                assert!(known.contains(&flag.flag), "{name} has no {} for `{}`", flag.flag, flag.key);
            }
        }
    }

    #[test]
    fn what_is_given_reaches_the_settings_before_and_after_the_command() {
        for line in [
            "x mcp --settle-seconds 9 --production-host a --production-host b:1",
            "x --settle-seconds 9 --production-host a --production-host b:1 status",
        ] {
            let words = shlex::split(line).expect("words");
            let given = CommandLine::try_parse_from(words).expect(line).globals.overrides().settings;
            assert_eq!(given.get("settle_seconds").map(Vec::as_slice), Some(&["9".to_owned()][..]));
            assert_eq!(given.get("production_hosts").map(Vec::len), Some(2));
            assert_eq!(given.len(), 2);
        }
    }
}
