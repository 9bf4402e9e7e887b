//! The folder and its files, which only their user may read and write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{BUSY_WAIT_S, StoreError};
use crate::domain::one_line;

/// Held while the store is opened and migrated: SQLite's migrations take no lock of their own.
#[derive(Debug)]
pub(super) struct OpeningLock {
    _file: File,
}

/// Makes the folder (0700), the store's file and its lock (0600), and takes the lock.
pub(super) fn prepare(folder: &Path, file: &Path) -> Result<OpeningLock, StoreError> {
    make_folder(folder).map_err(|error| StoreError::from_io(folder, error))?;
    // SQLite's log is made beside the file.
    match may_write(file).and_then(|()| may_write(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(readable_or_denied(file, error)),
        _ => {}
    }
    let lock = take_lock(folder)?;
    make_store_file(file).map_err(|error| readable_or_denied(file, error))?;
    Ok(lock)
}

/// Makes the folder, and keeps others from opening the store in it.
pub(super) fn lock(folder: &Path) -> Result<OpeningLock, StoreError> {
    make_folder(folder).map_err(|error| StoreError::from_io(folder, error))?;
    take_lock(folder)
}

fn take_lock(folder: &Path) -> Result<OpeningLock, StoreError> {
    let path = folder.join("store.lock");
    let lock = make_file(&path).map_err(|error| readable_or_denied(&path, error))?;
    wait_for(&lock, &path)?;
    Ok(OpeningLock { _file: lock })
}

/// Makes the store's file, and does not open one that is there. Closing a file drops all the locks that SQLite holds on
/// it in this process (<https://www.sqlite.org/howtocorrupt.html> §2.2). The next process that closes the store would
/// then take itself for the last one and remove the log that this process goes on writing to.
fn make_store_file(path: &Path) -> io::Result<()> {
    match new_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Makes a file that is not there yet, which only its user may read and write.
pub(super) fn make_private_file(path: &Path) -> io::Result<()> {
    new_file(path).map(drop)
}

/// Removes a database with the files that SQLite keeps beside it. Mostly there is nothing to remove; when a file cannot be
/// removed, the write that follows says so.
pub(super) fn remove_database(file: &Path) {
    for end in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(file, end));
    }
}

/// Replaces a file whole and for good, with one that only its user may read and write.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;

    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".draft").tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    // By its own name it is removed only when it is still there.
    fs::rename(draft.into_temp_path(), path)?;
    sync(path)
}

/// Syncs a folder, so that a new name in it survives a loss of power.
pub(super) fn sync(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// Names the other processes that have the store open: `process 4711 (snipara-orchestrator mcp)`.
///
/// Linux lists every lock of a file by its process and the file's number (proc_locks(5)), also those of processes that
/// do not let themselves be inspected. Empty where that list is not to be had, and for processes of other containers.
pub(super) fn lock_holders(file: &Path) -> Vec<String> {
    let mut holders = locked_by(file);
    holders.sort_unstable();
    holders.dedup();
    holders.retain(|id| *id != std::process::id());
    holders.into_iter().map(|id| format!("process {id}{}", command(id))).collect()
}

/// Tells whether some process has the store open, this one included.
pub(super) fn is_open(file: &Path) -> bool {
    !locked_by(file).is_empty()
}

fn locked_by(file: &Path) -> Vec<u32> {
    let (Some((_, inode)), Ok(locks)) = (identity(file), fs::read_to_string("/proc/locks")) else { return Vec::new() };
    locks.lines().filter_map(|line| holder(line, inode)).collect()
}

/// A path with an ending more: `store.sqlite3` and `-wal`.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Reads a line such as `1: POSIX  ADVISORY  READ  4711 08:01:131234 1073741826 1073742335`.
fn holder(line: &str, inode: u64) -> Option<u32> {
    let fields: Vec<&str> = line.split_whitespace().filter(|field| *field != "->").collect();
    let locked: u64 = fields.get(5)?.rsplit(':').next()?.parse().ok()?;
    let start: u64 = fields.get(6)?.parse().ok()?;
    // SQLite's own bytes (<https://www.sqlite.org/lockingv3.html>): numbers of files repeat on other file systems.
    (locked == inode && (1 << 30..(1 << 30) + 512).contains(&start)).then(|| fields.get(4)?.parse().ok())?
}

/// Returns the program's name and its command. The whole command line is left out, as it may hold secrets.
fn command(process_id: u32) -> String {
    let line = fs::read(format!("/proc/{process_id}/cmdline")).unwrap_or_default();
    let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).filter(|word| !word.is_empty());
    let Some(program) = words.next() else { return String::new() };
    let program = Path::new(program.as_ref()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let shown: Vec<String> =
        std::iter::once(program).chain(words.next().filter(|word| !word.starts_with('-')).map(Into::into)).collect();
    format!(" ({})", one_line(&shown.join(" "), 80))
}

fn wait_for(lock: &File, path: &Path) -> Result<(), StoreError> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if began.elapsed().as_secs() < BUSY_WAIT_S => std::thread::sleep(pause),
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy { path: path.to_owned(), waited_s: BUSY_WAIT_S });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::from_io(path, error)),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Tells whether a file is read-only: reading is allowed and writing is denied.
fn readable_or_denied(path: &Path, error: io::Error) -> StoreError {
    let path: PathBuf = path.to_owned();
    if error.kind() == io::ErrorKind::PermissionDenied && may_read(&path) {
        return StoreError::ReadOnly(path);
    }
    StoreError::from_io(&path, error)
}

#[cfg(unix)]
fn may_read(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::R_OK).is_ok()
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<()> {
    use nix::unistd::{AccessFlags, access};

    Ok(access(path, AccessFlags::R_OK | AccessFlags::W_OK)?)
}

#[cfg(not(unix))]
fn may_read(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(drop)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if fs::metadata(folder)?.mode() & 0o077 != 0 {
        // The mode of another user's folder cannot be changed. Then only the files are private.
        let tightened = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
        if let Err(error) = tightened {
            tracing::warn!(folder = %folder.display(), %error, "the state folder is open to other users");
        }
    }
    Ok(())
}

fn make_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

fn new_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Makes a file that is created one that only its user may read and write.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Returns the identity of a file, which differs from that of another file under the same path. Returns nothing when the
/// file is gone, and on systems without such an identity.
#[cfg(unix)]
pub(super) fn identity(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    fs::metadata(file).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_file: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_sqlite_on_this_file_names_its_process() {
        let line = "12: POSIX  ADVISORY  READ 4711 08:01:131234 1073741826 1073742335";
        assert_eq!(holder(line, 131_234), Some(4711));
        assert_eq!(holder(line, 131_235), None, "another file");
        assert_eq!(holder("12: FLOCK  ADVISORY  WRITE 4711 08:01:131234 0 EOF", 131_234), None, "another lock");
        assert_eq!(holder("1: -> POSIX  ADVISORY  WRITE 7 08:01:5 1073741825 1073741825", 5), Some(7));
        assert_eq!(holder("", 5), None);
    }
}
