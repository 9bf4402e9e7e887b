//! Whole lines at the end of a file that several processes write.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// How often a line is written again because its file was rotated away meanwhile.
const TRIES: usize = 4;

/// Appends a line, which ends with a line feed, in one write; makes the file (0600) and its folder (0700) when needed.
///
/// A file that would grow over `max_bytes` becomes the older one first. The only lock is that of rotating: an append is
/// atomic by itself (open(2), `O_APPEND`), so that a process that was stopped in the middle holds up nobody. `torn` is
/// raised while a line of this process could be written in part only, on a full disk: it swallows none of the next ones.
///
/// # Errors
/// When the file cannot be written, or is no regular file.
pub(super) fn append(path: &Path, line: &str, max_bytes: u64, torn: &AtomicBool) -> io::Result<()> {
    for _ in 0..TRIES {
        let mut file = opened(path)?;
        let length = file.metadata()?.len();
        if length > 0 && length.saturating_add(line.len() as u64) > max_bytes && rotate(path, &file)? {
            continue;
        }
        write_whole(&mut file, line, torn)?;
        if !is_gone(&file.metadata()?) {
            return Ok(());
        }
    }
    Ok(())
}

fn write_whole(file: &mut File, line: &str, torn: &AtomicBool) -> io::Result<()> {
    let after_torn = if torn.load(Ordering::Relaxed) { "\n" } else { "" };
    let bytes = [after_torn, line].concat().into_bytes();
    let written = file.write(&bytes)?;
    torn.store(written < bytes.len() && written > 0, Ordering::Relaxed);
    if let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        file.write_all(rest)?;
        torn.store(false, Ordering::Relaxed);
    }
    Ok(())
}

/// Returns where the older lines are.
pub(super) fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

fn opened(path: &Path) -> io::Result<File> {
    // A pipe that nobody reads would hold the call up.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    match options().open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_folder(path)?;
            options().open(path)
        }
        opened => opened,
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the folder that a file shall be in, with those above it: the owner's alone.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Moves the file to the older one's name, unless another process does so now or did so before. Tells whether the line
/// belongs into another file than the opened one.
fn rotate(path: &Path, file: &File) -> io::Result<bool> {
    if file.try_lock().is_err() {
        return Ok(false);
    }
    // Only who holds the lock of the file that has the name may move it. The lock goes with the file.
    let now = fs::metadata(path)?;
    if !is_same(&now, &file.metadata()?) {
        return Ok(true);
    }
    fs::rename(path, older(path))?;
    Ok(true)
}

#[cfg(unix)]
fn is_same(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Tells whether a file has no name any more.
#[cfg(unix)]
fn is_gone(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 0
}

#[cfg(not(unix))]
fn is_gone(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn threads_that_rotate_at_once_lose_no_line_and_tear_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deeper/audit.jsonl");
        // Large enough that all lines fit into the two files.
        let line = |thread: usize, number: usize| format!("{thread:02} {number:04} {}\n", "x".repeat(40));
        let max_bytes = 8 * 200 * line(0, 0).len() as u64 * 6 / 10;
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..200 {
                        append(path, &line(thread, number), max_bytes, &AtomicBool::new(false)).expect("written");
                    }
                });
            }
        });
        let mut all = lines(&path);
        all.extend(lines(&older(&path)));
        assert!(older(&path).is_file(), "it was rotated");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 1_600);
        assert!(all.iter().all(|line| line.len() == 48), "every line is whole");
    }

    #[test]
    fn two_files_are_kept_and_neither_grows_over_the_bound() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        for number in 0..1_000 {
            append(&path, &format!("{number:09}\n"), 1_000, &AtomicBool::new(false)).expect("written");
        }
        let sizes = [&path, &older(&path)].map(|path| fs::metadata(path).expect("a file").len());
        assert!(sizes.iter().all(|size| *size <= 1_000), "{sizes:?}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        assert_eq!(lines(&path).last().map(String::as_str), Some("000000999"));
    }

    #[cfg(unix)]
    #[test]
    fn what_was_torn_on_a_full_disk_swallows_no_line() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        let torn = AtomicBool::new(false);
        append(&path, "one\n", 1_000, &torn).expect("written");
        fs::OpenOptions::new().append(true).open(&path).expect("opened").write_all(b"to").expect("written");
        torn.store(true, Ordering::Relaxed);
        append(&path, "two\n", 1_000, &torn).expect("written");
        append(&path, "three\n", 1_000, &torn).expect("written");
        assert_eq!(lines(&path), ["one", "to", "two", "three"]);
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(append(folder.path(), "one\n", 1_000, &AtomicBool::new(false)).is_err());
    }
}
