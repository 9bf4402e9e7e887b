//! The secret beside the store, which seals values that clients must send back unchanged.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Store, StoreError};

/// The file's name in the state folder.
const KEY_FILE: &str = "sealing.key";
/// How long the secret is, in bytes.
const KEY_BYTES: usize = 32;

impl Store {
    /// Returns the secret, which is the same for every process of this state folder. The first process makes it.
    ///
    /// # Errors
    /// When it can be neither read nor made, or when the file does not hold such a secret.
    pub async fn sealing_key(&self) -> Result<[u8; KEY_BYTES], StoreError> {
        let folder = self.folder().to_owned();
        let path: PathBuf = folder.join(KEY_FILE);
        let asked = path.clone();
        let made = tokio::task::spawn_blocking(move || key_of(&folder, &asked)).await;
        let made = made.unwrap_or_else(|error| Err(io::Error::other(error)));
        made.map_err(|error| StoreError::from_io(&path, error))
    }
}

fn key_of(folder: &Path, path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        known => return known,
    }
    // Written whole under another name first, so that no other process can read half of it. Only the user may read it.
    let mut file = tempfile::Builder::new().prefix(KEY_FILE).tempfile_in(folder)?;
    for half in [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()] {
        file.write_all(half.as_bytes())?;
    }
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => read(path),
    }
}

fn read(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let bytes = fs::read(path)?;
    let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not a key of 32 bytes: remove it");
    bytes.try_into().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_of_a_folder_has_the_same_secret_and_each_folder_its_own() {
        let (one, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let of = |folder: &Path| key_of(folder, &folder.join(KEY_FILE));
        let keys: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| of(one.path()).expect("a key"))).collect();
            asking.into_iter().map(|thread| thread.join().expect("joined")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_ne!(of(other.path()).expect("a key"), keys[0]);
        assert_eq!(fs::read_dir(one.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(KEY_FILE);
        key_of(folder.path(), &path).expect("a key");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(KEY_FILE);
        fs::write(&path, "short").expect("written");
        assert_eq!(key_of(folder.path(), &path).expect_err("refused").kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read(&path).expect("there"), b"short");
    }
}
