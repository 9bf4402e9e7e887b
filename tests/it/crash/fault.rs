//! `faults.c` seen from Rust: its control, and what it records.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An error that a call fails with; errno(3).
#[derive(Debug, Clone, Copy)]
pub(super) struct Errno {
    pub(super) name: &'static str,
    /// As `faults.c` reads it.
    kind: &'static str,
}

/// A disk that stays full; a device and a memory that fail once.
pub(super) const ERRORS: [Errno; 3] =
    [Errno { name: "ENOSPC", kind: "28+" }, Errno { name: "EIO", kind: "5" }, Errno { name: "ENOMEM", kind: "12" }];

/// Runs the same test in a process with `faults.c` in it, or says that this is that process.
pub(super) fn is_loaded() -> bool {
    if std::env::var_os("LD_PRELOAD").is_some() {
        return true;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let built = folder.path().join("faults.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/crash/faults.c");
    let arguments = [OsStr::new("-o"), built.as_os_str(), source.as_os_str(), OsStr::new("-ldl")];
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1"]).args(arguments).output().expect("a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let thread = std::thread::current();
    let name = thread.name().expect("tests have names");
    let test = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env("LD_PRELOAD", &built)
        .output()
        .expect("it ran");
    let (stdout, stderr) = (String::from_utf8_lossy(&test.stdout), String::from_utf8_lossy(&test.stderr));
    assert!(test.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
    print!("{stdout}");
    false
}

fn control(folder: &Path, word: &str) -> io::Result<()> {
    fs::create_dir(folder.join(format!("fault:{word}")))
}

/// Fails the n-th call below a folder from now on.
pub(super) fn fail_at(folder: &Path, number: usize, error: Errno) {
    control(folder, &format!("at:{number}:{}", error.kind)).expect("armed");
}

/// Ends that; tells whether there was an n-th call.
pub(super) fn did_fail(folder: &Path) -> bool {
    control(folder, "off").is_ok()
}

/// Begins to record.
pub(super) fn record(folder: &Path) {
    control(folder, "record").expect("recording");
}

/// Ends that; returns what was recorded.
pub(super) fn recorded(folder: &Path) -> Vec<Change> {
    control(folder, "off").expect("recorded");
    let log = PathBuf::from(format!("{}.log", folder.display()));
    let bytes = fs::read(&log).expect("a record");
    fs::remove_file(log).expect("removed");
    let mut rest = bytes.as_slice();
    std::iter::from_fn(|| (!rest.is_empty()).then(|| Change::read(&mut rest))).collect()
}

/// One change of the files.
#[derive(Debug)]
pub(super) struct Change {
    kind: u8,
    path: PathBuf,
    other: PathBuf,
    /// An offset, a size or the bits of a mode.
    at: u64,
    data: Vec<u8>,
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(length);
    *rest = left;
    taken
}

impl Change {
    fn read(rest: &mut &[u8]) -> Self {
        let kind = take(rest, 1)[0];
        let [path, other, data] =
            [(); 3].map(|()| u32::from_ne_bytes(take(rest, 4).try_into().expect("four bytes")) as usize);
        let at = u64::from_ne_bytes(take(rest, 8).try_into().expect("eight bytes"));
        let mut path_of = |length| PathBuf::from(OsStr::from_bytes(take(rest, length)));
        Self { kind, path: path_of(path), other: path_of(other), at, data: take(rest, data).to_vec() }
    }

    /// Tells whether it is a call that may fail; the making of a file belongs to the call after it.
    pub(super) fn is_a_call(&self) -> bool {
        !matches!(self.kind, b'c' | b'T')
    }

    /// Tells whether both are writes into the same file.
    pub(super) fn goes_on_in(&self, next: &Self) -> bool {
        self.kind == b'w' && next.kind == b'w' && self.path == next.path
    }

    /// Does it again below another folder.
    pub(super) fn apply(&self, folder: &Path) {
        let path = folder.join(&self.path);
        let opened = || OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let done = match self.kind {
            b'c' => opened().map(drop),
            b'T' => File::create(&path).map(drop),
            b'w' => opened().and_then(|file| file.write_all_at(&self.data, self.at)),
            b't' => opened().and_then(|file| file.set_len(self.at)),
            b'r' => fs::rename(folder.join(&self.other), &path),
            b'l' => fs::hard_link(folder.join(&self.other), &path),
            b'u' => fs::remove_file(&path),
            b'd' => fs::create_dir(&path),
            b'm' => fs::set_permissions(&path, Permissions::from_mode(u32::try_from(self.at).expect("a mode"))),
            b's' => Ok(()),
            other => panic!("faults.c records no `{}`", char::from(other)),
        };
        done.unwrap_or_else(|error| panic!("{self:?}: {error}"));
    }
}
