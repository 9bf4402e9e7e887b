//! Files that only their owner reads, replaced in one step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::error::ConfigError;

/// Reads a text file of at most `limit_bytes`; nothing when it is not there.
///
/// # Errors
/// When it is not a regular file (a pipe would never end), too large, not UTF-8, or cannot be read.
pub(crate) fn read(path: &Path, limit_bytes: u64) -> Result<Option<String>, ConfigError> {
    let failed = |source| ConfigError::io("read", path)(source);
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
        }
        Ok(_) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    }
    let mut text = String::new();
    let read = File::open(path)
        .and_then(|file| file.take(limit_bytes.saturating_add(1)).read_to_string(&mut text))
        .map_err(failed)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limit_bytes {
        return Err(ConfigError::TooLarge { file: path.to_owned(), limit_bytes });
    }
    Ok(Some(text))
}

/// The largest file of secrets.
const MAX_SECRET_FILE_BYTES: u64 = 1024 * 1024;

/// Reads a file of secrets, which only its owner may read or write.
///
/// # Errors
/// When it is missing, open to others, not a regular file, too large, not UTF-8, or cannot be read.
pub fn read_secret_file(path: &Path) -> Result<String, ConfigError> {
    if open_to_others(path) {
        return Err(ConfigError::OpenToOthers { file: path.to_owned() });
    }
    let missing = || ConfigError::io("read", path)(io::Error::new(io::ErrorKind::NotFound, "there is no such file"));
    read(path, MAX_SECRET_FILE_BYTES)?.ok_or_else(missing)
}

/// Writes a file with mode 0600 beside its place and moves it there: readers see the old text or the new one.
///
/// # Errors
/// When the folder or the file cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), ConfigError> {
    // A link stays a link: what it points to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let beside = target.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let written = owner_only()
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, &target));
    written.map_err(|source| {
        // Only the first failure is reported: the temporary file may not exist at all.
        drop(fs::remove_file(&beside));
        ConfigError::io("write", path)(source)
    })
}

/// Makes a folder and those above it; the folder itself is the owner's alone (0700).
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_folder(path: &Path) -> Result<(), ConfigError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(ConfigError::io("make", path))
}

/// Removes the rights of other users to a file, and tells whether others had any.
///
/// # Errors
/// When the mode cannot be changed.
pub(crate) fn close_to_others(path: &Path) -> Result<bool, ConfigError> {
    if !open_to_others(path) {
        return Ok(false);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(ConfigError::io("write", path))?;
    }
    Ok(true)
}

/// Tells whether others than the owner may read or write a file.
pub(crate) fn open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
