//! What every command is given, and which function a command is.

use std::ffi::OsString;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::opened::Opened;
use super::{
    checks, deploy, doctor, documents, handoff, hook, htask, init, install, memory, proofs, reference, run, serve,
    server, setup, show, skill, store, swarm, task,
};
use crate::app;
use crate::cli::arguments::{Command, Globals};
use crate::cli::audit::CommandAudit;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Output;
use crate::config::{self, Config, Environment};
use crate::domain::Actor;
use crate::orchestrator::{Orchestrator, OrchestratorError, protect_process};

/// The most threads of a server: one store, which writes one thing at a time, keeps no more busy.
const MOST_THREADS: usize = 16;
/// How long what was cancelled may take to end after the answer is known.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// What every command is given.
pub(in crate::cli) struct Context {
    pub(in crate::cli) output: Arc<Output>,
    pub(in crate::cli) globals: Globals,
    pub(in crate::cli) environment: Environment,
    /// The name that this program was called by.
    pub(in crate::cli) program: OsString,
    /// What is closed when the command has ended.
    pub(in crate::cli) opened: Opened,
    pub(in crate::cli) audit: CommandAudit,
}

impl Context {
    /// Reads the settings for a person and tells their warnings.
    ///
    /// # Errors
    /// When they cannot be used: exit code 2.
    pub(super) fn settings(&self) -> Result<Config, CliError> {
        let config = config::load(Actor::Person, &self.globals.overrides(), &self.environment)?;
        app::begin_logs(&config, &self.environment);
        for warning in &config.warnings {
            self.output.note(&format!("warning: {warning}"));
        }
        self.audit.opened(&config);
        Ok(config)
    }

    /// Opens the orchestrator for a person. What it starts cannot look into this process, nor write its answer.
    ///
    /// # Errors
    /// As [`Context::settings`], or when the store cannot be opened.
    pub(super) async fn open(&self) -> Result<Orchestrator, CliError> {
        protect_process().map_err(|error| {
            CliError::could_not("not_shielded", format!("cannot clear PR_SET_DUMPABLE: {error}"), "")
        })?;
        let config = self.settings()?;
        let audit = self.audit.trail(self).cloned();
        Ok(self.opened.keep(app::compose_audited(&config, Actor::Person, "command line", audit).await?))
    }

    /// Opens the orchestrator for a person, asks it one thing, and returns the answer; Ctrl-C ends it.
    ///
    /// # Errors
    /// The verb's own, or as [`Context::open`].
    pub(super) fn ask<T, E: Into<CliError>>(
        &self,
        verb: impl AsyncFnOnce(&Orchestrator) -> Result<T, E>,
    ) -> Result<T, CliError> {
        self.block_on(async {
            let mut interrupt = Interrupt::listen()?;
            let orchestrator = interrupt.unless_interrupted(self.open()).await?;
            interrupt.unless_interrupted(verb(&orchestrator)).await
        })
    }

    /// As [`Context::ask`], for a verb that ends soon after its token is cancelled.
    ///
    /// # Errors
    /// As [`Context::ask`].
    pub(super) fn ask_cancelling<T>(
        &self,
        verb: impl AsyncFnOnce(&Orchestrator, &CancellationToken) -> Result<T, OrchestratorError>,
    ) -> Result<T, CliError> {
        self.block_on(async {
            let mut interrupt = Interrupt::listen()?;
            let orchestrator = interrupt.unless_interrupted(self.open()).await?;
            let cancel = CancellationToken::new();
            interrupt.cancelling(&self.output, &cancel, verb(&orchestrator, &cancel)).await
        })
    }

    /// Runs a command that needs the runtime; nothing else pays for one.
    ///
    /// # Errors
    /// The command's own, or when no runtime can be started.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        self.block_on_threads(2, work)
    }

    /// As [`Context::block_on`], with a thread for each processor: for a server that many call at once.
    ///
    /// # Errors
    /// As [`Context::block_on`].
    pub(super) fn serve_on<T>(&self, work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        self.block_on_threads(processors.clamp(2, MOST_THREADS), work)
    }

    fn block_on_threads<T>(
        &self,
        threads: usize,
        work: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .map_err(|error| CliError::could_not("no_runtime", format!("cannot start threads: {error}"), ""))?;
        let answer = runtime.block_on(work);
        runtime.block_on(self.opened.close());
        runtime.shutdown_timeout(LAST_PATIENCE);
        answer
    }
}

/// Does what was asked.
///
/// # Errors
/// One clear error; its exit code is in it.
pub(in crate::cli) fn dispatch(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Init(words) => init::init(context, &words),
        Command::Trust => setup::trust(context),
        Command::Run(words) => run::run(context, words.request()),
        Command::CheckDrift(words) => checks::check_drift(context, words),
        Command::Validate(check) => checks::validate(context, check.check()),
        Command::Status => show::status(context),
        Command::Task { command } => task::task(context, &command),
        Command::Proofs { command } => proofs::proofs(context, &command),
        Command::Checklist(words) => checks::checklist(context, words.request()),
        Command::Backup(words) => store::backup(context, &words),
        Command::Restore(words) => store::restore(context, &words),
        Command::Store { command } => store::store(context, &command),
        Command::Context(query) => documents::query(context, query.0),
        Command::Recall(query) => memory::recall(context, query.0),
        Command::Remember(args) => memory::remember(context, args.memory.0),
        Command::Memories(filter) => memory::memories(context, filter.0),
        Command::Forget(args) => memory::forget(context, args),
        Command::HTask { command } => htask::htask(context, command),
        Command::Swarm { command } => swarm::swarm(context, command),
        Command::Deploy(request) => deploy::deploy(context, request.0),
        Command::Agents { command } => handoff::agents(context, &command),
        Command::TeamSync { command } => handoff::team_sync(context, &command),
        Command::Doctor => doctor::doctor(context),
        Command::Schemas { configuration: true, .. } => show::configuration_schema(context),
        Command::Schemas { output, .. } => show::schemas(context, output.as_deref()),
        Command::Completions { shell } => reference::completions(context, shell),
        Command::Help { command } => reference::help(context, &command),
        Command::Version => reference::version(context),
        Command::Man { output, markdown } => reference::man(context, output.as_deref(), markdown.as_deref()),
        Command::Mcp(words) => server::mcp(context, words),
        Command::Serve(words) => serve::serve(context, words),
        Command::Install(words) => install::install(context, &words),
        Command::Uninstall(words) => install::uninstall(context, &words),
        Command::Skill { command } => skill::skill(context, &command),
        Command::Hook { command } => hook::hook(context, &command),
        Command::Demo => server::demo(context),
    }
}
