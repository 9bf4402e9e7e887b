//! SQL from outside, as somebody would run it who has the store's file.
//!
//! With the sqlite3 tool where it is installed, which is how people do it; else with rusqlite, so that a machine with
//! nothing but Rust, a C compiler and git can run every test.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection};

/// Runs SQL; answers what it prints (columns parted by `|`, as the tool does), or why it failed.
pub(crate) fn sqlite3(file: &Path, sql: &str) -> Result<String, String> {
    match Command::new("sqlite3").args(["-bail", "-cmd", ".timeout 20000"]).arg(file).arg(sql).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(_) => through_the_library(file, sql).map_err(|error| error.to_string()),
    }
}

fn through_the_library(file: &Path, sql: &str) -> rusqlite::Result<String> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(20))?;
    let mut lines = Vec::new();
    let mut batch = Batch::new(&connection, sql);
    while let Some(mut statement) = batch.next()? {
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let cells = (0..columns).map(|column| row.get_ref(column).map(shown)).collect::<Result<Vec<_>, _>>()?;
            lines.push(cells.join("|"));
        }
    }
    Ok(lines.join("\n").trim().to_owned())
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
    }
}
