//! What may be done with a store's file: write, or only read; and how the last process left it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

use super::check::{Depth, check};
use super::connection::{FileState, StoreParts, look_at, options, owner, pool_options};
use super::folder::{self, beside};
use super::{Store, StoreError, schema};
use crate::domain::ProjectId;

/// How long the pages are looked at when the last process did not end cleanly.
const PATIENCE: Duration = Duration::from_millis(250);

/// Why nothing is written.
#[derive(Debug, Clone)]
pub(super) enum WriteBar {
    /// This user cannot write the file or its folder.
    ReadOnly,
    /// The schema is not ours; what differs.
    Altered(String),
}

/// How a file is open.
#[derive(Debug)]
pub(super) struct FileAccess {
    pub(super) bar: Option<WriteBar>,
    /// Whether it is read without locks, because nobody writes it.
    pub(super) unchanging: bool,
    /// SQLite's counter of changes of the schema, when the schema was last seen to be ours.
    pub(super) schema: AtomicI64,
}

impl FileAccess {
    pub(super) fn new(bar: Option<WriteBar>, unchanging: bool) -> Self {
        // No schema has this number.
        Self { bar, unchanging, schema: AtomicI64::new(-1) }
    }
}

impl Store {
    /// Opens a file that cannot be written, without making anything beside it.
    pub(super) async fn open_to_read(file: &Path, project: &ProjectId) -> Result<Self, StoreError> {
        let failed = |error| StoreError::from_sql(file, error);
        let logged = has_log(file);
        if logged && !beside(file, "-shm").exists() {
            return Err(StoreError::ReadOnlyLog { path: file.to_owned(), log: beside(file, "-wal") });
        }
        let options = options(file).read_only(true).immutable(!logged);
        let readers = pool_options(4).connect_with(options).await.map_err(failed)?;
        match look_at(file, &readers).await? {
            FileState::Current => {}
            FileState::Older(_) => return Err(StoreError::ReadOnly(file.to_owned())),
            FileState::New => return Err(StoreError::NotAStore(file.to_owned())),
        }
        owner(file, &readers, project).await?;
        let parts = StoreParts {
            project: project.clone(),
            folder: file.parent().unwrap_or(file).to_owned(),
            file: file.to_owned(),
            identity: folder::identity(file),
            access: FileAccess::new(Some(WriteBar::ReadOnly), !logged),
            writer: readers.clone(),
            notes: readers.clone(),
            readers,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Opens a file of another name to be written, which nobody else uses. The head of the folder is not its own.
    pub(super) async fn open_alone(file: &Path, project: &ProjectId) -> Result<Self, StoreError> {
        let pool =
            pool_options(1).connect_with(options(file)).await.map_err(|error| StoreError::from_sql(file, error))?;
        owner(file, &pool, project).await?;
        let parts = StoreParts {
            project: project.clone(),
            folder: file.parent().unwrap_or(file).to_owned(),
            file: file.to_owned(),
            identity: folder::identity(file),
            access: FileAccess::new(None, false),
            readers: pool.clone(),
            notes: pool.clone(),
            writer: pool,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Tells whether it was opened only to be read, as this user cannot write it.
    pub fn is_read_only(&self) -> bool {
        matches!(self.parts.access.bar, Some(WriteBar::ReadOnly))
    }

    /// Refuses to write what can only be read, and what somebody altered.
    pub(crate) fn may_write(&self) -> Result<(), StoreError> {
        let path = self.parts.file.clone();
        match &self.parts.access.bar {
            None => Ok(()),
            Some(WriteBar::ReadOnly) => Err(StoreError::ReadOnly(path)),
            Some(WriteBar::Altered(what)) => Err(StoreError::Altered { path, what: what.clone() }),
        }
    }

    /// Refuses to write when the schema was changed since it was last looked at.
    pub(super) async fn has_our_schema(
        &self,
        connection: &mut SqliteConnection,
        version: i64,
    ) -> Result<(), StoreError> {
        let seen = &self.parts.access.schema;
        if seen.load(Ordering::Relaxed) == version {
            return Ok(());
        }
        let differs = schema::differences(connection).await.map_err(|error| self.failed(error))?;
        if !differs.is_empty() {
            return Err(StoreError::Altered { path: self.parts.file.clone(), what: differs.join(", ") });
        }
        seen.store(version, Ordering::Relaxed);
        Ok(())
    }

    /// Returns the connection for writes.
    pub(super) fn writer(&self) -> Result<&SqlitePool, StoreError> {
        self.may_write()?;
        Ok(&self.parts.writer)
    }

    /// Refuses to go on reading without locks when somebody has begun to write.
    pub(super) fn is_unchanged(&self) -> Result<(), StoreError> {
        if self.parts.access.unchanging && has_log(&self.parts.file) {
            return Err(StoreError::Conflict(self.parts.file.clone()));
        }
        Ok(())
    }
}

fn has_log(file: &Path) -> bool {
    fs::metadata(beside(file, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// How a file was found before it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Closed by the last process, or open in another one.
    Clean,
    /// Left with a log by a process that is gone.
    Unclean,
}

/// Looks how the file was left. The last process that closes a store leaves no log.
pub(super) fn beginning(file: &Path) -> Beginning {
    if has_log(file) && !folder::is_open(file) { Beginning::Unclean } else { Beginning::Clean }
}

impl Beginning {
    /// Looks at the pages, for a short time, after an unclean end, and logs what is found.
    pub(super) async fn tell(self, file: &Path, readers: &SqlitePool) {
        if self == Self::Clean {
            return;
        }
        let file = file.display();
        match check(readers, Depth::Quick(PATIENCE)).await {
            Ok(found) if found.pages.is_empty() && found.references.is_empty() => {
                let looked = if found.finished { "nothing is damaged" } else { "nothing was found in a short look" };
                tracing::info!(%file, "the last process that used the store did not end cleanly: {looked}");
            }
            Ok(found) => {
                let what = [found.pages, found.references].concat().join(", ");
                tracing::error!(%file, "the store is damaged: {what}; run `snipara-orchestrator store check`");
            }
            Err(error) => tracing::warn!(%file, %error, "the store could not be looked at after an unclean end"),
        }
    }
}
