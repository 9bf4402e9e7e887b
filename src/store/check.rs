//! A look at the file itself: its pages, its references, its schema.

use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError, schema};
use crate::domain::one_line;

/// How many steps SQLite goes between two looks at the clock.
const STEPS: i32 = 1000;
/// SQLITE_INTERRUPT (<https://www.sqlite.org/rescode.html>).
const INTERRUPT: &str = "9";

/// How thoroughly pages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Each page by itself, for at most this long.
    Quick(Duration),
    /// Indexes against their tables, too, however long it takes.
    Whole,
}

/// What a look at the file found, a line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCheck {
    /// Pages that are damaged.
    pub pages: Vec<String>,
    /// Rows that name a row that is not there.
    pub references: Vec<String>,
    /// Tables, indexes and triggers that are missing, changed or not of this program.
    pub schema: Vec<String>,
    /// Whether there was time for all of it.
    pub finished: bool,
}

impl FileCheck {
    /// Tells whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.pages.is_empty() && self.references.is_empty() && self.schema.is_empty()
    }
}

impl Store {
    /// Looks at pages, references between rows, and the schema with its triggers.
    ///
    /// # Errors
    /// When the file cannot be read at all; damage is an answer.
    pub async fn check_file(&self, depth: Depth) -> Result<FileCheck, StoreError> {
        check(&self.parts.readers, depth).await.map_err(|error| self.failed(error))
    }
}

pub(super) async fn check(pool: &SqlitePool, depth: Depth) -> Result<FileCheck, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut found = FileCheck { finished: true, ..FileCheck::default() };
    if let Depth::Quick(patience) = depth {
        let end = Instant::now() + patience;
        connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < end);
    }
    let looked = look(&mut connection, depth, &mut found).await;
    connection.lock_handle().await?.remove_progress_handler();
    match looked {
        Ok(()) => {}
        Err(error) if is_code(&error, |code| code == INTERRUPT) => found.finished = false,
        Err(error) if is_damage(&error) => found.pages.push(message(&error)),
        Err(error) => return Err(error),
    }
    Ok(found)
}

async fn look(connection: &mut SqliteConnection, depth: Depth, found: &mut FileCheck) -> Result<(), sqlx::Error> {
    found.schema = schema::differences(connection).await?;
    let pages = match depth {
        Depth::Quick(_) => "PRAGMA quick_check(10)",
        Depth::Whole => "PRAGMA integrity_check(10)",
    };
    let lines: Vec<String> = sqlx::query_scalar(pages).fetch_all(&mut *connection).await?;
    found.pages = lines.iter().filter(|line| *line != "ok").map(|line| one_line(line, 200)).collect();
    let broken = sqlx::query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 10");
    for row in broken.fetch_all(connection).await? {
        let (table, rowid, parent): (String, Option<i64>, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let row = rowid.map(|rowid| format!("row {rowid} of ")).unwrap_or_default();
        found.references.push(format!("{row}{table} names a row of {parent} that is not there"));
    }
    Ok(())
}

/// Tells whether SQLite says that the file is damaged: SQLITE_CORRUPT or SQLITE_NOTADB, whatever their extension.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    is_code(error, |code| code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 11 | 26)))
}

fn is_code(error: &sqlx::Error, is: impl Fn(&str) -> bool) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| is(&code))
}

fn message(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| one_line(error.message(), 200))
}
