//! Runs one process and its descendants within their time.
//!
//! Invariants, each held by a test in `tests/it/executor/`:
//! - nothing of the tree outlives the call, however it ends (by itself, time-out, cancellation, a dropped future);
//! - the call does not wait for a pipe that an escaped process holds;
//! - standard input is empty.

use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::capture::Capture;
use super::last_line::LastLine;
use super::platform::{self, Force, ProcessEntry};
#[cfg(target_os = "linux")]
use super::supervise;
use super::supervise::CommandLink;
use super::sweep::{COMMAND_COOKIE_VARIABLE, RUN_COOKIE_VARIABLE, Tree};
use crate::domain::{CommandEnd, LiveWatch, Redactor};

/// How long a tree may clean up after it was asked to end.
const CLEAN_UP: Duration = Duration::from_secs(1);
/// How long the rest of the output is read after all processes of the tree that can be found are dead.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);
const CHUNK: usize = 64 * 1024;

/// A process that is about to be started.
#[derive(Debug)]
pub(super) struct Launch {
    /// The program, absolute.
    pub(super) program: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
    /// Where it runs.
    pub(super) directory: PathBuf,
    /// Variables that are taken out of its environment.
    pub(super) removed: Vec<String>,
    /// Variables that are added after that.
    pub(super) added: Vec<(String, String)>,
    /// The value of `PATH`; the inherited one when empty.
    pub(super) search_path: OsString,
    /// The run that it belongs to.
    pub(super) run_cookie: Option<String>,
    /// The program that watches over it.
    pub(super) supervisor: Option<PathBuf>,
    /// Its time in milliseconds.
    pub(super) timeout_ms: u64,
    /// Who watches what it writes.
    pub(super) watch: LiveWatch,
}

/// A process that has ended, with its whole tree.
#[derive(Debug)]
pub(super) struct FinishedProcess {
    pub(super) end: CommandEnd,
    pub(super) duration_ms: u64,
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
}

/// Starts the process and returns when nothing of its tree is left, or when the rest cannot be killed.
///
/// On time-out and cancellation the tree is asked to end (SIGTERM) and killed a moment later. Processes that it left in
/// the background when it ended by itself are killed, too, because they would outlive their task unobserved.
pub(super) async fn run(launch: Launch, redactor: &Redactor, cancel: &CancellationToken) -> FinishedProcess {
    let started = Instant::now();
    let mut stdout = Capture::new(redactor);
    let mut stderr = Capture::new(redactor);
    let end = if cancel.is_cancelled() {
        CommandEnd::Cancelled
    } else {
        match spawn(&launch) {
            Ok(started) => {
                let lines = [0; 2].map(|_| LastLine::new(&launch.watch, redactor));
                watch(started, &launch, [&mut stdout, &mut stderr], lines, cancel).await
            }
            Err(error) => not_started(&launch, &error),
        }
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    FinishedProcess { end, duration_ms, stdout, stderr }
}

/// A process that runs, with what ends it.
struct Started {
    child: Child,
    tree: Tree,
    /// Tells how a supervised command ended. Its supervisor ends the tree when this is dropped.
    link: Option<CommandLink>,
}

fn command_of(launch: &Launch) -> std::io::Result<(Command, Option<CommandLink>)> {
    #[cfg(target_os = "linux")]
    if let Some(supervisor) = &launch.supervisor {
        let (link, stdin) = supervise::link()?;
        let mut command = Command::new(supervisor);
        command.arg(supervise::SUPERVISE).arg(&launch.program).stdin(stdin);
        return Ok((command, Some(link)));
    }
    let mut command = Command::new(&launch.program);
    command.stdin(Stdio::null());
    Ok((command, None))
}

fn spawn(launch: &Launch) -> std::io::Result<Started> {
    let cookie = uuid::Uuid::new_v4().to_string();
    let (mut command, link) = command_of(launch)?;
    command.args(&launch.arguments).current_dir(&launch.directory);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    for name in &launch.removed {
        command.env_remove(name);
    }
    if !launch.search_path.is_empty() {
        command.env("PATH", &launch.search_path);
    }
    command.envs(launch.added.iter().map(|(name, value)| (name, value)));
    command.env(RUN_COOKIE_VARIABLE, launch.run_cookie.as_ref().unwrap_or(&cookie));
    command.env(COMMAND_COOKIE_VARIABLE, &cookie);
    platform::lead_own_group(&mut command);
    let child = command.spawn()?;
    let leader = child.id().map(|process_id| {
        // A leader that has ended already is not listed any more; its group's id is enough then.
        platform::look_at(process_id).unwrap_or(ProcessEntry {
            process_id,
            parent: 0,
            group: process_id,
            start_ticks: 0,
            stopped: false,
        })
    });
    let tree =
        Tree { leader, assignments: vec![format!("{COMMAND_COOKIE_VARIABLE}={cookie}")], supervised: link.is_some() };
    Ok(Started { child, tree, link })
}

async fn watch(
    Started { mut child, tree, link }: Started,
    launch: &Launch,
    [stdout, stderr]: [&mut Capture; 2],
    [mut last_out, mut last_err]: [LastLine<'_>; 2],
    cancel: &CancellationToken,
) -> CommandEnd {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // Dropped before `child` is, so that the group's id still means this group.
    let mut guard = KillOnDrop { tree, leader_is_reaped: false, armed: true };
    let reading = async {
        tokio::join!(read(out, stdout, &mut last_out), read(err, stderr, &mut last_err));
    };
    let mut output = OutputReader { reading: pin!(reading), ended: false };

    let own_end = output.alongside(async {
        tokio::select! {
            biased;
            status = child.wait() => Ok(status),
            () = cancel.cancelled() => Err(CommandEnd::Cancelled),
            () = tokio::time::sleep(Duration::from_millis(launch.timeout_ms)) =>
                Err(CommandEnd::TimedOut { timeout_ms: launch.timeout_ms }),
        }
    });
    let end = match own_end.await {
        Ok(status) => {
            guard.leader_is_reaped = true;
            let own = status.map(platform::end_of);
            let end = if let Some(link) = &link { supervised_end(link, own) } else { own };
            end.unwrap_or_else(|error| not_started(launch, &error))
        }
        Err(end) => {
            guard.signal(Force::Ask);
            let cleaned_up = output.alongside(tokio::time::timeout(CLEAN_UP, child.wait())).await;
            guard.leader_is_reaped = cleaned_up.is_ok();
            guard.signal(Force::Kill);
            end
        }
    };
    output.alongside(guard.tree.kill()).await;
    if !guard.leader_is_reaped {
        // Only a process that the kernel holds fast survives SIGKILL; the runtime reaps it whenever it ends.
        let _ = output.alongside(tokio::time::timeout(DRAIN_TIMEOUT, child.wait())).await;
    }
    guard.armed = false;
    output.drain().await;
    end
}

/// Tells how a supervised command ended: as its supervisor says, which itself has to end well. A supervisor that was
/// killed stands for its command; one that ends without a word leaves the command unobserved.
fn supervised_end(link: &CommandLink, supervisor: std::io::Result<CommandEnd>) -> std::io::Result<CommandEnd> {
    match (supervisor, link.told()) {
        (Ok(CommandEnd::Exited { exit_code: 0 }), Some(told)) => told,
        (Ok(CommandEnd::Exited { .. }), _) => Ok(CommandEnd::NotStarted {
            why: "the process that watched over it ended without saying how it ended".to_owned(),
            fix: Some("run it again".to_owned()),
        }),
        (own, _) => own,
    }
}

/// Kills the tree when the future that watches it is dropped.
struct KillOnDrop {
    tree: Tree,
    leader_is_reaped: bool,
    armed: bool,
}

impl KillOnDrop {
    fn signal(&self, force: Force) {
        // A supervisor must not die with its group: it holds on to what left the group.
        let spared = self.leader_is_reaped || (self.tree.supervised && force == Force::Kill);
        if let Some(leader) = self.tree.leader.as_ref().filter(|_| !spared) {
            platform::signal_group(leader.process_id, force);
        }
        if force == Force::Ask {
            self.tree.ask();
        }
    }
}

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if self.armed {
            self.signal(Force::Kill);
            self.tree.kill_now();
        }
    }
}

/// Both output streams, read while something else is waited for: a full pipe must never hold the tree up.
struct OutputReader<'a, F> {
    reading: Pin<&'a mut F>,
    ended: bool,
}

impl<F: Future<Output = ()>> OutputReader<'_, F> {
    async fn alongside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = &mut self.reading, if !self.ended => self.ended = true,
            }
        }
    }

    async fn drain(&mut self) {
        if !self.ended {
            // An escaped process may hold the pipe for ever, so the wait for its output has a bound.
            let _ = tokio::time::timeout(DRAIN_TIMEOUT, &mut self.reading).await;
        }
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>, capture: &mut Capture, last_line: &mut LastLine<'_>) {
    let Some(mut stream) = stream else { return };
    let mut chunk = vec![0; CHUNK];
    // A pipe that cannot be read has nothing more to say.
    while let Ok(length @ 1..) = stream.read(&mut chunk).await {
        let written = chunk.get(..length).unwrap_or_default();
        capture.push(written);
        last_line.look_at(written);
    }
}

fn not_started(launch: &Launch, error: &std::io::Error) -> CommandEnd {
    if !launch.directory.is_dir() {
        return CommandEnd::NotStarted {
            why: format!("the folder `{}` does not exist", launch.directory.display()),
            fix: Some("correct `repo_path`".to_owned()),
        };
    }
    CommandEnd::NotStarted { why: format!("`{}` cannot be started: {error}", launch.program.display()), fix: None }
}
