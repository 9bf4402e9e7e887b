//! The words of `install`, `uninstall`, `skill` and `hook`.

use clap::builder::{BoolishValueParser, TypedValueParser};
use clap::{ArgAction, Args, Subcommand};

use crate::cli::install::{Client, HookClient, InstallScope, SkillClient};

/// For whom it counts.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ScopeWords {
    // Every command knows `--project NAME`, and clap has one type for one name: this one is a text, too.
    /// For this repository, whoever works on it.
    #[arg(
        long,
        action = ArgAction::SetTrue,
        value_parser = BoolishValueParser::new().map(|set: bool| set.to_string()),
        conflicts_with = "for_user",
        help_heading = "For whom"
    )]
    project: String,
    /// For you, in every repository.
    #[arg(id = "for_user", long = "user", help_heading = "For whom")]
    user: bool,
}

impl ScopeWords {
    /// Returns what was said; nothing when nothing was.
    pub(crate) fn chosen(&self) -> Option<InstallScope> {
        match (self.project == "true", self.user) {
            (true, _) => Some(InstallScope::Project),
            (false, true) => Some(InstallScope::User),
            (false, false) => None,
        }
    }
}

/// `install`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Without --project and --user it is for this repository when --prod-url is given, since an \
                        address belongs to a repository, and else for you.")]
pub(crate) struct Install {
    /// The client.
    pub(crate) client: Client,
    #[command(flatten)]
    pub(crate) scope: ScopeWords,
    /// Let the client call the server at this address instead of starting one.
    #[arg(long, value_name = "URL")]
    pub(crate) http: Option<String>,
    /// The variable that holds the token for that server [default: SNIPARA_ORCHESTRATOR_TOKEN, none on this machine].
    #[arg(long, value_name = "VARIABLE", requires = "http")]
    pub(crate) token_env: Option<String>,
    /// The program that the client starts [default: snipara-orchestrator].
    #[arg(long, value_name = "PATH", conflicts_with = "http")]
    pub(crate) command: Option<String>,
    /// Add hooks, too: a session begins with the open tasks, and an agent is sent back while its task is not done.
    #[arg(long, conflicts_with_all = ["http", "print"])]
    pub(crate) hooks: bool,
    /// Codex: let the agent use the tools without asking a person, as `codex exec` needs it.
    #[arg(long)]
    pub(crate) approve: bool,
    /// Print what a new file would hold, and write nothing.
    #[arg(long)]
    pub(crate) print: bool,
    /// Replace an entry that says something else.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

/// `uninstall`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Without --project and --user it is taken out of both.")]
pub(crate) struct Uninstall {
    /// The client.
    pub(crate) client: Client,
    #[command(flatten)]
    pub(crate) scope: ScopeWords,
}

/// `skill`.
#[derive(Debug, Subcommand)]
pub(crate) enum SkillCommand {
    /// Write the skill where the client looks for it [default: for you].
    Install {
        /// The client.
        client: SkillClient,
        #[command(flatten)]
        scope: ScopeWords,
        /// Print the skill, and write nothing.
        #[arg(long)]
        print: bool,
        /// Replace a skill of that name that says something else.
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Remove the skill [default: yours].
    Uninstall {
        /// The client.
        client: SkillClient,
        #[command(flatten)]
        scope: ScopeWords,
        /// Remove a skill of that name that says something else.
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

/// `hook`.
#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Before an agent ends its turn: it goes on, once a task, while its last task is not done.
    Stop {
        /// The client that asks.
        #[arg(default_value = "claude")]
        client: HookClient,
    },
    /// When a session begins: which tasks are not done, in at most 400 tokens.
    SessionStart {
        /// The client that asks.
        #[arg(default_value = "claude")]
        client: HookClient,
    },
    /// Before a conversation is summarised: what the summary is to keep.
    PreCompact {
        /// The client that asks.
        #[arg(default_value = "claude")]
        client: HookClient,
    },
}

impl HookCommand {
    /// Returns the client that asks, and the hook's word.
    pub(crate) const fn asked(&self) -> (HookClient, &'static str) {
        match self {
            Self::Stop { client } => (*client, "stop"),
            Self::SessionStart { client } => (*client, "session-start"),
            Self::PreCompact { client } => (*client, "pre-compact"),
        }
    }
}
