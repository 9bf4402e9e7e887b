//! The executor itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::allow;
use super::own_programs::OwnPrograms;
use super::process::{self, FinishedProcess, Launch};
use super::test_counts::TestCommand;
use super::told_tests::{told_tests, variables_of, words_of};
use super::{CommandPolicy, CommandSpec, ExecutorSettings, Invocation, find_program, platform};
use crate::domain::{Clock, CommandEnd, CommandRun, LiveWatch, SystemClock, Timestamp, printable};

/// Variables that children never see, whatever the settings say.
const ALWAYS_HIDDEN: [&str; 2] = ["SNIPARA_API_KEY", "SNIPARA_ORCHESTRATOR_TOKEN"];

/// Runs commands in a repository, each as a process group that never outlives its time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Executor {
    pub(super) settings: Arc<ExecutorSettings>,
    cookie: Option<String>,
    watch: LiveWatch,
}

impl Executor {
    /// Makes an executor from its settings; [`Executor::new`] is the one for a library's users.
    pub fn with_settings(settings: ExecutorSettings) -> Self {
        Self { settings: Arc::new(settings), cookie: None, watch: LiveWatch::default() }
    }

    /// Returns the same executor whose children carry `cookie` in their environment, so that they can be swept.
    #[must_use]
    pub fn with_run_cookie(&self, cookie: &str) -> Self {
        Self { cookie: Some(cookie.to_owned()), ..self.clone() }
    }

    /// Returns the same executor, which tells what its commands write while they run.
    #[must_use]
    pub fn watched(self, watch: LiveWatch) -> Self {
        Self { watch, ..self }
    }

    /// Returns who watches.
    pub const fn watch(&self) -> &LiveWatch {
        &self.watch
    }

    /// Returns the repository.
    pub fn repository(&self) -> &Path {
        &self.settings.repository
    }

    /// Decides how a command of the caller's own (a local test) may be started.
    ///
    /// # Errors
    /// A [`CommandEnd::Refused`] with the reason and how a person can allow it; `NotStarted` for an empty line.
    pub fn prepare(&self, command: &str) -> Result<Invocation, CommandEnd> {
        self.decide(command).map(|decision| decision.invocation)
    }

    fn decide(&self, command: &str) -> Result<allow::AllowedCommand, CommandEnd> {
        allow::decide(command, &self.settings.policy, &self.settings.repository)
    }

    /// Runs a local test under the command policy.
    pub async fn run_test(&self, command: &str, timeout_ms: u64, cancel: &CancellationToken) -> CommandRun {
        match self.decide(command) {
            Ok(decision) => {
                let words = words_of(&decision.invocation);
                let wanted = variables_of(words.as_deref());
                let started = SystemClock.now();
                let own = if decision.named { self.own_programs() } else { OwnPrograms::default() };
                let spec = CommandSpec {
                    label: command.to_owned(),
                    invocation: own.named(decision.invocation),
                    directory: None,
                    environment: wanted.into_iter().chain(decision.environment).chain(own.variables()).collect(),
                    timeout_ms,
                };
                let run = self.run(&spec, cancel).await;
                if run.success() { self.with_told_tests(run, words, started).await } else { run }
            }
            Err(end) => CommandRun::not_run(self.shown(command), end),
        }
    }

    /// Returns the option that makes a known runner run no test, with the runner's name.
    pub fn runs_no_test(&self, command: &str) -> Option<(String, String)> {
        let words = words_of(&self.decide(command).ok()?.invocation)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let known = TestCommand::recognise(&words)?;
        Some((known.name().to_owned(), known.runs_nothing()?))
    }

    fn own_programs(&self) -> OwnPrograms {
        OwnPrograms::of(&self.settings.repository, &self.settings.search_path)
    }

    async fn with_told_tests(&self, run: CommandRun, words: Option<Vec<String>>, started: Timestamp) -> CommandRun {
        let repository = self.repository().to_owned();
        let read = move || {
            let tests = told_tests(words.as_deref(), &run, &repository, started);
            CommandRun { tests, ..run }
        };
        // Output and reports may be large.
        match tokio::task::spawn_blocking(read).await {
            Ok(run) => run,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Runs a command of ours (git, Prisma, Playwright, a deployment). The policy `Forbidden` refuses it, too, and
    /// under `Restricted` nothing runs through a shell.
    ///
    /// A bare program name is looked up by [`Self::find_program`]; one with a folder in it counts from where the
    /// command runs.
    pub async fn run(&self, spec: &CommandSpec, cancel: &CancellationToken) -> CommandRun {
        match self.launch(spec, &[], self.settings.supervisor.as_ref(), cancel).await {
            Ok(finished) => self.record(&spec.label, finished),
            Err(end) => CommandRun::not_run(self.shown(&spec.label), end),
        }
    }

    /// Finds a program by its bare name on the search path, never inside the repository.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        find_program(name, &self.settings.search_path, Some(&self.settings.repository))
    }

    /// Runs a command without some more variables in its environment, and below a supervisor where there is one. Its
    /// output is not redacted yet.
    pub(super) async fn launch(
        &self,
        spec: &CommandSpec,
        removed: &[&str],
        supervisor: Option<&PathBuf>,
        cancel: &CancellationToken,
    ) -> Result<FinishedProcess, CommandEnd> {
        let words = match (&spec.invocation, &self.settings.policy) {
            (_, CommandPolicy::Forbidden) => return Err(allow::forbidden()),
            (Invocation::Shell(_), CommandPolicy::Restricted { .. }) => return Err(allow::no_shell(&spec.label)),
            (Invocation::Shell(line), CommandPolicy::Unrestricted) => platform::shell_words(line),
            (Invocation::Direct(words), _) => words.clone(),
        };
        if spec.timeout_ms == 0 {
            return Err(not_started("a time-out of 0 leaves no time", "give at least one second"));
        }
        if words.iter().any(|word| word.contains('\0')) {
            return Err(not_started("the command holds a NUL character", "write it without"));
        }
        let directory = spec.directory.clone().unwrap_or_else(|| self.settings.repository.clone());
        let mut words = words.into_iter();
        let name = words.next().filter(|name| !name.is_empty()).ok_or_else(allow::empty)?;
        let hidden = self.settings.hidden_variables.iter().map(String::as_str);
        let launch = Launch {
            program: self.program(&name, &directory)?,
            arguments: words.collect(),
            removed: ALWAYS_HIDDEN
                .into_iter()
                .chain(hidden)
                .chain(removed.iter().copied())
                .map(str::to_owned)
                .collect(),
            added: spec.environment.clone(),
            directory,
            search_path: self.settings.search_path.clone(),
            run_cookie: self.cookie.clone(),
            supervisor: supervisor.cloned(),
            timeout_ms: spec.timeout_ms,
            watch: self.watch.clone(),
        };
        Ok(process::run(launch, &self.settings.redactor, cancel).await)
    }

    fn program(&self, name: &str, directory: &Path) -> Result<PathBuf, CommandEnd> {
        if name.contains('/') || Path::new(name).is_absolute() {
            return Ok(directory.join(name));
        }
        self.find_program(name).ok_or_else(|| CommandEnd::NotStarted {
            why: format!("`{}` is not on the PATH (folders inside the repository do not count)", self.shown(name)),
            fix: Some(format!(
                "install `{}`, or start the server with a PATH that holds it: `env` of its entry in the client's configuration",
                self.shown(name)
            )),
        })
    }

    pub(super) fn record(&self, label: &str, finished: FinishedProcess) -> CommandRun {
        let redactor = &self.settings.redactor;
        CommandRun {
            command: self.shown(label),
            end: finished.end,
            duration_ms: finished.duration_ms,
            stdout: finished.stdout.finish(redactor),
            stderr: finished.stderr.finish(redactor),
            tests: None,
        }
    }

    fn shown(&self, label: &str) -> String {
        printable(&self.settings.redactor.text(label))
    }
}

/// Keeps other processes of the same user from reading this one's environment and from opening its files.
///
/// To be called once, before the first command is started: a child could otherwise write answers onto the parent's
/// standard output (`/proc/PARENT/fd/1`). Linux only; elsewhere it does nothing. Programs that run as root or with
/// CAP_SYS_PTRACE are not held back.
///
/// # Errors
/// When the kernel refuses.
pub fn protect_process() -> std::io::Result<()> {
    platform::deny_inspection()
}

fn not_started(why: &str, fix: &str) -> CommandEnd {
    CommandEnd::NotStarted { why: why.to_owned(), fix: Some(fix.to_owned()) }
}
