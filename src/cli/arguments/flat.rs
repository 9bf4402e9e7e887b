//! The flat names of earlier versions: `htask-create` is `htask create`, wherever there is such a group and command.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Returns the words with the flat name of a command, if there is one, written as its group and its name.
pub(super) fn grouped(root: &Command, mut words: Vec<OsString>) -> Vec<OsString> {
    let Some(place) = place_of_command(root, &words) else { return words };
    let name = words.get(place).and_then(|word| word.to_str()).unwrap_or_default();
    let known = name
        .split_once('-')
        .filter(|(group, name)| root.find_subcommand(group).is_some_and(|group| group.find_subcommand(name).is_some()));
    if let Some(both) = known.map(|(group, name)| [group, name].map(OsString::from)) {
        words.splice(place..=place, both);
    }
    words
}

/// Finds the first word that is neither a flag nor the value of one.
fn place_of_command(root: &Command, words: &[OsString]) -> Option<usize> {
    let mut place = 1;
    loop {
        let word = words.get(place)?.to_str()?;
        if !word.starts_with('-') {
            return Some(place);
        }
        if word == "--" {
            return None;
        }
        place += if root.get_arguments().any(|arg| takes_the_next(arg, word)) { 2 } else { 1 };
    }
}

fn takes_the_next(arg: &Arg, word: &str) -> bool {
    let long = word.strip_prefix("--").is_some_and(|name| arg.get_long() == Some(name));
    let short = word.len() == 2 && arg.get_short().is_some_and(|short| word.ends_with(short));
    arg.get_action().takes_values() && (long || short)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::arguments::CommandLine;

    fn grouped_line(line: &str) -> String {
        let words = shlex::split(line).expect("words").into_iter().map(OsString::from).collect();
        let words = grouped(&CommandLine::command(), words);
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_flat_name_is_its_group_and_command_and_nothing_else_changes() {
        for (line, meant) in [
            ("x htask-create T -s s", "x htask create T -s s"),
            ("x htask-create-feature T", "x htask create-feature T"),
            ("x --json --project p swarm-join -s s", "x --json --project p swarm join -s s"),
            ("x --project=p htask-next", "x --project=p htask next"),
            ("x --project htask-next", "x --project htask-next"),
            ("x check-drift", "x check-drift"),
            ("x run htask-next", "x run htask-next"),
            ("x htask-nothing", "x htask-nothing"),
            ("x", "x"),
        ] {
            assert_eq!(grouped_line(line), meant);
        }
    }
}
