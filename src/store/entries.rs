//! Entries of the ledger and the bodies beside it, as text. Only the ledger knows what they mean.

use serde::Serialize;
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool};

use super::columns::record;
use super::statement::Statement;
use super::{Store, StoreError, StoreTransaction};
use crate::domain::TaskId;

const INSERT: &str = "INSERT INTO ledger_entries (project_id, seq, prev_hash, hash, kind, task_id, attempt,
    format_version, canonical, caller, body_digest) ";

const INSERT_BODIES: &str = "INSERT INTO ledger_bodies (project_id, digest, body) ";

/// The most rows that one statement writes: each statement costs a hop to SQLite's thread and back, which takes longer
/// than writing the row.
const ROWS: usize = 64;

/// One text a page: a row a line would cost most of a verification's time between SQLite's thread and ours.
const SELECT_PAGE: &str = "SELECT count(*), COALESCE(string_agg(
        CAST(p.seq AS TEXT) || $4 || CAST(p.prev_hash AS TEXT) || $4 || CAST(p.hash AS TEXT) || $4 ||
        CAST(p.kind AS TEXT) || $4 || COALESCE(CAST(p.task_id AS TEXT), '') || $4 ||
        COALESCE(CAST(p.attempt AS TEXT), '') || $4 || CAST(p.format_version AS TEXT) || $4 ||
        CASE WHEN p.caller IS NULL THEN '' ELSE json_quote(CAST(p.caller AS TEXT)) END || $4 ||
        COALESCE(CAST(p.body_digest AS TEXT), '') || $4 || COALESCE(CAST(p.redacted_by AS TEXT), '') || $4 ||
        CAST(p.canonical AS TEXT),
        $5 ORDER BY p.seq), '')
    FROM (SELECT * FROM ledger_entries WHERE project_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) p";

/// Stands between the columns of a page; canonical JSON has no control characters.
pub(crate) const COLUMN_SEPARATOR: char = '\u{1f}';
/// Stands between the rows of a page.
pub(crate) const ROW_SEPARATOR: char = '\u{1e}';

/// An entry to be written.
#[derive(Debug)]
pub(crate) struct NewRow {
    pub(crate) seq: i64,
    pub(crate) prev_hash: String,
    pub(crate) hash: String,
    pub(crate) kind: String,
    pub(crate) task_id: Option<TaskId>,
    pub(crate) attempt: Option<u32>,
    pub(crate) format_version: i64,
    pub(crate) canonical: String,
    pub(crate) caller: Option<String>,
    pub(crate) body_digest: Option<String>,
}

/// An entry as it lies in the file, with its body while that is there; it is exported like this.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StoredEntry {
    pub(crate) seq: i64,
    pub(crate) hash: String,
    pub(crate) prev_hash: String,
    pub(crate) canonical: String,
    pub(crate) body: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) signature: Option<String>,
    /// The text of the entry that says that this one was redacted: what is left of it has not its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redaction: Option<String>,
}

record! { row => StoredEntry in "ledger_entries" { seq, hash, prev_hash, canonical, body, key_id, signature, redaction } }

/// Some rows of the chain in one text: columns seq, prev_hash, hash, kind, task_id, attempt, format_version,
/// caller (as a JSON string), body_digest, redacted_by, canonical, with [`COLUMN_SEPARATOR`] and [`ROW_SEPARATOR`] between.
#[derive(Debug)]
pub(crate) struct EntryPage {
    pub(crate) rows: i64,
    pub(crate) text: String,
}

impl Store {
    /// Reads the entries after `seq`.
    pub(crate) async fn entries_since(&self, seq: i64, limit: i64) -> Result<Vec<StoredEntry>, StoreError> {
        self.select_entries("e.seq > $2 ORDER BY e.seq LIMIT $3").bind(seq).bind(limit).read_all().await
    }

    /// Reads the entries of a task.
    pub(crate) async fn task_entries(&self, id: &TaskId, attempt: Option<u32>) -> Result<Vec<StoredEntry>, StoreError> {
        self.select_entries("e.task_id = $2 AND ($3 IS NULL OR e.attempt = $3) ORDER BY e.seq")
            .with((id, attempt))
            .read_all()
            .await
    }

    /// Reads the latest entries of a kind, newest first.
    pub(crate) async fn latest_of_kind(
        &self,
        kind: &str,
        id: Option<&TaskId>,
        limit: i64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.select_entries("e.kind = $2 AND ($3 IS NULL OR e.task_id = $3) ORDER BY e.seq DESC LIMIT $4")
            .with((kind, id, limit))
            .read_all()
            .await
    }

    /// Reads the latest entries of a kind for an owner, newest first: those of its tasks, those that it asked for without
    /// a task, and those without a caller.
    pub(crate) async fn latest_of_kind_for(
        &self,
        kind: &str,
        owner: &str,
        limit: i64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.select_entries(
            "e.kind = $2 AND ((e.task_id IS NULL AND (e.caller IS NULL OR e.caller = $3))
             OR EXISTS (SELECT 1 FROM task_owners o WHERE o.project_id = e.project_id AND o.task_id = e.task_id
                AND o.owner = $3)) ORDER BY e.seq DESC LIMIT $4",
        )
        .with((kind, owner, limit))
        .read_all()
        .await
    }

    fn select_entries(&self, rest: &str) -> Statement<&SqlitePool> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT e.seq, e.hash, e.prev_hash, e.canonical, b.body, e.key_id, e.signature,
                (SELECT r.canonical FROM ledger_entries r WHERE r.project_id = e.project_id AND r.seq = e.redacted_by)
                AS redaction
             FROM ledger_entries e LEFT JOIN ledger_bodies b ON b.project_id = e.project_id AND b.digest = e.body_digest
             WHERE e.project_id = $1 AND {rest}"
        )))
    }

    /// Reads where the chain ends: number and hash.
    pub(crate) async fn last_entry(&self) -> Result<Option<(i64, String)>, StoreError> {
        self.sql("SELECT seq, hash FROM ledger_entries WHERE project_id = $1 ORDER BY seq DESC LIMIT 1").first().await
    }

    /// Reads the hash of an entry.
    pub(crate) async fn hash_at(&self, seq: i64) -> Result<Option<String>, StoreError> {
        self.sql("SELECT hash FROM ledger_entries WHERE project_id = $1 AND seq = $2").bind(seq).first_value().await
    }

    /// Reads the number of the entry that has a hash.
    pub(crate) async fn seq_of(&self, hash: &str) -> Result<Option<i64>, StoreError> {
        self.sql("SELECT seq FROM ledger_entries WHERE project_id = $1 AND hash = $2 ORDER BY seq LIMIT 1")
            .bind(hash)
            .first_value()
            .await
    }

    /// Empties the write-ahead log into the file, so that removed text lies in neither.
    pub(crate) async fn empty_log(&self) -> Result<(), StoreError> {
        let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.writer()?).await;
        done.map_err(|error| self.failed(error))?;
        Ok(())
    }
}

impl StoreTransaction {
    /// Reads where the chain ends: number and hash.
    pub(crate) async fn last_entry(&mut self) -> Result<Option<(i64, String)>, StoreError> {
        self.sql("SELECT seq, hash FROM ledger_entries WHERE project_id = $1 ORDER BY seq DESC LIMIT 1").first().await
    }

    /// Reads the text and the hash of the entry that created a task.
    pub(crate) async fn creation_of(&mut self, id: &TaskId) -> Result<Option<(String, String)>, StoreError> {
        self.sql(
            "SELECT canonical, hash FROM ledger_entries WHERE project_id = $1 AND task_id = $2 AND kind = 'task_created'
             ORDER BY seq LIMIT 1",
        )
        .bind(id)
        .first()
        .await
    }

    /// Reads the texts of all entries of a kind.
    pub(crate) async fn canonical_of_kind(&mut self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.sql("SELECT canonical FROM ledger_entries WHERE project_id = $1 AND kind = $2 ORDER BY seq")
            .bind(kind)
            .values()
            .await
    }

    /// Writes entries, which are in the order of their numbers.
    pub(crate) async fn insert_entries(&mut self, rows: &[NewRow]) -> Result<(), StoreError> {
        for some in rows.chunks(ROWS) {
            let project = self.project();
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT);
            insert.push_values(some, |mut values, row| {
                values
                    .push_bind(&project)
                    .push_bind(row.seq)
                    .push_bind(&row.prev_hash)
                    .push_bind(&row.hash)
                    .push_bind(&row.kind)
                    .push_bind(&row.task_id)
                    .push_bind(row.attempt)
                    .push_bind(row.format_version)
                    .push_bind(&row.canonical)
                    .push_bind(&row.caller)
                    .push_bind(&row.body_digest);
            });
            let inserted = insert.build().persistent(kept(some.len())).execute(self.connection()).await;
            inserted.map_err(|error| self.store.failed(error))?;
        }
        Ok(())
    }

    /// Writes bodies by their digests, unless a digest is known; a removed body stays removed.
    pub(crate) async fn insert_bodies(&mut self, bodies: &[(String, String)]) -> Result<(), StoreError> {
        for some in bodies.chunks(ROWS) {
            let project = self.project();
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT_BODIES);
            insert.push_values(some, |mut values, (digest, body)| {
                values.push_bind(&project).push_bind(digest).push_bind(body);
            });
            insert.push(" ON CONFLICT (project_id, digest) DO NOTHING");
            let inserted = insert.build().persistent(kept(some.len())).execute(self.connection()).await;
            inserted.map_err(|error| self.store.failed(error))?;
        }
        Ok(())
    }

    /// Removes a body because of the entry `removed_by`; tells whether it was there.
    pub(crate) async fn remove_body(&mut self, digest: &str, removed_by: i64) -> Result<bool, StoreError> {
        let removed = self
            .sql(
                "UPDATE ledger_bodies SET body = NULL, removed_by = $3
             WHERE project_id = $1 AND digest = $2 AND body IS NOT NULL",
            )
            .with((digest, removed_by))
            .changed()
            .await?;
        Ok(removed > 0)
    }

    /// Counts the entries, and finds the first with a value of a type that is never written: SQLite keeps any type in any
    /// column.
    pub(crate) async fn count_entries(&mut self) -> Result<(i64, Option<i64>), StoreError> {
        self.sql(
            "SELECT count(*), min(CASE WHEN typeof(seq) = 'integer' AND typeof(prev_hash) = 'text'
               AND typeof(hash) = 'text' AND typeof(kind) = 'text' AND typeof(task_id) IN ('text', 'null')
               AND typeof(attempt) IN ('integer', 'null') AND typeof(format_version) = 'integer'
               AND typeof(canonical) = 'text' AND typeof(body_digest) IN ('text', 'null')
               AND typeof(caller) IN ('text', 'null') THEN NULL ELSE CAST(seq AS INTEGER) END)
             FROM ledger_entries WHERE project_id = $1",
        )
        .one()
        .await
    }

    /// Reads rows of the chain after `after`; `None` when one of them is not a text or all are too long for a page.
    pub(crate) async fn entry_page(&mut self, after: i64, limit: i64) -> Result<Option<EntryPage>, StoreError> {
        let project = self.project();
        let row = sqlx::query(SELECT_PAGE)
            .bind(project)
            .bind(after)
            .bind(limit)
            .bind(COLUMN_SEPARATOR.to_string())
            .bind(ROW_SEPARATOR.to_string())
            .fetch_one(self.connection())
            .await;
        let row = match row {
            Ok(row) => row,
            // SQLITE_TOOBIG
            Err(error) if error.as_database_error().and_then(|cause| cause.code()).as_deref() == Some("18") => {
                return Ok(None);
            }
            Err(error) => return Err(self.store.failed(error)),
        };
        let rows = row.try_get(0).map_err(|error| self.store.failed(error))?;
        Ok(row.try_get(1).ok().map(|text| EntryPage { rows, text }))
    }

    /// Reads the bodies after `digest`, in the order of their digests: digest, text, the entry that removed it.
    pub(crate) async fn bodies_page(
        &mut self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, Option<String>, Option<i64>)>, StoreError> {
        self.sql(
            "SELECT digest, CAST(body AS TEXT), removed_by FROM ledger_bodies
             WHERE project_id = $1 AND digest > $2 ORDER BY digest LIMIT $3",
        )
        .with((after, limit))
        .all()
        .await
    }

    /// Returns the first entry whose body has no row.
    pub(crate) async fn first_entry_without_body(&mut self) -> Result<Option<i64>, StoreError> {
        self.sql(
            "SELECT e.seq FROM ledger_entries e WHERE e.project_id = $1 AND e.body_digest IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM ledger_bodies b
                               WHERE b.project_id = e.project_id AND b.digest = e.body_digest)
             ORDER BY e.seq LIMIT 1",
        )
        .first_value()
        .await
    }

    /// Returns the first entry that has this body.
    pub(crate) async fn first_entry_with_body(&mut self, digest: &str) -> Result<Option<i64>, StoreError> {
        self.sql("SELECT seq FROM ledger_entries WHERE project_id = $1 AND body_digest = $2 ORDER BY seq LIMIT 1")
            .bind(digest)
            .first_value()
            .await
    }

    /// Puts what is left of an entry in its place, because of the entry `redacted_by`.
    pub(crate) async fn put_tombstone(&mut self, seq: i64, left: &str, redacted_by: i64) -> Result<(), StoreError> {
        self.sql("UPDATE ledger_entries SET canonical = $3, redacted_by = $4 WHERE project_id = $1 AND seq = $2")
            .bind(seq)
            .bind(left)
            .bind(redacted_by)
            .run()
            .await
    }

    /// Reads the text of an entry.
    pub(crate) async fn canonical_at(&mut self, seq: i64) -> Result<Option<String>, StoreError> {
        self.sql("SELECT canonical FROM ledger_entries WHERE project_id = $1 AND seq = $2")
            .bind(seq)
            .first_value()
            .await
    }
}

/// Tells whether a statement for so many rows comes often enough to be kept ready.
const fn kept(rows: usize) -> bool {
    matches!(rows, 1 | ROWS)
}
