//! What can go wrong with the store, and what to do about it.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::{TaskId, one_line};

/// How long a call waits for another process before it gives up, in seconds.
pub(super) const BUSY_WAIT_S: u64 = 30;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No task has this id.
    #[error("no task {0}")]
    NoTask(TaskId),
    /// Another run has taken the task over.
    #[error("a newer run has taken over")]
    StaleFence,
    /// A newer program wrote it.
    #[error("{} has format {found}, this program knows {known}: update snipara-orchestrator", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// Its pages are damaged.
    #[error("{} is damaged: run `snipara-orchestrator store repair`, which carries over into a new file what can be read", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Somebody changed its tables, indexes or triggers.
    #[error("{} is not as this program made it ({what}), so nothing is written into it: run `snipara-orchestrator store repair`, which carries its rows over into a new file", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// There is nothing in it, and a head beside it that knows of entries.
    #[error("{} is empty, and {} shows that a ledger was there: bring a backup back with `snipara-orchestrator restore FILE`; to begin a new ledger, move both files away", path.display(), head.display())]
    Emptied {
        /// The file.
        path: PathBuf,
        /// The head beside it.
        head: PathBuf,
    },
    /// It can be read only, and what was written last lies in a log that cannot be read there.
    #[error("{} cannot be read whole: its log {} must be read into it, and the folder is read-only; copy the folder to a place where you can write, and set SNIPARA_ORCHESTRATOR_HOME to it", path.display(), log.display())]
    ReadOnlyLog {
        /// The file.
        path: PathBuf,
        /// Its log.
        log: PathBuf,
    },
    /// It is something else.
    #[error("{} is not a SQLite database, or its beginning is damaged: `snipara-orchestrator store repair` carries over into a new file what can be read; or move it away", .0.display())]
    NotADatabase(PathBuf),
    /// It is a database of another program.
    #[error("{} is a database of another program: move it away, or set SNIPARA_ORCHESTRATOR_HOME to another folder", .0.display())]
    NotAStore(PathBuf),
    /// It keeps another project.
    #[error("{} belongs to project {found}, not to {asked}", path.display())]
    OtherProject {
        /// The file.
        path: PathBuf,
        /// The project that it belongs to.
        found: String,
        /// The project that asked for it.
        asked: String,
    },
    /// It can be read, but not written.
    #[error("{} is read-only: make it and its folder writable for this user, or set SNIPARA_ORCHESTRATOR_HOME to another folder", .0.display())]
    ReadOnly(PathBuf),
    /// The disk or its quota is full.
    #[error("{} cannot grow, the disk or its quota is full: free some space and try again", .0.display())]
    Full(PathBuf),
    /// This user may not open it.
    #[error("{} may not be opened by this user: permission denied; change its owner, or set SNIPARA_ORCHESTRATOR_HOME to another folder", .0.display())]
    PermissionDenied(PathBuf),
    /// Other processes used it all the time.
    #[error("{} was in use by other processes for {waited_s} s: try again", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// It has an older format, and cannot be upgraded while other processes have it open.
    #[error("{} has format {found} and must be upgraded to {known}, but {} it open: end it, or restart the client that started it, and try again", path.display(), named(holders))]
    InUse {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that it must have.
        known: i64,
        /// The processes that have it open: `process 4711 (snipara-orchestrator mcp)`; empty where that cannot be known.
        holders: Vec<String>,
    },
    /// It cannot be replaced while other processes have it open.
    #[error("{} cannot be replaced while {} it open: end it, or restart the client that started it, and try again", path.display(), named(holders))]
    Held {
        /// The file.
        path: PathBuf,
        /// The processes that have it open, as in [`StoreError::InUse`].
        holders: Vec<String>,
    },
    /// A backup cannot be used.
    #[error("{} cannot be restored: {what}; nothing was touched, take another backup", path.display())]
    BackupUnusable {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file system failed.
    #[error("{} cannot be read or written: check the disk and the folder", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A row holds what this program never writes.
    #[error("{} holds a row in {table} that cannot be read: {what}; run `snipara-orchestrator proofs verify`", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// What is wrong, one line.
        what: String,
    },
    /// A rule of the database refused the write.
    #[error("{} refused the write: {what}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The rule.
        what: String,
    },
    /// Another writer was there first; the write may be tried again.
    #[error("{} was changed by another writer: try again", .0.display())]
    Conflict(PathBuf),
    /// Another file, or none, lies where the store was opened.
    #[error("{} was moved, replaced or deleted while it was in use: put it back and start again, or begin a new ledger with a new server", .0.display())]
    Replaced(PathBuf),
    /// A folder's name is not Unicode text.
    #[error("{} has a name that is not Unicode text: move the repository", .0.display())]
    NotText(PathBuf),
    /// Anything else that SQLite says.
    #[error("{} cannot be used", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    pub(super) fn from_sql(path: &Path, error: sqlx::Error) -> Self {
        let path = path.to_owned();
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy { path, waited_s: BUSY_WAIT_S },
            sqlx::Error::ColumnDecode { index, source } => {
                let what = one_line(&format!("column {index}: {source}"), 200);
                return Self::Row { path, table: "a table", what };
            }
            sqlx::Error::Migrate(cause) => {
                if let sqlx::migrate::MigrateError::Execute(_) = **cause {
                    return Self::Sql { path, source: Box::new(error) };
                }
            }
            _ => {}
        }
        let Some(code) = result_code(&error) else { return Self::Sql { path, source: Box::new(error) } };
        // https://www.sqlite.org/rescode.html: extended codes first, then their low byte.
        match (code, code & 0xff) {
            (1811, _) => Self::Refused { path, what: message(&error) },
            (1555 | 2067, _) => Self::Conflict(path),
            (_, 3) => Self::PermissionDenied(path),
            (_, 5 | 6) => Self::Busy { path, waited_s: BUSY_WAIT_S },
            (_, 8) => Self::ReadOnly(path),
            (_, 11) => Self::Corrupt { path, source: Box::new(error) },
            // Writing and growing fail with these beyond a quota or a limit on the file's size.
            (_, 13) | (778 | 4874, _) => Self::Full(path),
            (_, 26) => Self::NotADatabase(path),
            (_, 19) => Self::Refused { path, what: message(&error) },
            (_, 10 | 14) => Self::Io { path, source: Box::new(error) },
            _ => Self::Sql { path, source: Box::new(error) },
        }
    }

    pub(super) fn from_migration(path: &Path, error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
                Self::from_sql(path, error)
            }
            other => Self::Sql { path: path.to_owned(), source: Box::new(other) },
        }
    }

    pub(super) fn from_io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied(path),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full(path),
            _ => Self::Io { path, source: Box::new(error) },
        }
    }
}

fn named(holders: &[String]) -> String {
    match holders {
        [] => "a process that cannot be seen from here has".to_owned(),
        [one] => format!("{one} has"),
        many => format!("{} have", many.join(", ")),
    }
}

fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

fn message(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(String::new, |error| one_line(error.message(), 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_file_system_keeps_its_kind() {
        let path = Path::new("/state/store.sqlite3");
        let full = StoreError::from_io(path, io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(full, StoreError::Full { .. }));
        assert!(full.to_string().starts_with("/state/store.sqlite3 cannot grow"), "{full}");
        let read_only = StoreError::from_io(path, io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
        assert!(matches!(read_only, StoreError::ReadOnly { .. }));
        let denied = StoreError::from_io(path, io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(matches!(denied, StoreError::PermissionDenied { .. }));
    }

    #[test]
    fn a_full_pool_is_busy_and_says_how_long_it_waited() {
        let busy = StoreError::from_sql(Path::new("/state/store.sqlite3"), sqlx::Error::PoolTimedOut);
        assert_eq!(busy.to_string(), "/state/store.sqlite3 was in use by other processes for 30 s: try again");
    }

    #[test]
    fn who_has_the_store_open_is_named() {
        let message = |holders: &[&str]| {
            let holders = holders.iter().map(|holder| (*holder).to_owned()).collect();
            StoreError::InUse { path: "/state/store.sqlite3".into(), found: 7, known: 8, holders }.to_string()
        };
        let one = message(&["process 4711 (snipara-orchestrator mcp)"]);
        assert!(
            one.starts_with("/state/store.sqlite3 has format 7 and must be upgraded to 8, but process 4711"),
            "{one}"
        );
        assert!(message(&["process 1 (a)", "process 2 (b)"]).contains("process 1 (a), process 2 (b) have it open"));
        assert!(message(&[]).contains("a process that cannot be seen from here has it open"));
    }
}
