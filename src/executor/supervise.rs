//! A small process between us and a command, which ends the command's whole tree when we are gone.
//!
//! The program itself, started again with [`SUPERVISE`] before the command's words, is the command's parent. Linux gives
//! it every orphan of its tree (`PR_SET_CHILD_SUBREAPER`, prctl(2)), also those that changed their session or cleared their
//! environment, so nothing of the tree can hide while it lives. Its standard input is a socket whose other end we hold:
//! the kernel closes ours however we end, and then the tree is ended. Through the same socket it says how the command
//! ended, and ends itself with exit code 0; without both, nobody knows how the command ended. It is not dumpable, so
//! nothing of the tree can take its end of the socket (pidfd_getfd(2), ptrace(2)) and say something else; root's commands
//! lose the right to do so all the same (CAP_SYS_PTRACE). A process that
//! kills its own supervisor escapes; what carries the run's cookie is swept later.
//!
//! Linux only; elsewhere, and for a library whose program does not answer [`SUPERVISE`], commands are started directly.

/// The first word of a supervisor's command line.
pub const SUPERVISE: &str = "__supervise";

use super::{platform, sweep};

/// Tells whether this process belongs to a command that is watched over: one of its ancestors is a supervisor. A cleared
/// environment or another session do not hide that.
pub fn is_supervised() -> bool {
    let line = sweep::self_and_ancestors(&platform::processes());
    line.into_iter().any(|process| platform::was_started_as(process, SUPERVISE))
}

#[cfg(target_os = "linux")]
pub use linux::supervise;
#[cfg(target_os = "linux")]
pub(super) use linux::{CommandLink, link};

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsString;
    use std::io::{self, Read, Write};
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::net::UnixStream;
    use std::process::{Command, ExitCode, Stdio};
    use std::time::{Duration, Instant};

    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

    use crate::domain::CommandEnd;
    use crate::executor::platform::{self, Force, ProcessEntry};
    use crate::executor::sweep::descendants;

    /// How long a tree may clean up after its server is gone.
    const CLEAN_UP: Duration = Duration::from_secs(1);
    /// How long a process that does not die is tried.
    const PATIENCE: Duration = Duration::from_secs(2);
    const PAUSE: Duration = Duration::from_millis(5);
    /// More than a supervisor ever says.
    const LONGEST_MESSAGE_BYTES: u64 = 64;

    /// Our end of a supervisor's standard input.
    #[derive(Debug)]
    pub(in crate::executor) struct CommandLink(UnixStream);

    /// Makes both ends: ours, and the supervisor's standard input.
    pub(in crate::executor) fn link() -> io::Result<(CommandLink, Stdio)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok((CommandLink(ours), Stdio::from(OwnedFd::from(theirs))))
    }

    impl CommandLink {
        /// Reads how the command ended; nothing when the supervisor was killed before it could say so.
        pub(in crate::executor) fn told(&self) -> Option<io::Result<CommandEnd>> {
            let mut text = String::new();
            // All was written before the supervisor ended; an error leaves what was read.
            let _ = (&self.0).take(LONGEST_MESSAGE_BYTES).read_to_string(&mut text);
            parsed(&text)
        }
    }

    /// Reads one message, `exited 0`: all of it, because what does not fit was not said by a supervisor alone.
    fn parsed(text: &str) -> Option<io::Result<CommandEnd>> {
        let (kind, number) = text.split_once(' ')?;
        let number = number.parse().ok()?;
        match kind {
            "exited" => Some(Ok(CommandEnd::Exited { exit_code: number })),
            "signalled" => Some(Ok(CommandEnd::Signalled { signal: number })),
            "errno" => Some(Err(io::Error::from_raw_os_error(number))),
            _ => None,
        }
    }

    /// Runs a command as its supervisor: `words` are the program and its arguments. Returns when nothing of its tree is
    /// left that can be ended.
    pub fn supervise(words: impl IntoIterator<Item = OsString>) -> ExitCode {
        match watched(words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }

    fn watched(words: impl IntoIterator<Item = OsString>) -> io::Result<()> {
        // The group is asked to end as a whole; the supervisor stays to see it end. Its child starts with no signal
        // blocked.
        let signals: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().collect();
        signals.thread_block()?;
        nix::sys::prctl::set_child_subreaper(true)?;
        // Before there is a command; it is dumpable again by its execve(2).
        platform::deny_inspection()?;
        platform::give_up_inspection();
        let mut server = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let mut words = words.into_iter();
        let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
        let child = match Command::new(program).args(words).stdin(Stdio::null()).spawn() {
            Ok(child) => child.id(),
            Err(error) => return write!(server, "errno {}", error.raw_os_error().unwrap_or_default()),
        };
        let mut watching = server.try_clone()?;
        #[expect(clippy::exit, reason = "the command's own waiting cannot be ended otherwise")]
        std::thread::spawn(move || {
            // Nothing is ever written to us: the read ends when the server does.
            let _ = watching.read(&mut [0]);
            end_tree();
            std::process::exit(1);
        });
        let end = wait_for(child)?;
        kill_tree();
        write!(server, "{end}")
    }

    /// Waits for the command, and reaps the orphans of its tree meanwhile.
    fn wait_for(child: u32) -> io::Result<String> {
        loop {
            match waitpid(None, None) {
                Ok(WaitStatus::Exited(id, code)) if u32::try_from(id.as_raw()) == Ok(child) => {
                    return Ok(format!("exited {code}"));
                }
                Ok(WaitStatus::Signaled(id, signal, _)) if u32::try_from(id.as_raw()) == Ok(child) => {
                    return Ok(format!("signalled {}", signal as i32));
                }
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn tree() -> Vec<ProcessEntry> {
        descendants(std::process::id())
    }

    fn end_tree() {
        for process in tree() {
            platform::signal_process(&process, Force::Ask);
        }
        let began = Instant::now();
        while began.elapsed() < CLEAN_UP && !tree().is_empty() {
            std::thread::sleep(PAUSE);
        }
        kill_tree();
    }

    fn kill_tree() {
        let began = Instant::now();
        loop {
            let left = tree();
            if left.is_empty() || began.elapsed() > PATIENCE {
                return;
            }
            for process in left {
                platform::signal_process(&process, Force::Kill);
            }
            // Orphans are reaped here; the command itself was, or nobody waits for it any more.
            while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(ended) if ended != WaitStatus::StillAlive) {}
            std::thread::sleep(PAUSE);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_one_whole_message_tells_how_a_command_ended() {
            let end = |text: &str| parsed(text).and_then(Result::ok);
            assert_eq!(end("exited 3"), Some(CommandEnd::Exited { exit_code: 3 }));
            assert_eq!(end("signalled 9"), Some(CommandEnd::Signalled { signal: 9 }));
            assert!(matches!(parsed("errno 2"), Some(Err(_))));
            for text in ["", "exited", "exited 0exited 3", "exited 0\nexited 3", "exited 0 ", "passed 0", "x"] {
                assert_eq!(end(text), None, "{text:?}");
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) struct CommandLink;

#[cfg(not(target_os = "linux"))]
impl CommandLink {
    pub(super) fn told(&self) -> Option<std::io::Result<crate::domain::CommandEnd>> {
        None
    }
}
