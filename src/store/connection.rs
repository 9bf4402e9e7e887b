//! Opening the store: one writer, a few readers, migrations under a lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

use super::access::{FileAccess, WriteBar, beginning};
use super::columns::Record;
use super::error::{BUSY_WAIT_S, StoreError};
use super::upgrade::{Formats, upgrade};
use super::{folder, replace, schema};
use crate::domain::ProjectId;

/// The name of the store's file in its project's folder.
pub const STORE_FILE: &str = "store.sqlite3";
/// The name of the file beside the store that says how long its chain is; `ledger` writes it.
pub const HEAD_FILE: &str = "ledger.head";

/// The newest format that this program knows (`PRAGMA user_version`).
pub(super) const FORMAT: i64 = 10;
/// `SNOR` in ASCII (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x534e_4f52;

/// How long a note that may be lost waits for other writers, in milliseconds.
const NOTE_WAIT_MS: u64 = 500;

/// The embedded store of one project: `<folder>/store.sqlite3`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) parts: Arc<StoreParts>,
}

#[derive(Debug)]
pub(super) struct StoreParts {
    pub(super) project: ProjectId,
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
    /// Which file that was when it was opened.
    pub(super) identity: Option<(u64, u64)>,
    pub(super) access: FileAccess,
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    /// The connection for writes that may be lost.
    pub(super) notes: SqlitePool,
}

impl Store {
    /// Opens the store in a project's folder, and makes folder (0700) and file when they are not there.
    ///
    /// What this user cannot write, or is not as this program made it, is opened to be read: each write is then refused
    /// with the reason.
    ///
    /// # Errors
    /// When it is newer than this program, damaged, full, or cannot be opened; the message names the file.
    pub async fn open(folder: &Path, project: &ProjectId) -> Result<Self, StoreError> {
        Self::open_limited(folder, project, None).await
    }

    /// Opens the store with a limit on its size in pages, as if the disk ended there; for tests of a full disk.
    ///
    /// # Errors
    /// As [`Store::open`].
    #[doc(hidden)]
    pub async fn open_limited(
        folder: &Path,
        project: &ProjectId,
        max_page_count: Option<u32>,
    ) -> Result<Self, StoreError> {
        let file = folder.join(STORE_FILE);
        let (lock_folder, lock_file) = (folder.to_owned(), file.clone());
        let prepared = tokio::task::spawn_blocking(move || folder::prepare(&lock_folder, &lock_file))
            .await
            .map_err(|error| StoreError::Io { path: file.clone(), source: Box::new(error) })?;
        let lock = match prepared {
            Ok(lock) => lock,
            Err(StoreError::ReadOnly { .. }) if file.is_file() => return Self::open_to_read(&file, project).await,
            Err(error) => return Err(error),
        };
        let mut options = options(&file);
        if let Some(pages) = max_page_count {
            options = options.pragma("max_page_count", pages.to_string());
        }
        let beginning = beginning(&file);
        let writer = open_writer(&file, &options).await?;
        let differs = adopted_differences(&file, &writer).await?;
        let bar = (!differs.is_empty()).then(|| WriteBar::Altered(differs.join(", ")));
        match owner(&file, &writer, project).await? {
            None if bar.is_none() => claim(&file, &writer, project).await?,
            _ => {}
        }
        // The writer is open and stays so: a read-only connection needs its shared memory file.
        let readers = pool_options(4).connect_lazy_with(options.clone().read_only(true));
        let notes = options.synchronous(SqliteSynchronous::Normal).busy_timeout(Duration::from_millis(NOTE_WAIT_MS));
        let notes = pool_options(1).connect_lazy_with(notes);
        beginning.tell(&file, &readers).await;
        let identity = folder::identity(&file);
        drop(lock);
        let parts = StoreParts {
            project: project.clone(),
            folder: folder.to_owned(),
            file,
            identity,
            access: FileAccess::new(bar, false),
            writer,
            readers,
            notes,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Returns the project.
    pub fn project(&self) -> &ProjectId {
        &self.parts.project
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.parts.folder
    }

    /// Returns the store's file.
    pub fn file(&self) -> &Path {
        &self.parts.file
    }

    /// Closes all connections of this process; later calls fail. Not needed for what was written to last.
    pub async fn close(&self) {
        self.parts.readers.close().await;
        self.parts.notes.close().await;
        self.parts.writer.close().await;
    }

    /// Refuses to use a file that was moved or replaced: open connections would write into a file that nobody reads.
    pub(super) fn is_in_place(&self) -> Result<(), StoreError> {
        if folder::identity(&self.parts.file) != self.parts.identity {
            return Err(StoreError::Replaced(self.parts.file.clone()));
        }
        self.is_unchanged()
    }

    pub(super) fn failed(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_sql(&self.parts.file, error)
    }

    /// Reads a row.
    pub(super) fn read<T: Record>(&self, row: &SqliteRow) -> Result<T, StoreError> {
        T::read(row).map_err(|error| match self.failed(error) {
            StoreError::Row { path, what, .. } => StoreError::Row { path, table: T::TABLE, what },
            other => other,
        })
    }

    pub(super) fn bad_row(&self, table: &'static str, what: impl std::fmt::Display) -> StoreError {
        let what = crate::domain::one_line(&what.to_string(), 200);
        StoreError::Row { path: self.parts.file.clone(), table, what }
    }
}

/// How each connection to a store is opened.
pub(super) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(BUSY_WAIT_S))
        // A removed body must be gone from the file, not only from its table.
        .pragma("secure_delete", "ON")
        // What somebody wrote into the schema calls no function that reaches beyond the file, and a damaged page is
        // found before it is believed.
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging()
}

pub(super) fn pool_options(max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(max)
        .acquire_timeout(Duration::from_secs(2 * BUSY_WAIT_S))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // SQLite ends a transaction by itself when the disk is full. sqlx still counts it as open and cannot begin another
        // one on that connection. So the connection is closed, and a new one is opened.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// Opens the file for writing, after it was upgraded to the newest format.
async fn open_writer(file: &Path, options: &SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let failed = |error| StoreError::from_sql(file, error);
    let writer = pool_options(1).connect_with(options.clone()).await.map_err(failed)?;
    match look_at(file, &writer).await? {
        FileState::Current => Ok(writer),
        FileState::New => {
            let head = file.with_file_name(HEAD_FILE);
            if head.exists() {
                return Err(StoreError::Emptied { path: file.to_owned(), head });
            }
            sqlx::query("PRAGMA journal_mode = WAL").execute(&writer).await.map_err(failed)?;
            migrate(file, &writer, &migrator()).await?;
            Ok(writer)
        }
        FileState::Older(found) => {
            writer.close().await;
            upgrade(file, options.clone(), &migrator(), Formats { found, known: FORMAT }).await?;
            pool_options(1).connect_with(options.clone()).await.map_err(failed)
        }
    }
}

/// The state of the file when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileState {
    /// It is new.
    New,
    /// A store of our format.
    Current,
    /// A store of this older format.
    Older(i64),
}

pub(super) async fn look_at(file: &Path, connection: &SqlitePool) -> Result<FileState, StoreError> {
    let failed = |error| StoreError::from_sql(file, error);
    let format: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await.map_err(failed)?;
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(connection).await.map_err(failed)?;
    if application == APPLICATION_ID {
        return match format {
            FORMAT => Ok(FileState::Current),
            newer if newer > FORMAT => Err(StoreError::Newer { path: file.to_owned(), found: newer, known: FORMAT }),
            older => Ok(FileState::Older(older)),
        };
    }
    let strange: i64 =
        // 0.1.0 made sqlx's own table, with its index, before the first transaction that says whose file it is.
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE tbl_name NOT LIKE '\\_sqlx%' ESCAPE '\\'")
            .fetch_one(connection)
            .await
            .map_err(failed)?;
    if strange > 0 || format != 0 || application != 0 {
        return Err(StoreError::NotAStore(file.to_owned()));
    }
    Ok(FileState::New)
}

/// Runs every migration that the file lacks in one transaction, so that a crash leaves it as it was or whole. The marks
/// of our format (`application_id`, `user_version`) are part of the transaction.
pub(super) async fn migrate(file: &Path, pool: &SqlitePool, migrator: &Migrator) -> Result<(), StoreError> {
    let failed = |error| StoreError::from_sql(file, error);
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let migrated = migrator.run_direct(None, &mut *transaction, false).await;
    migrated.map_err(|error| StoreError::from_migration(file, error))?;
    transaction.commit().await.map_err(failed)
}

pub(super) fn migrator() -> Migrator {
    const SCRIPTS: [(&str, &str); 10] = [
        ("store", include_str!("migrations/0001_store.sql")),
        ("swarms", include_str!("migrations/0002_swarms.sql")),
        ("swarm state", include_str!("migrations/0003_swarm_state.sql")),
        ("htasks", include_str!("migrations/0004_htasks.sql")),
        ("memories", include_str!("migrations/0005_memories.sql")),
        ("sections", include_str!("migrations/0006_sections.sql")),
        ("outbox", include_str!("migrations/0007_outbox.sql")),
        ("task owners", include_str!("migrations/0008_task_owners.sql")),
        ("callers", include_str!("migrations/0009_callers.sql")),
        ("redaction", include_str!("migrations/0010_redaction.sql")),
    ];
    let migrations = (1..).zip(SCRIPTS).map(|(version, (name, script))| {
        Migration::new(version, name.into(), MigrationType::Simple, script.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Finishes a restore that was cut off, and returns what differs from the schema that the migrations make.
async fn adopted_differences(file: &Path, writer: &SqlitePool) -> Result<Vec<String>, StoreError> {
    let differs = async || {
        let mut connection = writer.acquire().await?;
        schema::differences(&mut connection).await
    };
    let found = differs().await.map_err(|error| StoreError::from_sql(file, error))?;
    if found.is_empty() || !replace::adopt(file, writer).await? {
        return Ok(found);
    }
    differs().await.map_err(|error| StoreError::from_sql(file, error))
}

/// Returns the project that a store keeps: one, so that a folder that was copied under another name is not taken for the
/// other's.
pub(super) async fn owner(
    file: &Path,
    pool: &SqlitePool,
    project: &ProjectId,
) -> Result<Option<ProjectId>, StoreError> {
    let read = sqlx::query_scalar("SELECT project_id FROM projects LIMIT 1").fetch_optional(pool).await;
    let owner: Option<String> = read.map_err(|error| StoreError::from_sql(file, error))?;
    match owner {
        Some(found) if found != project.as_str() => {
            Err(StoreError::OtherProject { path: file.to_owned(), found, asked: project.as_str().to_owned() })
        }
        owner => Ok(owner.map(|_| project.clone())),
    }
}

async fn claim(file: &Path, writer: &SqlitePool, project: &ProjectId) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO projects (project_id) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(project.as_str())
        .execute(writer)
        .await
        .map_err(|error| StoreError::from_sql(file, error))?;
    Ok(())
}
