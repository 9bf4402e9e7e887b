//! Putting a backup in the store's place.
//!
//! The file is copied beside the store first, and what is checked is the copy. It then takes the store's name in one
//! rename, with its head still inside and the text of the head that it replaces; the next opening moves the head to its
//! own file. So a crash leaves the old store with its head, or the new one with its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteJournalMode, SqliteLockingMode, SqlitePool};
use sqlx::{ConnectOptions, Connection};

use super::backup::{KeptHead, digest_file, kept_head, remove_head, write_head};
use super::check::is_damage;
use super::connection::{FileState, HEAD_FILE, STORE_FILE, look_at, migrate, migrator, options, owner, pool_options};
use super::file_digest::copy_with_sha256;
use super::folder::{self, OpeningLock, beside};
use super::{Depth, Store, StoreError};
use crate::domain::{ProjectId, Timestamp};

/// How long a replacement waits for other processes that have the store open.
const WAIT: Duration = Duration::from_secs(5);

/// A backup that was copied beside the store and is about to replace it. No other process opens the store meanwhile.
#[derive(Debug)]
pub(crate) struct Replacement {
    folder: PathBuf,
    staged: PathBuf,
    _lock: OpeningLock,
    project: ProjectId,
    digest: String,
    /// Whether the digest beside the backup was compared.
    pub(crate) digest_compared: bool,
    head: Option<String>,
}

/// What was moved aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The copy of the store that was replaced; none where there was none.
    pub(crate) kept: Option<PathBuf>,
}

impl Replacement {
    /// Copies a backup beside the store, compares its digest, upgrades it, and looks at its pages, references and schema.
    ///
    /// # Errors
    /// When it is no backup of this project, is damaged, or cannot be copied. Nothing that was there is touched.
    pub(crate) async fn of(backup: &Path, folder: &Path, project: &ProjectId) -> Result<Self, StoreError> {
        let (from, to, staged) = (backup.to_owned(), folder.to_owned(), folder.join(format!("{STORE_FILE}.restoring")));
        let target = staged.clone();
        let copied = tokio::task::spawn_blocking(move || stage(&from, &to, &target)).await;
        let (lock, digest) =
            copied.map_err(|error| StoreError::Io { path: backup.to_owned(), source: Box::new(error) })??;
        let mut replacement = Self {
            folder: folder.to_owned(),
            staged,
            _lock: lock,
            project: project.clone(),
            digest_compared: false,
            head: None,
            digest,
        };
        let unusable = |what: String| StoreError::BackupUnusable { path: backup.to_owned(), what };
        replacement.digest_compared =
            match expected_digest(backup).map_err(|error| StoreError::from_io(backup, error))? {
                Some(expected) if expected != replacement.digest => {
                    let beside = digest_file(backup);
                    return Err(unusable(format!("its SHA-256 is not the one in {}", beside.display())));
                }
                expected => expected.is_some(),
            };
        replacement.prepare(&unusable).await.map_err(|error| match error {
            StoreError::NotADatabase { .. } | StoreError::NotAStore { .. } => {
                unusable("it is not a backup of a store".to_owned())
            }
            StoreError::Corrupt { .. } => unusable("its pages are damaged".to_owned()),
            StoreError::Newer { found, known, .. } => StoreError::Newer { path: backup.to_owned(), found, known },
            StoreError::OtherProject { found, asked, .. } => {
                StoreError::OtherProject { path: backup.to_owned(), found, asked }
            }
            other => other,
        })?;
        Ok(replacement)
    }

    async fn prepare(&mut self, unusable: &impl Fn(String) -> StoreError) -> Result<(), StoreError> {
        let failed = |error| StoreError::from_sql(&self.staged, error);
        let options = options(&self.staged).journal_mode(SqliteJournalMode::Wal);
        let pool = pool_options(1).connect_with(options).await.map_err(failed)?;
        let prepared = async {
            let state = look_at(&self.staged, &pool).await?;
            if state == FileState::New {
                return Err(StoreError::NotAStore(self.staged.clone()));
            }
            owner(&self.staged, &pool, &self.project).await?;
            let kept = {
                let mut connection = pool.acquire().await.map_err(failed)?;
                let kept = kept_head(&mut connection).await.map_err(failed)?;
                remove_head(&mut connection).await.map_err(failed)?;
                kept
            };
            if state != FileState::Current {
                migrate(&self.staged, &pool, &migrator()).await?;
            }
            let found = super::check::check(&pool, Depth::Whole).await.map_err(failed)?;
            match [found.pages, found.references, found.schema].concat().as_slice() {
                [] => Ok(kept),
                problems => Err(unusable(problems.join(", "))),
            }
        };
        let prepared = prepared.await;
        pool.close().await;
        self.head = prepared?.map(|kept| kept.head);
        Ok(())
    }

    /// Returns the head that came with the backup.
    pub(crate) fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    /// Returns the SHA-256 of the backup in hexadecimal digits.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Opens the copy of the backup to be read.
    pub(crate) async fn open(&self) -> Result<Store, StoreError> {
        Store::open_to_read(&self.staged, &self.project).await
    }

    /// Opens the copy of the backup to be written, without its head.
    pub(crate) async fn open_to_write(&self) -> Result<Store, StoreError> {
        Store::open_alone(&self.staged, &self.project).await
    }

    /// Opens the store that would be replaced to be read; `None` where there is none.
    pub(crate) async fn open_present(&self) -> Result<Option<Store>, StoreError> {
        let file = self.folder.join(STORE_FILE);
        if fs::metadata(&file).map_or(true, |found| found.is_file() && found.len() == 0) {
            return Ok(None);
        }
        Store::open_to_read(&file, &self.project).await.map(Some)
    }

    /// Puts the backup in the store's place, with `head` as its head, and keeps the store that was there as a copy.
    ///
    /// # Errors
    /// When other processes have the store open, or when a file cannot be written; the store is then as it was.
    pub(crate) async fn finish(self, head: &str, at: Timestamp) -> Result<Replaced, StoreError> {
        let Self { folder, staged, project, .. } = &self;
        let file = folder.join(STORE_FILE);
        let io = |error| StoreError::from_io(&file, error);
        let present = file.exists();
        if present {
            be_alone(&file).await?;
        }
        let before = read_head(folder).map_err(io)?;
        write_head(staged, head, Some(before.as_deref().unwrap_or_default())).await?;
        has_no_log(staged)?;
        File::open(staged).and_then(|file| file.sync_all()).map_err(io)?;
        let kept = if present { Some(keep(&file, at).map_err(io)?) } else { None };
        fs::rename(staged, &file).map_err(io)?;
        folder::sync(&file).map_err(io)?;
        let (folder, project) = (folder.clone(), project.clone());
        // With it goes the opening lock, which the next opening takes.
        drop(self);
        // Opening moves the head to its file.
        Store::open(&folder, &project).await?.close().await;
        Ok(Replaced { kept })
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        folder::remove_database(&self.staged);
    }
}

/// Refuses a file whose log could not be emptied into it. SQLite does not say so when it closes a file, and the log keeps
/// its name when the file gets another one.
fn has_no_log(file: &Path) -> Result<(), StoreError> {
    let log = beside(file, "-wal");
    match fs::metadata(&log) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::from_io(&log, error)),
        Ok(_) => Err(StoreError::Io { path: log, source: "what stands in it could not be moved into the file".into() }),
    }
}

fn stage(backup: &Path, folder: &Path, staged: &Path) -> Result<(OpeningLock, String), StoreError> {
    if !fs::metadata(backup).map_err(|error| StoreError::from_io(backup, error))?.is_file() {
        return Err(StoreError::BackupUnusable { path: backup.to_owned(), what: "it is not a file".to_owned() });
    }
    let lock = folder::lock(folder)?;
    folder::remove_database(staged);
    let failed = |error| StoreError::from_io(staged, error);
    folder::make_private_file(staged).map_err(failed)?;
    let digest = copy_with_sha256(backup, staged).map_err(failed)?;
    Ok((lock, digest))
}

/// Reads the digest beside a backup, where there is one.
fn expected_digest(backup: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(digest_file(backup)) {
        Ok(text) => Ok(Some(text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes sure that no other process has the store open, and empties its log into it.
async fn be_alone(file: &Path) -> Result<(), StoreError> {
    let held = || StoreError::Held { path: file.to_owned(), holders: folder::lock_holders(file) };
    let options = options(file).locking_mode(SqliteLockingMode::Exclusive).busy_timeout(WAIT);
    let taken = async {
        let mut alone = options.connect().await?;
        sqlx::raw_sql("BEGIN EXCLUSIVE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut alone).await?;
        alone.close().await
    };
    match taken.await {
        Ok(()) => Ok(()),
        // A damaged file cannot be locked by SQLite; who has it open is known from the system.
        Err(error) if is_damage(&error) && folder::lock_holders(file).is_empty() => Ok(()),
        Err(error) if is_damage(&error) => Err(held()),
        Err(error) => Err(match StoreError::from_sql(file, error) {
            StoreError::Busy { .. } => held(),
            other => other,
        }),
    }
}

/// Keeps a store and its head under names with a time in them; the store keeps its own name, too, where it is whole.
fn keep(file: &Path, at: Timestamp) -> io::Result<PathBuf> {
    let stamp = at.for_file_name();
    let kept = (0_u32..)
        .map(|number| if number == 0 { format!(".replaced-{stamp}") } else { format!(".replaced-{stamp}-{number}") })
        .find(|end| !beside(file, end).exists())
        .unwrap_or_default();
    let copy = beside(file, &kept);
    if fs::hard_link(file, &copy).is_err() {
        // Some file systems have no links.
        fs::copy(file, &copy)?;
    }
    let head = file.with_file_name(HEAD_FILE);
    if head.is_file() {
        fs::copy(&head, beside(&head, &kept))?;
    }
    // The log of a damaged file could not be emptied into it, and must not be taken for that of its successor.
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&copy, "-wal"))?;
    }
    match fs::remove_file(beside(file, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(copy)
}

fn read_head(folder: &Path) -> io::Result<Option<String>> {
    match fs::read(folder.join(HEAD_FILE)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Moves the head of a store that was just restored to its own file; tells whether it did. The opening lock is held.
///
/// Only when the head beside it is the one that the restore replaced: a backup that somebody copied over the store does
/// not take a longer chain's head away.
pub(super) async fn adopt(file: &Path, writer: &SqlitePool) -> Result<bool, StoreError> {
    let failed = |error| StoreError::from_sql(file, error);
    let mut connection = writer.acquire().await.map_err(failed)?;
    let Some(KeptHead { head, replaces: Some(replaces) }) = kept_head(&mut connection).await.map_err(failed)? else {
        return Ok(false);
    };
    let path = file.with_file_name(HEAD_FILE);
    let io = |error| StoreError::from_io(&path, error);
    let beside_it = read_head(file.parent().unwrap_or(file)).map_err(io)?.unwrap_or_default();
    if beside_it != head {
        if beside_it != replaces {
            return Ok(false);
        }
        folder::write_private(&path, head.as_bytes()).map_err(io)?;
    }
    remove_head(&mut connection).await.map_err(failed)?;
    Ok(true)
}
