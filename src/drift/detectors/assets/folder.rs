//! The build folder: its files, and which of them holds given bytes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::{AssetMatch, BuiltFile, Timestamp, has_kin, named_file, sha256_hex};

/// The most files that are listed.
const MOST_FILES: usize = 50_000;
/// The deepest folder that is looked into.
const DEEPEST: usize = 16;
/// The largest file that is compared, in bytes.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// A build folder, as it was listed once.
#[derive(Debug, Clone)]
pub(super) struct BuildFolder {
    root: PathBuf,
    files: Vec<BuiltFile>,
}

impl BuildFolder {
    /// Lists a folder inside the repository; links are not followed.
    ///
    /// # Errors
    /// One line why it cannot be compared with, and what to do.
    pub(super) fn read(repository: &Path, named: &str) -> Result<Self, (String, &'static str)> {
        let missing = || (format!("{named} is not there"), "build the project, then run it again");
        let root = repository.join(named).canonicalize().map_err(|_| missing())?;
        let home = repository.canonicalize().map_err(|_| missing())?;
        if !root.starts_with(&home) || !root.is_dir() {
            return Err((
                format!("{named} is no folder inside the repository"),
                "set identity.assets to the build folder inside the repository",
            ));
        }
        let mut files = Vec::new();
        list(&root, "", 0, &mut files);
        if files.is_empty() {
            return Err((format!("{named} is empty"), "build the project, then run it again"));
        }
        Ok(Self { root, files })
    }

    /// Says what a file of production is to the folder, by its bytes first and then by its name.
    pub(super) fn compare(&self, path: &str, bytes: u64, digest: &str) -> AssetMatch {
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let named = named_file(&self.files, &decoded);
        let others = self.files.iter().filter(|file| file.bytes == bytes);
        let same = named.into_iter().chain(others).find(|file| self.holds(file, bytes, digest));
        match (same, named) {
            (Some(file), _) => AssetMatch::Same(file.written),
            (None, Some(_)) => AssetMatch::Differs,
            (None, None) => AssetMatch::Missing { has_kin: has_kin(&self.files, &decoded) },
        }
    }

    fn holds(&self, file: &BuiltFile, bytes: u64, digest: &str) -> bool {
        let is_alike = file.bytes == bytes && bytes <= MAX_BYTES;
        is_alike && fs::read(self.root.join(&file.path)).is_ok_and(|content| sha256_hex(&content) == digest)
    }
}

fn list(folder: &Path, below: &str, depth: usize, files: &mut Vec<BuiltFile>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if kind.is_dir() && depth < DEEPEST && name != "node_modules" {
            list(&entry.path(), &path, depth + 1, files);
        } else if kind.is_file()
            && let Ok(metadata) = entry.metadata()
            && files.len() < MOST_FILES
        {
            files.push(BuiltFile { path, bytes: metadata.len(), written: written_at(&metadata) });
        }
    }
}

/// When a file was written last, as nobody can say it: by the change of its inode, which `touch` sets to now (inode(7)).
#[cfg(unix)]
fn written_at(metadata: &fs::Metadata) -> Timestamp {
    use std::os::unix::fs::MetadataExt;
    Timestamp::from_micros(metadata.ctime() * 1_000_000 + metadata.ctime_nsec() / 1000)
}

#[cfg(not(unix))]
fn written_at(metadata: &fs::Metadata) -> Timestamp {
    let since = metadata.modified().ok().and_then(|written| written.duration_since(std::time::UNIX_EPOCH).ok());
    Timestamp::from_micros(since.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default())
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_time_that_somebody_sets_is_not_when_a_file_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app.js");
        fs::write(&path, "x").expect("written");
        let in_an_hour = SystemTime::now() + Duration::from_secs(3600);
        fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(in_an_hour)).expect("set");
        let mut files = Vec::new();
        list(folder.path(), "", 0, &mut files);
        let soon = SystemTime::now() + Duration::from_secs(60);
        let soon = soon.duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_micros();
        assert!(files[0].written < Timestamp::from_micros(i64::try_from(soon).expect("a time")));
    }
}
