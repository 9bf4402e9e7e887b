//! The decisions of gate 2, which the triggers read before a task may be done.

use super::{StoreError, StoreTransaction};
use crate::domain::{Fence, TaskId};

const INSERT: &str = "INSERT INTO decisions (project_id, seq, hash, task_id, attempt, passed)
    VALUES ($1, $2, $3, $4, $5, $6)";

impl StoreTransaction {
    /// Records what gate 2 decided in an entry that is already written.
    pub(crate) async fn insert_decision(
        &mut self,
        fence: &Fence,
        seq: i64,
        hash: &str,
        passed: bool,
    ) -> Result<(), StoreError> {
        self.sql(INSERT).bind(seq).bind(hash).bind(&fence.task_id).bind(fence.attempt).bind(passed).run().await
    }

    /// Tells whether gate 2 let an attempt pass.
    pub(crate) async fn has_passing_decision(&mut self, task: &TaskId, attempt: u32) -> Result<bool, StoreError> {
        self.sql(
            "SELECT EXISTS (SELECT 1 FROM decisions
                WHERE project_id = $1 AND task_id = $2 AND attempt = $3 AND passed)",
        )
        .with((task, attempt))
        .value()
        .await
    }

    /// Reads decision rows after `seq` with the canonical text of the entry that they name, if there is such an entry.
    pub(crate) async fn decisions_page(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, bool, Option<String>)>, StoreError> {
        self.sql(
            "SELECT d.seq, d.passed, e.canonical FROM decisions d
             LEFT JOIN ledger_entries e ON e.project_id = d.project_id AND e.seq = d.seq AND e.hash = d.hash
                  AND e.kind = 'decision' AND e.task_id = d.task_id AND e.attempt = d.attempt
             WHERE d.project_id = $1 AND d.seq > $2 ORDER BY d.seq LIMIT $3",
        )
        .with((after, limit))
        .all()
        .await
    }
}
