//! Everything here that differs between operating systems.
//!
//! Linux is tested. Other Unix systems have process groups, but no `/proc`: there a command's group is killed and
//! nothing is swept. Elsewhere only the process itself is killed; only Linux is promised.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::domain::CommandEnd;

/// How firmly a process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    /// It may clean up (SIGTERM).
    Ask,
    /// It ends (SIGKILL).
    Kill,
}

/// A living process, as the kernel lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessEntry {
    /// Its id.
    pub(super) process_id: u32,
    /// The id of its parent.
    pub(super) parent: u32,
    /// The id of its process group.
    pub(super) group: u32,
    /// When it started, in ticks since boot: together with the id it is unique.
    pub(super) start_ticks: u64,
    /// Whether it is stopped (SIGSTOP, a debugger): it is there, and does nothing until somebody lets it go on.
    pub(super) stopped: bool,
}

/// Where bash lies, for lines with a pipe.
const BASH: [&str; 2] = ["/bin/bash", "/usr/bin/bash"];

/// Returns the program and arguments that run a line through the system's shell.
///
/// A line with a pipe fails when a command before the last one fails, where there is bash (`pipefail`): the end of
/// `npm test | tail` says nothing about the tests.
pub(super) fn shell_words(line: &str) -> Vec<String> {
    let words: &[&str] = if cfg!(windows) { &["cmd", "/C"] } else { &["/bin/sh", "-c"] };
    let bash = BASH.into_iter().find(|bash| line.contains('|') && std::path::Path::new(bash).is_file());
    let piped = bash.map(|bash| [bash, "-o", "pipefail", "-c"]);
    let words = piped.as_ref().map_or(words, |words| words.as_slice());
    words.iter().map(|&word| word.to_owned()).chain([line.to_owned()]).collect()
}

/// Tells how a process ended by itself.
pub(super) fn end_of(status: ExitStatus) -> CommandEnd {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return CommandEnd::Signalled { signal };
    }
    CommandEnd::Exited { exit_code: status.code().unwrap_or(-1) }
}

/// Makes the command the leader of a process group of its own.
pub(super) fn lead_own_group(command: &mut tokio::process::Command) {
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Tells whether a file can be started as a program.
pub(super) fn is_program(file: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(file) else { return false };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    metadata.is_file() && executable
}

/// Returns the file names under which a program of this name may lie in a folder of the search path.
pub(super) fn program_file_names(name: &str) -> Vec<String> {
    if cfg!(windows) {
        ["", ".exe", ".cmd", ".bat", ".com"].iter().map(|ending| format!("{name}{ending}")).collect()
    } else {
        vec![name.to_owned()]
    }
}

/// Returns the folders of a search path.
pub(super) fn search_folders(search_path: &OsStr) -> Vec<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        search_path.as_bytes().split(|byte| *byte == b':').map(|folder| OsStr::from_bytes(folder).into()).collect()
    }
    #[cfg(not(unix))]
    search_path.to_string_lossy().split(';').map(PathBuf::from).collect()
}

/// Returns the search path of folders; nothing when a folder's name cannot stand in one.
pub(super) fn joined_folders(folders: impl Iterator<Item = PathBuf>) -> Option<std::ffi::OsString> {
    let separator = if cfg!(windows) { ";" } else { ":" };
    let mut path = std::ffi::OsString::new();
    for (index, folder) in folders.enumerate() {
        if folder.to_string_lossy().contains(separator) {
            return None;
        }
        if index > 0 {
            path.push(separator);
        }
        path.push(folder);
    }
    Some(path)
}

/// Signals a whole process group whose leader has not been reaped, so that its id cannot mean another one.
pub(super) fn signal_group(group: u32, force: Force) {
    #[cfg(unix)]
    if let Some(group) = unix::id(group) {
        // A group that has ended already is what we want.
        let _ = nix::sys::signal::killpg(group, unix::signal(force));
    }
    #[cfg(not(unix))]
    let _ = (group, force);
}

/// Signals one process, if it is still the one that was listed. Tells whether it was signalled.
pub(super) fn signal_process(process: &ProcessEntry, force: Force) -> bool {
    #[cfg(unix)]
    if let Some(id) = unix::id(process.process_id)
        && look_at(process.process_id).is_some_and(|now| now.start_ticks == process.start_ticks)
    {
        return nix::sys::signal::kill(id, unix::signal(force)).is_ok();
    }
    let _ = (process, force);
    false
}

/// Tells whether no process has this id; `None` where that cannot be known.
pub(super) fn is_unused(process_id: u32) -> Option<bool> {
    #[cfg(unix)]
    {
        let id = unix::id(process_id)?;
        Some(nix::sys::signal::kill(id, None) == Err(nix::errno::Errno::ESRCH))
    }
    #[cfg(not(unix))]
    {
        let _ = process_id;
        None
    }
}

/// Keeps other processes of the same user from reading this one's memory, environment and open files.
pub(super) fn deny_inspection() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

/// Takes from what this process starts the right to look into processes that deny it (CAP_SYS_PTRACE), which root has
/// where nobody took it. Whoever has no rights has none to lose, and whoever may not give them up keeps them.
#[cfg(target_os = "linux")]
pub(super) fn give_up_inspection() {
    let right = rustix::thread::CapabilitySet::SYS_PTRACE;
    let _ = rustix::thread::remove_capability_from_bounding_set(right);
}

/// Lists all living processes; nothing where there is no `/proc`.
pub(super) fn processes() -> Vec<ProcessEntry> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).filter_map(look_at).collect()
}

/// Reads one process. Returns nothing when it has ended, whether it is reaped or not.
pub(super) fn look_at(process_id: u32) -> Option<ProcessEntry> {
    // The name may hold spaces and parentheses: the fields begin behind the last one. The third field is the state,
    // then parent, group, and as the 22nd the start (proc_pid_stat(5)).
    let text = String::from_utf8_lossy(&std::fs::read(format!("/proc/{process_id}/stat")).ok()?).into_owned();
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let state = *fields.first()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    Some(ProcessEntry {
        process_id,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
        stopped: matches!(state, "T" | "t"),
    })
}

/// Tells whether a process was started with one of these assignments (`NAME=value`) in its environment.
pub(super) fn was_started_with(process_id: u32, assignments: &[String]) -> bool {
    std::fs::read(format!("/proc/{process_id}/environ")).is_ok_and(|environment| {
        environment.split(|byte| *byte == 0).any(|entry| assignments.iter().any(|it| entry == it.as_bytes()))
    })
}

/// Tells whether the first of a process's arguments is this one.
pub(super) fn was_started_as(process_id: u32, first: &str) -> bool {
    std::fs::read(format!("/proc/{process_id}/cmdline"))
        .is_ok_and(|words| words.split(|byte| *byte == 0).nth(1) == Some(first.as_bytes()))
}

/// Returns the kernel's boot id and this process's process-id namespace; empty where there is no `/proc`.
///
/// The namespace belongs to it because process ids mean nothing outside theirs (two containers on one kernel).
pub(super) fn boot_identity() -> String {
    let Ok(boot) = std::fs::read_to_string("/proc/sys/kernel/random/boot_id") else { return String::new() };
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", boot.trim(), namespace.display())
}

#[cfg(unix)]
mod unix {
    use nix::sys::signal::Signal;
    use nix::unistd::Pid;

    use super::Force;

    /// Ids 0 and 1 must never be signalled: the group 0 is our own, and the process 1 is the ancestor of all.
    pub(super) fn id(raw: u32) -> Option<Pid> {
        i32::try_from(raw).ok().filter(|id| *id > 1).map(Pid::from_raw)
    }

    pub(super) const fn signal(force: Force) -> Signal {
        match force {
            Force::Ask => Signal::SIGTERM,
            Force::Kill => Signal::SIGKILL,
        }
    }
}
