//! Upgrades a store from an older format to the newest, alone with the file, after making a copy of it.
//!
//! A process of an older version reads the format only when it opens the store. It must not write in its old way into an
//! upgraded file, so no other process may have the file open during an upgrade. SQLite itself shows that: every open
//! connection to a file in WAL mode holds a shared lock on it, and a connection in exclusive locking mode waits for all
//! of them. A process that opens the store later waits for `store.lock` and then reads the new format.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePool};
use sqlx::{ConnectOptions, Connection};

use super::connection::{HEAD_FILE, migrate, pool_options};
use super::error::StoreError;
use super::folder::{self, beside};

/// How long an upgrade waits for other processes that have the file open, in seconds.
const WAIT_S: u64 = 5;

/// The formats of an upgrade.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    /// The format of the file.
    pub(super) found: i64,
    /// The newest format.
    pub(super) known: i64,
}

/// Copies the store beside itself and migrates it. The opening lock is held.
///
/// # Errors
/// When another process has the file open, or the copy or a migration fails; the store is then as it was.
pub(super) async fn upgrade(
    file: &Path,
    options: SqliteConnectOptions,
    migrator: &Migrator,
    formats: Formats,
) -> Result<(), StoreError> {
    let options = options.locking_mode(SqliteLockingMode::Exclusive).busy_timeout(Duration::from_secs(WAIT_S));
    let alone = pool_options(1).connect_with(options).await.map_err(|error| in_use(file, formats, error))?;
    let upgraded = upgrade_over(&alone, file, migrator, formats).await;
    alone.close().await;
    upgraded
}

async fn upgrade_over(
    alone: &SqlitePool,
    file: &Path,
    migrator: &Migrator,
    formats: Formats,
) -> Result<(), StoreError> {
    // In this locking mode the lock stays when the transaction has ended.
    let taken = sqlx::raw_sql("BEGIN EXCLUSIVE; COMMIT").execute(alone).await;
    taken.map_err(|error| in_use(file, formats, error))?;
    let copy = Copy::of(file, formats.found);
    if let Err(error) = copy.write(alone, file).await {
        copy.remove_partial();
        return Err(error);
    }
    migrate(file, alone, migrator).await
}

fn in_use(file: &Path, Formats { found, known }: Formats, error: sqlx::Error) -> StoreError {
    match StoreError::from_sql(file, error) {
        StoreError::Busy { path, .. } => {
            let holders = folder::lock_holders(&path);
            StoreError::InUse { path, found, known, holders }
        }
        other => other,
    }
}

/// The copy of a store in an older format: `store.sqlite3.format-8` and `ledger.head.format-8`.
struct Copy {
    store: PathBuf,
    /// The copy while it is not whole yet. What a killed process left there is overwritten.
    partial: PathBuf,
    head: PathBuf,
    head_copy: PathBuf,
}

impl Copy {
    fn of(file: &Path, found: i64) -> Self {
        let store = beside(file, &format!(".format-{found}"));
        let head = file.with_file_name(HEAD_FILE);
        Self { partial: beside(&store, ".partial"), head_copy: beside(&head, &format!(".format-{found}")), store, head }
    }

    /// Writes the copy under another name first, so that a file with the copy's name is always whole.
    async fn write(&self, alone: &SqlitePool, file: &Path) -> Result<(), StoreError> {
        let io = |error| StoreError::from_io(&self.store, error);
        let sql = |error| match StoreError::from_sql(file, error) {
            StoreError::Full { .. } => StoreError::Full(self.store.clone()),
            other => other,
        };
        self.remove_partial();
        folder::make_private_file(&self.partial).map_err(io)?;
        let target = self.partial.to_str().ok_or_else(|| StoreError::NotText(self.partial.clone()))?;
        sqlx::query("VACUUM INTO $1").bind(target).execute(alone).await.map_err(sql)?;
        // A copy that is put back must lock as the store did, or the next upgrade would not see who has it open.
        let options = SqliteConnectOptions::new().filename(&self.partial).journal_mode(SqliteJournalMode::Wal);
        options.connect().await.map_err(sql)?.close().await.map_err(sql)?;
        File::open(&self.partial).and_then(|copy| copy.sync_all()).map_err(io)?;
        // The head is copied with the store: a newer head beside an older chain would look like a lost entry.
        if self.head.exists() {
            fs::copy(&self.head, &self.head_copy).map_err(io)?;
        }
        fs::rename(&self.partial, &self.store).map_err(io)?;
        folder::sync(&self.store).map_err(io)
    }

    fn remove_partial(&self) {
        folder::remove_database(&self.partial);
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::migrator;
    use super::*;
    use crate::domain::ProjectId;
    use crate::store::{STORE_FILE, Store};

    /// Each format that ever was is upgraded to the newest one.
    #[tokio::test]
    async fn a_store_of_every_older_format_is_copied_and_upgraded() {
        let newest = i64::try_from(migrator().iter().count()).expect("a number");
        for format in 1..newest {
            let temporary = tempfile::tempdir().expect("a folder");
            let file = temporary.path().join(STORE_FILE);
            let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
            let mut older = options.journal_mode(SqliteJournalMode::Wal).connect().await.expect("opens");
            migrator().run_to(format, &mut older).await.expect("migrated");
            sqlx::query("INSERT INTO projects VALUES ('demo')").execute(&mut older).await.expect("written");
            older.close().await.expect("closed");

            let project = ProjectId::from_name("demo").expect("a name");
            Store::open(temporary.path(), &project).await.expect("opens").close().await;
            for (name, expected) in [(STORE_FILE.to_owned(), newest), (format!("{STORE_FILE}.format-{format}"), format)]
            {
                let options = SqliteConnectOptions::new().filename(temporary.path().join(name));
                let mut read = options.connect().await.expect("opens");
                let found: i64 =
                    sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut read).await.expect("a format");
                let kept: String =
                    sqlx::query_scalar("SELECT project_id FROM projects").fetch_one(&mut read).await.expect("a row");
                assert_eq!((found, kept.as_str()), (expected, "demo"));
            }
        }
    }
}
