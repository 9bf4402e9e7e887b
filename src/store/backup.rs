//! A backup: everything that was committed, in one file that is whole by itself, with the head that fits to its chain.
//!
//! It is a copy of the store with one table more, which holds the text of the head. While others write, SQLite copies
//! the store as it is at one moment. The file is written under another name first, so that one with its own name is
//! always whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::connection::options;
use super::file_digest::sha256_of;
use super::folder::{self, beside};
use super::{Store, StoreError};
use crate::domain::ProjectId;

/// Holds the head in a backup, and while a restore puts it in the store's place the head that it replaces.
const HEAD_TABLE: &str = "CREATE TABLE backup_head (head TEXT NOT NULL, replaces TEXT)";

/// A backup that is being written.
#[derive(Debug)]
pub(crate) struct Backup {
    partial: PathBuf,
    target: PathBuf,
}

impl Backup {
    /// Copies a store as it is at this moment. What was there under the target's name stays until [`Backup::finish`].
    pub(crate) async fn copy(store: &Store, target: &Path) -> Result<Self, StoreError> {
        let backup = Self { partial: beside(target, ".partial"), target: target.to_owned() };
        if folder::identity(target).is_some_and(|found| Some(found) == store.parts.identity) {
            return Err(StoreError::Io { path: target.to_owned(), source: "it is the store itself".into() });
        }
        backup.remove_partial();
        folder::make_private_file(&backup.partial).map_err(|error| StoreError::from_io(target, error))?;
        let path = backup.partial.to_str().ok_or_else(|| StoreError::NotText(backup.partial.clone()))?;
        let copied = sqlx::query("VACUUM INTO $1").bind(path).execute(&store.parts.readers).await;
        copied.map_err(|error| match store.failed(error) {
            StoreError::Full { .. } => StoreError::Full(target.to_owned()),
            other => other,
        })?;
        Ok(backup)
    }

    /// Opens the copy to be read.
    pub(crate) async fn open(&self, project: &ProjectId) -> Result<Store, StoreError> {
        Store::open_to_read(&self.partial, project).await
    }

    /// Adds the head, syncs, and gives the file its name; returns its SHA-256 in hexadecimal digits, which also lies
    /// beside it as `sha256sum --check` reads it.
    pub(crate) async fn finish(self, head: Option<&str>) -> Result<String, StoreError> {
        if let Some(head) = head {
            write_head(&self.partial, head, None).await?;
        }
        let io = |error| StoreError::from_io(&self.target, error);
        let digest = {
            let partial = self.partial.clone();
            let synced = tokio::task::spawn_blocking(move || {
                File::open(&partial)?.sync_all()?;
                sha256_of(&partial)
            });
            synced.await.map_err(|error| StoreError::Io { path: self.target.clone(), source: Box::new(error) })?
        }
        .map_err(io)?;
        let digest_file = digest_file(&self.target);
        match fs::remove_file(&digest_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        fs::rename(&self.partial, &self.target).map_err(io)?;
        let name = self.target.file_name().unwrap_or_default().to_string_lossy();
        folder::write_private(&digest_file, format!("{digest}  {name}\n").as_bytes()).map_err(io)?;
        folder::sync(&self.target).map_err(io)?;
        Ok(digest)
    }

    fn remove_partial(&self) {
        folder::remove_database(&self.partial);
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        self.remove_partial();
    }
}

/// Names the file with the digest of a backup.
pub(super) fn digest_file(backup: &Path) -> PathBuf {
    beside(backup, ".sha256")
}

/// The head that lies in a file.
pub(super) struct KeptHead {
    pub(super) head: String,
    /// The text of the head that a restore replaces; empty where there was none.
    pub(super) replaces: Option<String>,
}

/// Opens one connection to a file that nobody else uses.
pub(super) async fn connect(file: &Path) -> Result<SqliteConnection, StoreError> {
    let options: SqliteConnectOptions = options(file);
    options.connect().await.map_err(|error| StoreError::from_sql(file, error))
}

/// Reads the head that lies in a file; `None` in a file that is no backup.
pub(super) async fn kept_head(connection: &mut SqliteConnection) -> Result<Option<KeptHead>, sqlx::Error> {
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'backup_head'")
            .fetch_one(&mut *connection)
            .await?;
    if tables == 0 {
        return Ok(None);
    }
    let row: Option<(String, Option<String>)> =
        sqlx::query_as("SELECT head, replaces FROM backup_head").fetch_optional(connection).await?;
    Ok(row.map(|(head, replaces)| KeptHead { head, replaces }))
}

/// Removes the head from a file, which then has the schema of a store.
pub(super) async fn remove_head(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DROP TABLE IF EXISTS backup_head").execute(connection).await.map(drop)
}

/// Writes a head into a file.
pub(super) async fn write_head(file: &Path, head: &str, replaces: Option<&str>) -> Result<(), StoreError> {
    let failed = |error| StoreError::from_sql(file, error);
    let mut connection = connect(file).await?;
    let mut transaction = connection.begin().await.map_err(failed)?;
    sqlx::query(HEAD_TABLE).execute(&mut *transaction).await.map_err(failed)?;
    sqlx::query("INSERT INTO backup_head VALUES ($1, $2)")
        .bind(head)
        .bind(replaces)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}
