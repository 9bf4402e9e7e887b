//! `agents` and `team-sync`: what a companion tool hands over.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::{NewEvidence, parse_evidence};

/// The file that a companion tool wrote.
#[derive(Debug, Clone, Args)]
pub(crate) struct Plan {
    /// The handoff file that the companion tool wrote under .snipara/orchestrator.
    #[arg(long = "plan", short = 'p', value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `agents`.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentsCommand {
    /// Make the handoff the shared state of a swarm; starts no worker.
    Coordinate {
        #[command(flatten)]
        plan: Plan,
        /// Use this swarm [default: the one that the handoff names, else the project's own].
        #[arg(long, short = 's', value_name = "ID")]
        swarm_id: Option<String>,
    },
}

/// `team-sync`.
#[derive(Debug, Subcommand)]
pub(crate) enum TeamSyncCommand {
    /// Show the handoff's requirements at a glance.
    Gate {
        #[command(flatten)]
        plan: Plan,
    },
    /// Compare evidence with what the handoff requires; exits with 5 when something is missing.
    CheckEvidence {
        #[command(flatten)]
        plan: Plan,
        /// Evidence: a JSON object, type:description, a URL, or a text; repeatable.
        #[arg(long, short = 'e', value_name = "EVIDENCE", value_parser = evidence)]
        evidence: Vec<NewEvidence>,
    },
}

fn evidence(text: &str) -> Result<NewEvidence, String> {
    parse_evidence(text).map_err(|error| format!("{error}; {}", error.fix))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Command, CommandLine};

    fn parse(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(shlex::split(line).expect("words"))
    }

    #[test]
    fn the_words_of_the_seed_parse() {
        parse("x agents coordinate --plan p.json --swarm-id swarm_1 --json").expect("long");
        parse("x agents coordinate -p p.json -s swarm_1").expect("short");
        parse("x team-sync gate --plan p.json").expect("gate");
        let line = "x team-sync check-evidence -p p.json -e https://ci.example.com/1 --evidence 'test:all green'";
        let Command::TeamSync { command: TeamSyncCommand::CheckEvidence { evidence, .. } } =
            parse(line).expect("check-evidence").command
        else {
            panic!("check-evidence")
        };
        let kinds: Vec<&str> = evidence.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds, ["link", "test"]);
        assert!(parse("x team-sync gate").is_err() && parse("x agents").is_err());
        assert!(parse("x team-sync check-evidence -p p.json -e '{\"type\": 1}'").is_err());
    }
}
