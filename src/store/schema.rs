//! The tables, indexes and triggers of a store, compared with those that the migrations make.
//!
//! The triggers are the second lock on "done": a file that lacks one, or has one that this program did not make, is read
//! and not written to.

use std::collections::BTreeMap;

use sqlx::{Connection, SqliteConnection};

use super::connection::migrator;
use crate::domain::sha256_hex;

/// The fingerprint of what the migrations make; a test holds it.
const FINGERPRINT: &str = "2871e1ee9d4c8fbe44140ce14548fdbc4f83cc8142ccb3806085ff212cf486cc";

/// The most differences that are told.
const MOST_TOLD: usize = 5;

/// What SQLite and sqlx keep for themselves, in the form of their own version.
const NOT_OURS: [&str; 3] = ["_sqlx_migrations", "sqlite_stat1", "sqlite_stat4"];

/// The full-text indexes, whose inner tables are SQLite's own.
const INDEXES: [&str; 2] = ["memories_index_", "section_index_"];

/// Each table, index, trigger and view by kind and name, with the SQL that makes it.
type Schema = BTreeMap<(String, String), String>;

/// Returns what differs from the schema that the migrations make, a line each; nothing when nothing does.
///
/// # Errors
/// When the file cannot be read.
pub(super) async fn differences(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let found = read(connection).await?;
    if fingerprint(&found) == FINGERPRINT {
        return Ok(Vec::new());
    }
    let mut told = told(&found, &made().await?);
    let more = told.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        told.truncate(MOST_TOLD);
        told.push(format!("{more} more differ"));
    }
    Ok(told)
}

async fn read(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master WHERE sql IS NOT NULL",
    )
    .fetch_all(connection)
    .await?;
    let ours = rows.into_iter().filter(|(kind, name, _)| kind != "table" || !NOT_OURS.contains(&name.as_str()));
    Ok(ours
        .map(|(kind, name, sql)| {
            let inner = kind == "table" && INDEXES.iter().any(|index| name.starts_with(index));
            let sql = if inner { String::new() } else { sql.split_whitespace().collect::<Vec<_>>().join(" ") };
            ((kind, name), sql)
        })
        .collect())
}

/// Runs the migrations in memory.
async fn made() -> Result<Schema, sqlx::Error> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
    migrator().run_direct(None, &mut connection, false).await?;
    read(&mut connection).await
}

fn fingerprint(schema: &Schema) -> String {
    let lines: String =
        schema.iter().map(|((kind, name), sql)| format!("{kind}\u{1f}{name}\u{1f}{sql}\u{1e}")).collect();
    sha256_hex(lines.as_bytes())
}

fn told(found: &Schema, made: &Schema) -> Vec<String> {
    let strange = found.iter().filter_map(|(item, sql)| match made.get(item) {
        None => Some((item, "is not of this program")),
        Some(known) => (known != sql).then_some((item, "was changed")),
    });
    let missing = made.keys().filter(|item| !found.contains_key(*item)).map(|item| (item, "is missing"));
    missing
        .chain(strange)
        .map(|((kind, name), what)| format!("{kind} {} {what}", crate::domain::one_line(name, 60)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_fingerprint_is_that_of_the_migrations() {
        let made = fingerprint(&made().await.expect("migrated"));
        assert_eq!(made, FINGERPRINT, "a migration changed the schema: write this into `FINGERPRINT`");
    }

    #[tokio::test]
    async fn what_is_missing_changed_or_strange_is_named() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("opens");
        migrator().run_direct(None, &mut connection, false).await.expect("migrated");
        assert_eq!(differences(&mut connection).await.expect("read"), Vec::<String>::new());
        let edit = "DROP TRIGGER decisions_no_delete; DROP INDEX runs_one_running;
            CREATE INDEX runs_one_running ON runs (task_id); CREATE VIEW strange AS SELECT 1; ANALYZE";
        sqlx::raw_sql(edit).execute(&mut connection).await.expect("edited");
        assert_eq!(
            differences(&mut connection).await.expect("read"),
            [
                "trigger decisions_no_delete is missing",
                "index runs_one_running was changed",
                "view strange is not of this program"
            ]
        );
    }
}
