//! The commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::beyond::{CheckDrift, CriteriaArgs, Forget, Remember, Validate};
use super::globals::Globals;
use super::handoff::{AgentsCommand, TeamSyncCommand};
use super::install::{HookCommand, Install, SkillCommand, Uninstall};
use super::plan::{HTaskCommand, SwarmCommand};
use super::request_args::RequestArgs;
use super::serve::Serve;
use super::store::{BackupWords, RestoreWords, StoreCommand};
use crate::domain::{ChecklistRequest, ContextQuery, DeployRequest, MemoryFilter, RecallQuery, RunRequest};

/// Takes the word "done" away from AI agents: a task is done when production proves it.
#[derive(Debug, Parser)]
#[command(name = "snipara-orchestrator", bin_name = "snipara-orchestrator", version)]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be asked for; under which heading each stands is in [`super::help`].
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the configuration of this repository.
    Init(Init),
    /// Tell what works here, what is missing, and how to mend it.
    Doctor,
    /// Show it all with a pretend production, without a network.
    Demo,
    /// Tell a client of this server, in the client's own settings.
    Install(Install),
    /// Take this server out of a client's settings.
    Uninstall(Uninstall),
    /// Run a task: its tests, drift, checks against production, the gate.
    #[command(override_usage = "snipara-orchestrator run [OPTIONS] <TITLE> --endpoint <ENDPOINT>...\n       \
                                snipara-orchestrator run [OPTIONS] --task <ID>\n       \
                                snipara-orchestrator run [--suite <NAME>]...")]
    #[command(mut_arg("swarm_id", |swarm| swarm.requires("htask_id")))]
    Run(CriteriaArgs<RunRequest>),
    /// Check one endpoint and record its proof.
    Validate(Validate),
    /// Look for drift between the repository and production.
    CheckDrift(CheckDrift),
    /// Generate a cutover checklist; executes nothing.
    Checklist(CriteriaArgs<ChecklistRequest>),
    /// Run a deployment and record it; never a proof.
    Deploy(RequestArgs<DeployRequest>),
    /// List, show, follow and cancel tasks.
    Task {
        #[command(subcommand)]
        command: TaskCommand,
    },
    /// List, show, verify, export and redact what was observed.
    Proofs {
        #[command(subcommand)]
        command: ProofsCommand,
    },
    /// Show the settings in force.
    Status,
    /// Remember something for later tasks.
    Remember(Remember),
    /// Recall what earlier tasks learned.
    Recall(RequestArgs<RecallQuery>),
    /// List memories, newest first.
    Memories(RequestArgs<MemoryFilter>),
    /// Remove memories, or mark one as not valid any more.
    Forget(Forget),
    /// Show what the project's documents say to a question.
    Context(RequestArgs<ContextQuery>),
    /// Plan hierarchical tasks: make, pick, block, complete, close.
    #[command(name = "htask")]
    HTask {
        #[command(subcommand)]
        command: HTaskCommand,
    },
    /// List, make and join swarms of agents.
    Swarm {
        #[command(subcommand)]
        command: SwarmCommand,
    },
    /// Serve MCP over standard input and output.
    Mcp(McpServer),
    /// Serve MCP over HTTP, at /mcp; the older HTTP+SSE at /sse.
    Serve(Serve),
    /// Let the permissions in the configuration count for agents.
    Trust,
    /// Look at the store as a whole.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Write everything into one file, with its digest beside it.
    Backup(BackupWords),
    /// Put a backup in the store's place, after it was checked.
    Restore(RestoreWords),
    /// Print the schemas of the tools, or of the configuration.
    Schemas {
        /// Print the JSON Schema of the configuration file instead.
        #[arg(long, conflicts_with = "output")]
        configuration: bool,
        /// Write one file a tool into this folder instead.
        #[arg(long, short = 'o', value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Print a completion script; it knows the ids of your project.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Show the help of a command.
    Help {
        /// The command, such as `task log`.
        command: Vec<String>,
    },
    /// Tell the version.
    Version,
    /// Write the manual pages, or this reference as Markdown.
    #[command(hide = true)]
    Man {
        /// Write one page a command into this folder.
        #[arg(long, short = 'o', value_name = "DIR", required_unless_present = "markdown")]
        output: Option<PathBuf>,
        /// Write all commands into this file as one Markdown document.
        #[arg(long, value_name = "FILE")]
        markdown: Option<PathBuf>,
    },
    /// Give a client's agent the skill prod-first-validation.
    #[command(hide = true)]
    Skill {
        #[command(subcommand)]
        command: SkillCommand,
    },
    /// Answer a client's hook, which is read from standard input.
    #[command(hide = true)]
    Hook {
        #[command(subcommand)]
        command: HookCommand,
    },
    /// Prepare a companion handoff for agents that work elsewhere.
    #[command(hide = true)]
    Agents {
        #[command(subcommand)]
        command: AgentsCommand,
    },
    /// Look at what a companion handoff requires.
    #[command(hide = true)]
    TeamSync {
        #[command(subcommand)]
        command: TeamSyncCommand,
    },
}

/// `init`: it never prompts when production's address is given, nor without a terminal.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Init {
    /// The project.
    #[arg(long, short = 'p', value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Production's address, such as `https://api.example.com`.
    #[arg(long, short = 'u', value_name = "URL")]
    pub(crate) prod_url: Option<String>,
    /// Overwrite a file that says something else.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Write only what the flags say: look neither at the sources nor at production.
    #[arg(long)]
    pub(crate) bare: bool,
    /// Keep SNIPARA_API_KEY in the state folder (never in the repository).
    #[arg(long)]
    pub(crate) store_key: bool,
    /// Let this repository use the store of this project, which another one made.
    #[arg(long, value_name = "NAME")]
    pub(crate) join: Option<String>,
}

fn at_least_one(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "give a whole number of at least 1".to_owned())
}

/// `task`.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// List the latest tasks, newest first.
    List {
        /// How many at most.
        #[arg(long, short = 'l', default_value_t = 20, value_parser = at_least_one)]
        limit: u32,
    },
    /// Tell where a task stands.
    Show {
        /// The task: its id, the beginning of it, or @ for the newest.
        id: String,
        /// Wait this long for a run that goes on.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u64,
    },
    /// Tell what happened to a task, in order, as the ledger has it.
    Log {
        /// The task: its id, the beginning of it, or @ for the newest.
        id: String,
        /// Of this attempt only; 0 is what happened before the first.
        #[arg(long, value_name = "NUMBER")]
        attempt: Option<u32>,
    },
    /// Stop a running task and all its processes, whoever runs it.
    Cancel {
        /// The task: its id, the beginning of it, or @ for the newest.
        id: String,
    },
}

/// `proofs`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProofsCommand {
    /// List the latest proofs, newest first.
    List {
        /// Of this task only; the beginning of an id or @ (the newest) will do.
        #[arg(long, value_name = "ID")]
        task: Option<String>,
        /// How many at most.
        #[arg(long, short = 'l', default_value_t = 20, value_parser = at_least_one)]
        limit: u32,
    },
    /// Show one entry of the ledger.
    Show {
        /// Its number.
        seq: u64,
    },
    /// Verify the whole ledger and name the first broken link.
    Verify,
    /// Export the receipt of a task, or the whole chain.
    #[command(group = clap::ArgGroup::new("what").required(true))]
    Export {
        /// The receipt of this task (@ is the newest): an unsigned in-toto Statement v1.
        #[arg(long, value_name = "ID", group = "what")]
        task: Option<String>,
        /// The attempt [default: the last one].
        #[arg(long, value_name = "NUMBER", requires = "task")]
        attempt: Option<u32>,
        /// All entries of the chain, one JSON document a line, each with the text that its hash is of.
        #[arg(long, group = "what")]
        all: bool,
        /// Write to this file instead of standard output.
        #[arg(long, short = 'o', value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Accept the chain as it is when its head is lost; recorded in the chain.
    AcceptHead {
        /// Do it without asking.
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Remove the texts of an entry, or one text wherever it stands (a leaked secret); the chain still holds.
    #[command(group = clap::ArgGroup::new("leak").required(true))]
    Redact {
        /// The number of the entry.
        #[arg(group = "leak")]
        seq: Option<u64>,
        /// Remove a text from the whole store: it is read from standard input, so that no list of processes shows it.
        #[arg(long, group = "leak")]
        text_from_stdin: bool,
    },
}

/// `mcp`: what the server offers is an upper bound that no caller can lift.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct McpServer {
    /// Offer these toolsets, or `all` [default: the default profile].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) toolsets: Option<Vec<String>>,
    /// Offer exactly these tools.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) tools: Option<Vec<String>>,
    /// Offer only tools that neither write nor run commands.
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Leave what others wrote out of answers: a link leads to it.
    #[arg(long)]
    pub(crate) lockdown: bool,
    /// Let checks call this host beside production; repeatable.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) allow_host: Vec<String>,
    /// Let checks call any public address.
    #[arg(long)]
    pub(crate) allow_public: bool,
    /// Let callers run any command.
    #[arg(long, conflicts_with = "no_local_commands")]
    pub(crate) allow_any_command: bool,
    /// Start no program at all.
    #[arg(long)]
    pub(crate) no_local_commands: bool,
    /// Let test users read this variable beside SNIPARA_TEST_*; repeatable.
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) credential_env: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::domain::LiveCheck;

    fn parse(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(shlex::split(line).expect("words"))
    }

    fn kind_of_error(line: &str) -> clap::error::ErrorKind {
        parse(line).expect_err(line).kind()
    }

    #[test]
    fn the_words_are_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_quick_start_of_the_seed_parses_verbatim() {
        let line = r#"snipara-orchestrator run "Deploy Auth Feature" \
  --test "pnpm test" \
  --test "pnpm lint" \
  --endpoint "https://api.example.com/health" \
  --endpoint "https://api.example.com/api/auth/session" \
  --required-proofs 3"#;
        let Command::Run(run) = parse(&line.replace("\\\n", "")).expect("parses").command else { panic!("run") };
        let request = run.request();
        assert_eq!(request.title.as_deref(), Some("Deploy Auth Feature"));
        assert_eq!(request.local_tests, Some(vec!["pnpm test".to_owned(), "pnpm lint".to_owned()]));
        let urls: Vec<String> = request.live_checks.into_iter().flatten().map(|check| check.url).collect();
        assert_eq!(urls, ["https://api.example.com/health", "https://api.example.com/api/auth/session"]);
        assert_eq!(request.required_proofs, Some(3));
        let Command::Run(run) = parse("x run T -e /a --minimum-proof-count 2").expect("1.13.1").command else {
            panic!("run")
        };
        assert_eq!(run.request().required_proofs, Some(2));

        let line = "snipara-orchestrator init --project my-project --prod-url https://api.example.com";
        let Command::Init(init) = parse(line).expect("parses").command else { panic!("init") };
        assert_eq!(init.project.as_deref(), Some("my-project"));
        assert_eq!(init.prod_url.as_deref(), Some("https://api.example.com"));

        let line = "snipara-orchestrator check-drift --route /api/users --route /api/auth";
        let Command::CheckDrift(drift) = parse(line).expect("parses").command else { panic!("check-drift") };
        assert_eq!(drift.query.0.routes, ["/api/users", "/api/auth"]);

        let line = "snipara-orchestrator validate https://api.example.com/health";
        let Command::Validate(validate) = parse(line).expect("parses").command else { panic!("validate") };
        assert_eq!(validate.check(), LiveCheck::get("https://api.example.com/health"));
    }

    #[test]
    fn the_short_flags_of_the_seed_work() {
        parse("x init -p demo -u https://x.example").expect("init");
        parse("x run T -d text -t true -e /a -r 2 -q").expect("run");
        parse("x check-drift -r /a --no-schema --no-health").expect("check-drift");
        parse("x check-drift --schema --health").expect("check-drift");
        parse("x validate /a -m POST -e 201 -u ada").expect("validate");
        parse("x validate /a --header 'A: b' --body {} --follow-redirects --timeout 2").expect("validate");
    }

    #[test]
    fn what_is_expected_is_a_line_about_the_answer_or_a_status_as_in_0_1() {
        let check = |line: &str| match parse(line).expect(line).command {
            Command::Validate(validate) => validate.check(),
            other => panic!("{other:?}"),
        };
        let old = check("x validate /a --expect 201");
        assert!(old.expected_status.accepts(201) && !old.expected_status.accepts(200) && old.expect.is_empty());
        let lines = check("x validate /a --expected 404 --expect status --expect 'body contains gone'");
        assert_eq!(lines.expect, ["status", "body contains gone"]);
        assert!(lines.expected_status.accepts(404));
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in ["x --json --prod-url https://x.example status", "x status --json --prod-url https://x.example"] {
            let parsed = parse(line).expect(line);
            assert!(parsed.globals.json);
            assert_eq!(parsed.globals.prod_url.as_deref(), Some("https://x.example"));
        }
        let parsed = parse("x --prod-url https://x.example init").expect("init");
        assert_eq!(parsed.globals.prod_url.as_deref(), Some("https://x.example"));
    }

    #[test]
    fn a_task_runs_by_title_or_by_id() {
        parse("x run --task task_1").expect("by id");
        parse("x run").expect("all suites");
        parse("x run --suite api --suite web").expect("by suite");
        parse("x run T --task deploy-auth -e /a").expect("a new task of a chosen id");
    }

    #[test]
    fn a14_a_negative_number_reaches_the_one_who_refuses_it() {
        let Command::Run(run) = parse("x run T -r -1").expect("parses").command else { panic!("run") };
        assert_eq!(run.request().required_proofs, Some(-1));
    }

    #[test]
    fn an_export_needs_to_know_what() {
        parse("x proofs export --task task_1 --attempt 2").expect("a receipt");
        parse("x proofs export --all --output chain.jsonl").expect("the chain");
        assert_eq!(kind_of_error("x proofs export"), clap::error::ErrorKind::MissingRequiredArgument);
        assert!(parse("x proofs export --all --task task_1").is_err());
    }

    #[test]
    fn the_bounds_of_a_server_parse() {
        let line = "x mcp --toolsets validate,proofs --tools run_task --read-only --allow-host a:1 --allow-host b \
                    --allow-public --no-local-commands --credential-env TOKEN";
        let Command::Mcp(server) = parse(line).expect("parses").command else { panic!("mcp") };
        assert_eq!(server.toolsets.as_deref(), Some(&["validate".to_owned(), "proofs".to_owned()][..]));
        assert_eq!(server.allow_host, ["a:1", "b"]);
        assert!(parse("x mcp --allow-any-command --no-local-commands").is_err());
    }

    #[test]
    fn e22_there_is_a_version() {
        assert_eq!(kind_of_error("x --version"), clap::error::ErrorKind::DisplayVersion);
        assert_eq!(kind_of_error("x -V"), clap::error::ErrorKind::DisplayVersion);
    }
}
