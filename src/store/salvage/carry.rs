//! Carrying salvaged rows over into a new store, whose rules hold for them.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Executor};

use crate::domain::{LostRows, TaskId};
use crate::store::{StoreError, StoreTransaction};

/// The tables that are carried over as they are. Not among them: what the ledger decides, and the copy of the work
/// tree's documents, which the next question fills again.
pub(super) const CARRIED: [&str; 15] = [
    "projects",
    "repositories",
    "swarms",
    "swarm_members",
    "swarm_state",
    "swarm_claims",
    "swarm_events",
    "fencing_tokens",
    "htasks",
    "htask_dependencies",
    "memories",
    "task_htasks",
    "default_swarms",
    "outbox",
    "task_owners",
];

/// What is made anew from what was carried over.
const DERIVED: &str = "
    INSERT INTO memories_index (rowid, words, identifiers)
        SELECT m.row_number, COALESCE(s.c0, m.content), COALESCE(s.c1, '') FROM memories m
        LEFT JOIN (SELECT id, min(c0) AS c0, min(c1) AS c1 FROM salvaged.memories_index_content GROUP BY id) s
            ON s.id = m.row_number;
    UPDATE memory_totals SET memories = (SELECT count(*) FROM memories);
    INSERT INTO fencing_tokens SELECT project_id, max(token) FROM (
            SELECT project_id, last_token AS token FROM fencing_tokens
            UNION ALL SELECT project_id, fencing_token FROM htasks WHERE fencing_token IS NOT NULL
            UNION ALL SELECT project_id, fencing_token FROM swarm_claims)
        WHERE TRUE GROUP BY project_id ON CONFLICT DO UPDATE SET last_token = excluded.last_token;";

/// A run whose task is in the middle of its attempt is running still, until its lease is found to have ended. What a run
/// answered that the chain does not know is not kept.
const SETTLE_RUNS: &str = "
    UPDATE runs SET state = 'running', lease_expires_at = 0, ended_at = NULL, report = NULL
        WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.id = runs.task_id AND t.attempt = runs.attempt
            AND t.status IN ('in_progress', 'local_ok', 'validating', 'prod_ok'));
    UPDATE runs SET state = 'interrupted'
        WHERE state = 'running' AND lease_expires_at <> 0;
    UPDATE runs SET report = NULL
        WHERE report IS NOT NULL AND EXISTS (SELECT 1 FROM tasks t WHERE t.id = runs.task_id
            AND t.attempt = runs.attempt
            AND (NOT json_valid(runs.report) OR json_extract(runs.report, '$.status') IS NOT t.status));";

impl StoreTransaction {
    /// Shows the salvaged entries in the place of the store's own, or ends that.
    pub(crate) async fn show_salvaged_entries(&mut self, shown: bool) -> Result<(), StoreError> {
        self.script(if shown {
            "CREATE TEMP VIEW ledger_entries AS SELECT * FROM salvaged.ledger_entries"
        } else {
            "DROP VIEW temp.ledger_entries"
        })
        .await
    }

    /// Carries over the entries up to `last` with their bodies; answers how many salvaged entries come after it.
    pub(crate) async fn carry_entries(&mut self, last: i64) -> Result<u64, StoreError> {
        self.sql(
            "INSERT INTO main.ledger_entries SELECT * FROM salvaged.ledger_entries
             WHERE project_id = $1 AND seq <= $2 ORDER BY seq",
        )
        .bind(last)
        .run()
        .await?;
        self.sql(
            "INSERT OR IGNORE INTO main.ledger_bodies SELECT * FROM salvaged.ledger_bodies b WHERE b.project_id = $1
             AND (b.removed_by IS NULL OR b.removed_by <= $2)
             AND EXISTS (SELECT 1 FROM main.ledger_entries e WHERE e.body_digest = b.digest)",
        )
        .bind(last)
        .run()
        .await?;
        let after: i64 = self
            .sql("SELECT count(*) FROM salvaged.ledger_entries WHERE project_id = $1 AND seq > $2")
            .bind(last)
            .value()
            .await?;
        Ok(u64::try_from(after).unwrap_or_default())
    }

    /// Reads what was salvaged of a task's row: its criteria as JSON, when it was created and changed.
    pub(crate) async fn salvaged_task(&mut self, id: &TaskId) -> Result<Option<(String, i64, i64)>, StoreError> {
        self.sql("SELECT criteria, created_at, updated_at FROM salvaged.tasks WHERE project_id = $1 AND id = $2")
            .bind(id.as_str())
            .first()
            .await
    }

    /// Carries over an attempt's row; tells whether there was one.
    pub(crate) async fn carry_run(&mut self, id: &TaskId, attempt: u32, token: u64) -> Result<bool, StoreError> {
        let carried = self
            .sql(
                "INSERT OR IGNORE INTO main.runs SELECT * FROM salvaged.runs
                 WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND token = $4 LIMIT 1",
            )
            .bind(id.as_str())
            .bind(i64::from(attempt))
            .bind(i64::try_from(token).unwrap_or(i64::MAX))
            .changed()
            .await?;
        Ok(carried > 0)
    }

    /// Ends what was carried over of attempts as their tasks say.
    pub(crate) async fn settle_runs(&mut self) -> Result<(), StoreError> {
        self.script(SETTLE_RUNS).await
    }

    /// Returns the digests of bodies of entries that were not carried over.
    pub(crate) async fn lost_bodies(&mut self) -> Result<Vec<String>, StoreError> {
        self.sql(
            "SELECT DISTINCT e.body_digest FROM ledger_entries e WHERE e.project_id = $1 AND e.body_digest IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM ledger_bodies b WHERE b.project_id = e.project_id AND b.digest = e.body_digest)
             ORDER BY e.seq",
        )
        .values()
        .await
    }

    /// Marks a body as lost; the entry says so.
    pub(crate) async fn mark_lost_body(&mut self, digest: &str, entry: i64) -> Result<(), StoreError> {
        self.sql("INSERT INTO ledger_bodies (project_id, digest, body, removed_by) VALUES ($1, $2, NULL, $3)")
            .bind(digest)
            .bind(entry)
            .run()
            .await
    }

    /// Carries over every other table, and answers which rows a rule of the store refused.
    pub(crate) async fn carry_others(&mut self) -> Result<Vec<LostRows>, StoreError> {
        let mut lost: BTreeMap<String, u64> = BTreeMap::new();
        self.script("PRAGMA defer_foreign_keys = ON").await?;
        for table in CARRIED {
            let sql =
                format!("INSERT OR IGNORE INTO main.{table} SELECT * FROM salvaged.{table} WHERE project_id = $1");
            let carried = self.sql(AssertSqlSafe(sql)).changed().await?;
            let sql = format!("SELECT count(*) FROM salvaged.{table} WHERE project_id = $1");
            let salvaged: i64 = self.sql(AssertSqlSafe(sql)).value().await?;
            let refused = u64::try_from(salvaged).unwrap_or_default().saturating_sub(carried);
            if refused > 0 && table != "projects" {
                lost.insert(table.to_owned(), refused);
            }
        }
        loop {
            let broken: Vec<(String, i64)> =
                self.sql("SELECT \"table\", rowid FROM pragma_foreign_key_check WHERE $1 IS NOT NULL").all().await?;
            if broken.is_empty() {
                break;
            }
            for (table, rowid) in broken {
                let sql = format!("DELETE FROM main.{table} WHERE $1 IS NOT NULL AND rowid = $2");
                *lost.entry(table).or_default() += self.sql(AssertSqlSafe(sql)).bind(rowid).changed().await?;
            }
        }
        self.script(DERIVED).await?;
        let why = "a row that they name, or a value of theirs, is lost";
        Ok(lost.into_iter().map(|(table, rows)| LostRows { table, rows, why: why.to_owned() }).collect())
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = self.connection().execute(sql).await;
        done.map(drop).map_err(|error| self.store.failed(error))
    }
}
