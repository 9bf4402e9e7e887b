//! The key of the digests. Without one, whoever reads the trail could find a short argument by trying.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::append::make_folder;

/// How long the key is, in bytes.
const BYTES: usize = 32;

/// Reads the key, or makes it (0600) when there is none: every process of a project uses the same one.
///
/// # Errors
/// When it can be neither read nor made, or is not one.
pub(super) fn key(path: &Path) -> io::Result<[u8; BYTES]> {
    if !path.exists() {
        make_folder(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        whole.write_all(uuid::Uuid::new_v4().as_bytes())?;
        whole.write_all(uuid::Uuid::new_v4().as_bytes())?;
        whole.as_file().sync_all()?;
        match whole.persist_noclobber(path) {
            // Another process was faster: its key counts.
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            _ => {}
        }
    }
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it is not a key of 32 bytes");
    <[u8; BYTES]>::try_from(fs::read(path)?).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state/audit.key");
        let first = key(&path).expect("made");
        assert_eq!(key(&path).expect("read"), first);
        assert_ne!(first, key(&folder.path().join("other.key")).expect("another"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "short").expect("written");
        assert!(key(&path).is_err());
    }
}
