//! A damaged store, copied and read, and the new store that its rows are carried over into.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Sqlite, SqlitePool, Transaction};
use tokio::sync::mpsc;

use super::carry::CARRIED;
use super::pages::Pages;
use super::record::Value;
use super::tables::{Column, Table, Unread, read_all};
use crate::domain::{ProjectId, sha256_hex};
use crate::store::backup::connect;
use crate::store::connection::migrator;
use crate::store::folder::{self, beside};
use crate::store::{STORE_FILE, Store, StoreError};

/// The tables of the ledger, and the words of memories, which are carried over with care.
const OWN_WAY: [&str; 5] = ["ledger_entries", "ledger_bodies", "tasks", "runs", "memories_index_content"];

/// How many rows wait to be written.
const WAITING: usize = 1000;

/// The rows that could be read of a damaged store, beside a new store: the tables `salvaged.…` of the connection that
/// writes to it.
#[derive(Debug)]
pub(crate) struct Salvage {
    work: PathBuf,
    store: Store,
    /// How many pages are damaged.
    pub(crate) pages: u64,
    /// How many rows of any table are not whole, or have lost their table.
    pub(crate) rows: u64,
    /// Whether there was a log that could not be read.
    pub(crate) log_is_lost: bool,
}

impl Salvage {
    /// Reads what can be read of the store in a folder. It works on a copy, in a folder `repairing` that is removed at
    /// the end.
    ///
    /// # Errors
    /// When other processes have the store open, or when there is no room for the copy.
    pub(crate) async fn of(folder: &Path, project: &ProjectId) -> Result<Self, StoreError> {
        let file = folder.join(STORE_FILE);
        let (state, work) = (folder.to_owned(), folder.join("repairing"));
        let place = work.clone();
        let copied = tokio::task::spawn_blocking(move || copy(&state, &place)).await;
        copied.map_err(|error| StoreError::Io { path: file.clone(), source: Box::new(error) })??;
        let damaged = work.join("damaged.sqlite3");
        let log_is_lost = !empty_log(&damaged).await;

        let store = Store::open(&work.join("new"), project).await?;
        let failed = |error| store.failed(error);
        let tables = known_tables().await.map_err(failed)?;
        let pool = &store.parts.writer;
        let rows = work.join("rows.sqlite3");
        folder::make_private_file(&rows).map_err(|error| StoreError::from_io(&rows, error))?;
        let rows = rows.to_str().ok_or_else(|| StoreError::NotText(rows.clone()))?;
        sqlx::query("ATTACH $1 AS salvaged").bind(rows).execute(pool).await.map_err(failed)?;
        // What is lost of it with a crash is read again by the next repair.
        let careless = "PRAGMA salvaged.journal_mode = OFF; PRAGMA salvaged.synchronous = OFF";
        sqlx::raw_sql(careless).execute(pool).await.map_err(failed)?;
        let unread = read_into(pool, &damaged, tables, project).await.map_err(failed)?;
        Ok(Self { work, store, pages: unread.pages, rows: unread.rows, log_is_lost })
    }

    /// Returns the new store.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Closes the new store and removes the copies that were worked on.
    pub(crate) async fn end(self) {
        self.store.close().await;
        // What is left of copies is removed by the next repair.
        let _ = fs::remove_dir_all(&self.work);
    }
}

fn copy(folder: &Path, work: &Path) -> Result<(), StoreError> {
    let file = folder.join(STORE_FILE);
    let failed = |error| StoreError::from_io(&file, error);
    let _lock = folder::lock(folder)?;
    let holders = folder::lock_holders(&file);
    if !holders.is_empty() {
        return Err(StoreError::Held { path: file, holders });
    }
    match fs::remove_dir_all(work) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    folder::lock(work)?;
    let copy = work.join("damaged.sqlite3");
    for end in ["", "-wal"] {
        let from = beside(&file, end);
        if end.is_empty() || from.exists() {
            folder::make_private_file(&beside(&copy, end)).map_err(failed)?;
            fs::copy(&from, beside(&copy, end)).map_err(failed)?;
        }
    }
    Ok(())
}

/// Reads the log into the file; tells whether nothing of it is lost.
async fn empty_log(file: &Path) -> bool {
    if fs::metadata(beside(file, "-wal")).map_or(0, |log| log.len()) == 0 {
        return true;
    }
    let emptied = async {
        let mut connection = connect(file).await.ok()?;
        let done: (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await.ok()?;
        connection.close().await.ok()?;
        Some(done.0 == 0)
    };
    emptied.await.unwrap_or(false)
}

/// Reads the columns of the tables from what the migrations make.
async fn known_tables() -> Result<Vec<Table>, sqlx::Error> {
    let mut made = SqliteConnection::connect("sqlite::memory:").await?;
    migrator().run_direct(None, &mut made, false).await?;
    let mut tables = Vec::new();
    for name in OWN_WAY.into_iter().chain(CARRIED) {
        let columns: Vec<(String, String, bool, i64)> =
            sqlx::query_as("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1)")
                .bind(name)
                .fetch_all(&mut made)
                .await?;
        let column = |(name, kind, not_null, key): (String, String, bool, i64)| Column {
            // The inner table of an index has columns without a type, which hold text.
            is_text: matches!(kind.as_str(), "TEXT" | ""),
            is_rowid: kind == "INTEGER" && key == 1,
            name,
            not_null,
        };
        tables.push(Table { name: name.to_owned(), columns: columns.into_iter().map(column).collect() });
    }
    Ok(tables)
}

/// Writes every row that can be read into the tables `salvaged.…`, which have no rules.
async fn read_into(
    pool: &SqlitePool,
    damaged: &Path,
    tables: Vec<Table>,
    project: &ProjectId,
) -> Result<Unread, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let mut inserts = Vec::new();
    for Table { name, columns } in &tables {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let (names, places) = (names.join(", "), vec!["?"; names.len()].join(", "));
        transaction.execute(AssertSqlSafe(format!("CREATE TABLE salvaged.{name} ({names})"))).await?;
        inserts.push(format!("INSERT INTO salvaged.{name} VALUES ({places})"));
    }
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let (damaged, project) = (damaged.to_owned(), project.as_str().to_owned());
    let reading = tokio::task::spawn_blocking(move || {
        let pages = Pages::open(&damaged)?;
        // Whoever receives has ended only when a write has failed, which is told there.
        let mut lost_bodies = 0;
        let mut unread = read_all(&pages, &tables, &project, &mut |place, values| {
            if is_another_body(tables.get(place), &values) {
                lost_bodies += 1;
            } else {
                let _ = sender.blocking_send((place, values));
            }
        });
        unread.rows += lost_bodies;
        Ok::<_, io::Error>(unread)
    });
    while let Some((place, values)) = receiver.recv().await {
        if let Some(sql) = inserts.get(place) {
            insert(&mut transaction, sql, values).await?;
        }
    }
    let unread = reading.await.map_err(|error| sqlx::Error::Io(io::Error::other(error)))??;
    transaction
        .execute(
            "CREATE INDEX salvaged.entries_by_seq ON ledger_entries (seq);
             CREATE INDEX salvaged.bodies_by_digest ON ledger_bodies (digest);
             CREATE INDEX salvaged.tasks_by_id ON tasks (id);
             CREATE INDEX salvaged.runs_by_task ON runs (task_id, attempt);
             CREATE INDEX salvaged.words_by_id ON memories_index_content (id)",
        )
        .await?;
    transaction.commit().await?;
    Ok(unread)
}

/// Tells whether a row is a body that does not have its digest.
fn is_another_body(table: Option<&Table>, values: &[Value]) -> bool {
    table.is_some_and(|table| table.name == "ledger_bodies")
        && matches!(values, [_, Value::Text(digest), Value::Text(body), ..]
            if *digest != format!("sha256:{}", sha256_hex(body.as_bytes())))
}

async fn insert(transaction: &mut Transaction<'_, Sqlite>, sql: &str, values: Vec<Value>) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    for value in values {
        query = match value {
            Value::Null => query.bind(None::<i64>),
            Value::Integer(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Blob(bytes) => query.bind(bytes),
        };
    }
    query.execute(&mut **transaction).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::salvage::tables::read_all;

    /// What SQLite reads of a table, a row a line, in any order.
    async fn by_sqlite(file: &Path, table: &Table) -> Vec<String> {
        let columns: Vec<String> = table.columns.iter().map(|column| format!("quote({})", column.name)).collect();
        let sql = format!("SELECT {} FROM {} ORDER BY 1", columns.join(" || ',' || "), table.name);
        let mut connection = connect(file).await.expect("opens");
        let mut rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("read");
        rows.sort();
        rows
    }

    fn quoted(values: &[Value]) -> String {
        let quoted = values.iter().map(|value| match value {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Blob(_) => "a blob".to_owned(),
        });
        quoted.collect::<Vec<_>>().join(",")
    }

    #[tokio::test]
    async fn a_whole_file_is_read_as_sqlite_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/0.1.0");
        for name in [STORE_FILE, "ledger.head"] {
            fs::copy(kept.join(name), folder.path().join(name)).expect("copied");
        }
        let file = folder.path().join(STORE_FILE);
        let mut connection = connect(&file).await.expect("opens");
        let project: String =
            sqlx::query_scalar("SELECT project_id FROM projects").fetch_one(&mut connection).await.expect("a project");
        connection.close().await.expect("closed");
        let project = ProjectId::from_name(&project).expect("a name");
        let store = Store::open(folder.path(), &project).await.expect("upgraded");
        // Texts that go over several pages, and pages below pages.
        for number in 0..300 {
            let long = "x".repeat(number * 40);
            let sql = "INSERT INTO default_swarms VALUES ($1, $2, $3, NULL, $4)";
            let row = sqlx::query(sql).bind(project.as_str()).bind(format!("n{number}")).bind(long).bind(-5_i64);
            row.execute(&store.parts.writer).await.expect("written");
        }
        store.close().await;

        let tables = known_tables().await.expect("read");
        let mut found = vec![Vec::new(); tables.len()];
        let pages = Pages::open(&file).expect("opens");
        let unread =
            read_all(&pages, &tables, project.as_str(), &mut |place, values| found[place].push(quoted(&values)));
        assert_eq!(unread, Unread::default());
        for (table, mut rows) in tables.iter().zip(found) {
            rows.sort();
            assert_eq!(rows, by_sqlite(&file, table).await, "{}", table.name);
        }
    }
}
